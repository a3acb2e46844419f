$ braid train --help >/dev/null
