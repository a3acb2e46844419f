# The nearest rows of an index, in any direction.
$ braid search --help
Find the nearest rows of an index by cosine, across modalities where they share a space.
...
$ . "$TEST_DIR/spaces.sh"; train_pairs; test -d run/space
$ braid embed run/space pairs.csv --modality note --split test --out notes > /dev/null; braid embed run/space pairs.csv --modality tabular --keep note --out numbers > /dev/null
$ braid index notes numbers --out found > /dev/null
# A text that is in the index is its own nearest row.
$ head -n 2 notes/manifest.csv
id,modality,text,split,embedding
p5,note,the red dog,test,embeddings.npy#0
$ braid search found run/space --text 'the red dog' -k 2
rank   score  id   modality  path or text
----  ------  ---  --------  ------------
   1  1.0000  p5   note      the red dog
~    2  [01]\.\d{4}  .*
# From words to numbers: rows of the same colour and animal.
$ braid index numbers --out figures > /dev/null; braid search figures run/space --text 'the red dog' --top 3 --json | grep -c '"note":"the red dog"'
3
# From numbers to words, row by row.
$ braid index notes --out words > /dev/null; braid search words run/space --manifest pairs.csv --modality tabular --split test --top 1 --json | head -n 1
~ \{"query":"p5","rank":1,"score":0\.\d+,"id":"p5","modality":"note","text":"the red dog","split":"test"\}
$ braid search words run/space --manifest pairs.csv --modality tabular --split test -k 1 | head -n 3
query  rank   score  id   modality  path or text
-----  ----  ------  ---  --------  -------------
~ p5        1  0\.\d{4}  p5   note      the red dog
# A vector needs no space; exact and hnsw agree.
$ braid search found --embedding notes/embeddings.npy#0 -k 3 > exact.txt; head -n 3 exact.txt
rank   score  id   modality  path or text
----  ------  ---  --------  ------------
   1  1.0000  p5   note      the red dog
$ braid index notes numbers --out graph --method hnsw > /dev/null; braid search graph --embedding notes/embeddings.npy#0 -k 3 | cmp - exact.txt
$ braid search found --embedding notes/embeddings.npy --top 1 --json | wc -l | tr -d ' '
16

$ braid search found run/space --image a.png
? 2
! --image: run/space: expected a modality of image, got tabular (tabular), note (text)
$ braid search found run/space --text ''
? 2
! --text: expected a text, got nothing
$ braid search found run/space
? 2
! search: expected one of --text, --image, --audio, --video, --embedding and --manifest, got 0
$ braid search found --text cat
? 2
! --text: expected the space that makes its vector: braid search INDEX SPACE --text ...; got the index alone
$ braid search found run/space --text cat -k 0
? 2
! --top 0: expected at least 1
$ braid search notes run/space --text cat
? 4
! notes: expected an index with vectors and rows.csv, got none; make one with 'braid index'
$ braid contrast pairs.csv --fields x,y,note --kind note=text train.epochs=1 space.width=8 --out narrow > /dev/null
$ braid search found narrow/space --text cat
? 4
! narrow/space: expected vectors of 16 numbers as in the index found, got 8; search with the space that its rows were embedded with
$ braid search found --embedding notes/embeddings.npy#16
? 4
! 16
$ braid embed narrow/space pairs.csv --modality note --out few > /dev/null; braid search found --embedding few/embeddings.npy
? 4
! --embedding few/embeddings.npy: expected vectors of 16 numbers as in the index found, got 8
$ head -n 5 found/rows.csv > cut.csv; cp -r found cut && mv cut.csv cut/rows.csv; braid search cut --embedding notes/embeddings.npy#0
? 4
! cut/rows.csv: expected a row for each of 136 vectors, got 4; make the index again
