$ braid predict --help >/dev/null
