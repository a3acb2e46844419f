# From samples to a folder of embeddings, which is a data set itself.
$ braid embed --help
Turn samples of one modality into vectors, by a shared space, a bundle or a published encoder.
...
$ . "$TEST_DIR/spaces.sh"; train_pairs; test -d run/space
$ braid embed run/space pairs.csv --modality note --keep animal --out notes
108 vectors of 16 numbers, note: notes
! 12 of 120 have no note and are left out.
$ ls notes
embeddings.npy
manifest.csv
$ head -n 2 notes/manifest.csv
id,modality,text,split,animal,embedding
p0,note,the red cat,train,cat,embeddings.npy#0
$ tail -n 1 notes/manifest.csv
p118,note,the black owl,val,owl,embeddings.npy#107

# A classifier learns from the vectors alone.
$ braid train notes/manifest.csv --target animal --fields embedding train.epochs=20 --out model > /dev/null
$ braid evaluate model/bundle notes/manifest.csv --split test --json | sed 's/.*"accuracy":{"mean":\([0-9.]*\).*/\1/' | awk '{ if ($1 >= 0.9) print "learned"; else print }'
learned

# One split, another column, numbers in columns; rows without an id have their number.
$ braid embed run/space pairs.csv --modality tabular --split test --out numbers
20 vectors of 16 numbers, tabular: numbers
$ head -n 2 numbers/manifest.csv
id,modality,split,embedding
p5,tabular,test,embeddings.npy#0
$ printf 'words,x\nthe red cat,1\n' > other.csv
$ braid embed run/space other.csv --modality note --column words --out other > /dev/null; cat other/manifest.csv
id,modality,text,embedding
0,note,the red cat,embeddings.npy#0

# Words as they are; the same vector as the row's.
$ braid embed run/space 'the red cat' 'the blue owl' --modality note --json
~ \{"id":"the red cat","modality":"note","embedding":\[(-?[0-9.e-]+,){15}-?[0-9.e-]+\]\}
~ \{"id":"the blue owl",.*
$ test ! -e embeddings
$ braid embed run/space other.csv --modality note --column words --json | sed 's/"id":"[^"]*",//' > row.json; braid embed run/space 'the red cat' --modality note --json | sed 's/"id":"[^"]*",//' | cmp - row.json

# A bundle that predicts has vectors too.
$ braid embed model/bundle notes/manifest.csv --modality embedding --out again | sed 's/of [0-9]* numbers/of some numbers/'
108 vectors of some numbers, embedding: again

$ braid embed run/space pairs.csv
? 2
! --modality: expected the name of one, got none; run/space has tabular (tabular), note (text)
$ braid embed run/space pairs.csv --modality notes
? 2
! --modality: run/space: unknown modality 'notes'; did you mean 'note'? (known: tabular, note)
$ braid embed run/space other.csv --modality note
? 4
! other.csv: expected the column "note" of the modality note, got words, x; name another with --column
$ braid embed run/space pairs.csv --modality note --column nota
? 4
! pairs.csv: unknown column 'nota'; did you mean 'note'?
$ braid embed run/space pairs.csv --modality note --split validation
20 vectors of 16 numbers, note: embeddings
$ braid embed run/space pairs.csv --modality note --split later
? 4
! pairs.csv: expected rows with split later, got none
$ braid embed run/space ' ' --modality note
? 4
! text 1: expected a value of the modality note, got none
$ braid embed run/space 1.5 --modality tabular
? 2
! 1.5: expected a manifest for the modality tabular, whose values stand in columns
$ braid embed run/space word --modality note --keep animal
? 2
! --keep animal: expected a manifest, got files or texts
$ braid embed run/space pairs.csv --modality note --keep animals
? 2
! --keep: unknown column 'animals'; did you mean 'animal'?
$ braid embed pairs.csv pairs.csv
? 5
! pairs.csv
$ braid embed run/space pairs.csv --modality note --out run
? 2
! run: expected a new folder or a table of embeddings
