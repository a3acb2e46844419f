# What exists. No test names all methods: the registry does.
$ braid list --help
List every registered method.
...

$ braid list | grep -c '^[a-z]*:$'
6

$ braid list fusion | head -n 1
fusion:

$ braid list fusion --json | head -n 1
~ \{"family":"fusion",.*"name":"\w+".*\}

$ braid list fusions
? 2
! unknown family 'fusions'; did you mean 'fusion'?

$ braid list --markdown | head -n 1
= # Methods
