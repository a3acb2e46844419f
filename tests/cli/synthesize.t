$ braid synthesize --help >/dev/null
