# A space of words and numbers: plan, run folder, metrics, the same seed gives the same bits, and a model starts from it.
$ braid contrast --help
Train encoders of several modalities into one space, by which rows belong together, and write a run folder with the space.
=
Usage: braid contrast CONFIG|MANIFEST [key=value ...] [options]
...
$ awk 'BEGIN { split("red green blue black white", c, " "); split("cat dog owl fox", a, " "); print "split,kind,x,y,note"; for (i = 0; i < 120; ++i) printf "%s,%s,%d.5,%d.5,the %s %s\n", i % 6 == 4 ? "val" : i % 6 == 5 ? "test" : "train", i * 7 % 11 < 5 ? "mine" : "yours", i % 5, i % 4, c[i % 5 + 1], a[i % 4 + 1] }' > pairs.csv
$ printf 'data:\n  manifest: pairs.csv\n  target: kind\n  kinds: {note: text}\nmodel:\n  encoders: {note: {name: ngram, width: 32}, tabular: {width: 32}}\nspace: {width: 16}\ntrain: {batch_size: 20, epochs: 2, lr: 0.01}\n' > pairs.yaml
$ braid contrast pairs.yaml --dry-run
rows        80 train, 20 validation, 20 test
modality    tabular (tabular) through tabular_mlp
modality    note (text) through ngram
space       16 numbers, infonce, projection linear
~ parameters  \d+
$ test ! -e runs

$ braid contrast pairs.yaml train.epochs=20 train.patience=0 --threads 1 > result.txt
! contrast 100%
$ grep -A 3 "^test" result.txt
test (20 rows)
~  +R@1 +R@5 +R@10 +median rank +mAP
~   tabular -> note +[01]\.\d+ \[.*
~     chance +0\.\d+ +0\.\d+ +[01]\.\d+
$ grep -c "linear probe, accuracy" result.txt
2
$ tail -n 2 result.txt
Run:     runs/0001
Space:   runs/0001/space
$ ls runs/0001 runs/0001/space
runs/0001:
config.json
metrics.json
metrics.jsonl
run.json
space
=
runs/0001/space:
config.json
metrics.json
model.safetensors
preparation.json
vocab-note.txt
$ wc -l < runs/0001/metrics.jsonl
20
$ braid show runs/0001/space
space       runs/0001/space
modality    tabular (tabular)
modality    note (text)
~ encoder     note: .*
~ encoder     tabular: .*
~ vectors     16 numbers, infonce, scale \d+\.\d+
...

# What the numbers say of the words is learned: five colours times four animals are there to be told apart.
$ sed -n 's/^  tabular -> note *\([0-9.]*\).*/\1/p' result.txt | awk 'END { if ($1 >= 0.8) print "learned"; else print $1 }'
learned

# The same seed: the same bits. Another seed, or without targets: other files.
$ braid contrast pairs.yaml --out one --json > one.json; braid contrast pairs.yaml --out two --threads 1 > /dev/null; cmp one/space/preparation.json two/space/preparation.json
$ wc -l < one.json
3
$ braid contrast pairs.yaml --threads 1 --out three > /dev/null; cmp two/space/model.safetensors three/space/model.safetensors
$ braid contrast pairs.yaml --threads 1 --seed 2 --out four > /dev/null; cmp -s two/space/model.safetensors four/space/model.safetensors
? 1
$ braid contrast pairs.yaml data.target= --exclude kind space.loss=sigmoid space.chunk=7 --out five | grep -c "linear probe"
? 1
0

# A model that predicts starts from it; it is no such model itself.
$ braid train pairs.csv --target kind data.kinds.note=text model.encoders.note.from=runs/0001/space train.epochs=2 --out model | tail -n 3 | head -n 1
Run:     model
$ braid predict runs/0001/space pairs.csv
? 4
! runs/0001/space: expected a bundle that predicts, got a shared space; use 'braid embed' on it

# Keys that do not apply are refused.
$ braid contrast pairs.yaml model.fusion.name=concat
? 3
! unknown config key 'model.fusion'
$ braid contrast pairs.yaml space.loss=sigmoid space.noise=0.1 --out six
? 3
! space.loss: sigmoid has no use for space.hardness and space.noise
$ braid contrast pairs.yaml --fields note --out seven
? 3
! model.modalities: a shared space needs at least two modalities, got 1 (note)
$ braid contrast pairs.yaml --out one
? 2
! one: expected a new folder, got one that holds a run
