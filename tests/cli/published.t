# Encoders that start from published folders (goldens/pipelines), from the command line alone.
@ needs test -d "${BRAID_GOLDENS:-$TEST_DIR/../../../shared/goldens}/pipelines" -- no goldens folder
$ cp -r "${BRAID_GOLDENS:-$TEST_DIR/../../../shared/goldens}/pipelines/sentence_bert" bert && chmod -R u+w bert
$ braid show bert
checkpoint  bert
family      bert
...
text        encoder bert: Post-norm Transformer over WordPiece tokens, as published for BERT.
~   reads       up to 64 tokens of 30522 ids
~   gives       tokens of 20 features, pooled by mean, embedding of 20
~   parameters  624264, loaded in \d\.\d+ s
...
$ for i in 1 2 3 4 5 6 7 8 9; do echo "a,train,a small red cat $i,$i"; echo "b,train,the big blue house $i,$i"; done > rows
$ for i in 1 2 3; do echo "a,val,one red cat $i,1"; echo "b,val,some house $i,2"; echo "a,test,a cat $i,3"; echo "b,test,a house $i,1"; done >> rows
$ (echo label,split,note,x; cat rows) > m.csv
$ cat > c.yaml <<END
> data: {manifest: m.csv, target: label, kinds: {note: text}}
> model: {encoders: {note: {from: bert}}}
> train: {epochs: 2}
> END
$ braid train c.yaml --out run > /dev/null
# The bundle holds all it needs.
$ rm -r bert
$ braid evaluate run/bundle m.csv | head -n 1
test (30 rows)
$ test -f run/bundle/tokenizer-note.json && grep -c "from" run/bundle/config.json
1
# Its encoder starts another run, which says so where the folder is gone.
$ braid train c.yaml --out again model.encoders.note.from=run/bundle train.tuning.encoders.note=lora > /dev/null
$ braid train c.yaml --out gone
? 5
! bert: expected a model's folder, got nothing there
$ braid train c.yaml --out wrong model.encoders.note.from=run/bundle model.encoders.note.name=vit
? 3
! the folder's encoder is bert, the config's 'vit'; leave the name out
$ braid train c.yaml --out typo model.encoders.note.from=run/bundle train.tuning.encoders.note=lorra
? 3
! train.tuning.encoders.note: expected frozen, bias, lora or full, got "lorra"
