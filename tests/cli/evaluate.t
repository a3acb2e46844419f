$ braid evaluate --help >/dev/null
