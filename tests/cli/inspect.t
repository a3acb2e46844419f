$ braid inspect --help >/dev/null
