# One method, bundle or file in detail.
$ braid show --help
Show one method with its keys, a bundle, a shared space, the folder of a published checkpoint, or a media file.
...
# Every registered method can be shown.
$ for name in $(braid list --json | sed 's/.*"name":"\([a-z0-9_]*\)".*/\1/' | sort -u); do braid show $name > /dev/null || echo "$name failed"; done
$ braid show concat | head -n 1
fusion concat (early)
$ braid show concta
? 2
! unknown method, folder or media file 'concta'; did you mean 'concat'?
$ . "$TEST_DIR/table.sh"; table > people.csv
$ braid train people.csv --target label --out run train.epochs=1 > /dev/null
$ braid show run/bundle
bundle      run/bundle
task        binary "label"
labels      ill, well
field       age (numeric)
...
~ validation \(\d+ rows\)
...
# A published checkpoint of a family that is none of the encoders'.
$ mkdir gpt && echo '{"model_type": "gpt2"}' > gpt/config.json
$ braid show gpt
? 3
! gpt: unknown model_type 'gpt2' (known: 
$ mkdir empty
$ braid show empty
? 2
! unknown method, folder or media file 'empty'
