# Several folders of embeddings as one index.
$ braid index --help
Build an index over one or several folders of embeddings of one space.
...
$ . "$TEST_DIR/spaces.sh"; train_pairs; test -d run/space
$ braid embed run/space pairs.csv --modality note --out notes > /dev/null; braid embed run/space pairs.csv --modality tabular --keep animal --out numbers > /dev/null
$ braid index notes numbers --out found
228 vectors of 16 numbers, exact: found
$ ls found found/vectors
found:
rows.csv
vectors
=
found/vectors:
index.json
index.safetensors
$ head -n 2 found/rows.csv; tail -n 1 found/rows.csv
id,modality,text,split,animal
p0,note,the red cat,train,
p119,tabular,,test,fox

# It takes an earlier index' place, and nothing else's.
$ braid index notes --out found --method hnsw --links 8 --json
{"rows":108,"width":16,"method":"hnsw","index":"found"}
$ grep links found/vectors/index.json
    "links": 8,
$ braid index notes --out run
? 2
! run: expected a new folder or an index, got one that holds something else
$ test -d run/space

$ braid index notes
? 2
! --out: expected the folder to write, got none
$ braid index --out other
? 2
! expected: braid index EMBEDDINGS ... --out DIR; got no folder
$ braid index pairs.csv --out other
? 5
! pairs.csv
$ braid index notes --out other --method hsnw
? 3
! index.method: expected one of exact, hnsw, got 'hsnw'
$ braid contrast pairs.csv --fields x,y,note --kind note=text train.epochs=1 space.width=8 --out narrow > /dev/null; braid embed narrow/space pairs.csv --modality note --out few > /dev/null
$ braid index notes few --out other
? 4
! few: expected vectors of 16 numbers as in notes, got 8; embed both with one space
$ test ! -e other
