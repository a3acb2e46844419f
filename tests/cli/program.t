# The program around the verbs.
$ braid --help
~ Braid \d+\.\d+\.\d+: .*
=
Usage: braid VERB [...]
...
  braid compare MANIFEST --target COLUMN
...

$ braid >/dev/null
? 2

# Every verb has a help that fits a screen, opens with its purpose and names no unknown verb.
$ for verb in $(braid --help | sed -n '/^Verbs:/,/^$/p' | sed -n 's/^  \([a-z]*\) .*/\1/p'); do braid $verb --help > help.txt || echo "$verb failed"; [ $(wc -l < help.txt) -le 50 ] || echo "$verb: $(wc -l < help.txt) lines"; grep -q '^Examples:' help.txt || echo "$verb: no examples"; done

# A full disk is an error, not silence.
$ braid version > /dev/full
? 5
! stdout: cannot write
