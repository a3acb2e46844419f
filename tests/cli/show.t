$ braid show --help >/dev/null
