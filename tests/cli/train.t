# One model: plan, run folder, bundle; the same seed gives the same bits, and a run is continued to the same ones.
$ braid train --help
Train one model from a config or a manifest, and write a run folder with a bundle.
=
Usage: braid train CONFIG|MANIFEST [key=value ...] [options]
...
$ . "$TEST_DIR/table.sh"; table > people.csv
$ braid train people.csv --target label --dry-run
~ rows        \d+ train, \d+ validation, \d+ test
task        binary, 2 outputs
modality    tabular (tabular) through tabular_mlp
modality    note (text) through text_transformer
~ fusion      \w+ \(\w+\)
~ parameters  \d+
$ test ! -e runs

$ braid train people.csv --target label train.epochs=3 > result.txt
! train 100%
$ tail -n 3 result.txt
Run:     runs/0001
Bundle:  runs/0001/bundle
Next:    braid predict runs/0001/bundle MANIFEST
$ ls runs/0001/bundle
config.json
metrics.json
model.safetensors
preparation.json
vocab-note.txt
$ wc -l < runs/0001/metrics.jsonl
3

# The same seed: the same bits. Another seed: others.
$ braid train people.csv --target label train.epochs=3 --out again > /dev/null; cmp runs/0001/bundle/model.safetensors again/bundle/model.safetensors
$ braid train people.csv --target label train.epochs=3 --seed 2 --out other > /dev/null; cmp -s again/bundle/model.safetensors other/bundle/model.safetensors
? 1

# Rounded factors: other bits, and the run says so.
$ braid train people.csv --target label train.epochs=3 --precision bf16 --out rounded > /dev/null; cmp -s again/bundle/model.safetensors rounded/bundle/model.safetensors || grep -o '"precision": "[a-z0-9]*"' rounded/config.json
"precision": "bf16"

# A config file is the same as flags, and the effective config of a run repeats it.
$ printf 'data:\n  manifest: people.csv\n  target: label\ntrain:\n  epochs: 3\n' > people.yaml
$ braid train people.yaml --out by_config > /dev/null; cmp by_config/bundle/model.safetensors again/bundle/model.safetensors
$ braid train again/config.json --out repeated > /dev/null; cmp repeated/bundle/model.safetensors again/bundle/model.safetensors

# A finished run is not overwritten by accident.
$ braid train people.csv --target label --out again
? 2
! again: expected a new folder, got one that holds a run; continue it with --resume again

# Killed at any moment, it continues to the same bits.
$ braid train people.csv --target label train.epochs=3 --out killed > /dev/null 2>&1 & sleep 1.2; kill -9 $! 2>/dev/null; wait; true
$ if [ -e killed/run.json ]; then braid train --resume killed > /dev/null; cmp killed/bundle/model.safetensors again/bundle/model.safetensors; fi
