$ braid compare --help >/dev/null
