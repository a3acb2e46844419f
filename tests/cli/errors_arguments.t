# Words on the command line and keys in a config that do not exist or do not fit: one line and the nearest name.
$ . "$TEST_DIR/table.sh"; table > people.csv

$ braid trian people.csv
? 2
! unknown verb 'trian'; did you mean 'train'?

$ braid train people.csv --taget label
? 2
! unknown option '--taget'; did you mean '--target'?

$ braid compare people.csv
? 2
! compare: expected a target; add --target NAME (a column of people.csv)

$ braid train people.csv --target label --threads many
? 2
! --threads

# A YAML key that does not exist, and one in an override.
$ printf 'data:\n  manifest: people.csv\n  target: label\ntrain:\n  epcohs: 3\n' > unknown.yaml
$ braid train unknown.yaml
? 3
! unknown config key 'train.epcohs'; did you mean 'train.epochs'?

$ braid train people.csv --target label train.epcohs=3
? 3
! unknown config key 'train.epcohs'; did you mean 'train.epochs'?

$ printf 'data:\n  manifest: people.csv\n target: label\n' > broken.yaml
$ braid train broken.yaml
? 3
! broken.yaml:3: expected YAML

$ printf 'train:\n  epochs: 3\n  epochs: 4\n' > twice.yaml
$ braid train twice.yaml
? 3
! twice.yaml:3: key 'epochs' stands twice

$ braid train people.csv --target label train.epochs=ten
? 3
! train.epochs: expected a whole number, got "ten"

$ braid train people.csv --target label train.lr=-1
? 3
! train.lr: expected a number between 0 and 1, got -1

$ braid train people.csv --target label model.fusion.name=concatt
? 3
! unknown fusion method 'concatt'; did you mean 'concat'?

$ braid compare people.csv --target label --methods concta
? 3
! unknown fusion method 'concta'; did you mean 'concat'?

$ braid compare people.csv --target label --metric accurcy
? 3
! unknown metric 'accurcy'; did you mean 'accuracy'?

$ braid train people.csv --target label --kind age=numerc
? 3
! kinds.age: unknown kind 'numerc'; did you mean 'numeric'?

$ braid train people.csv --target label --device tpu train.epochs=1
? 2
! --device tpu: expected cpu, cuda or cuda:N

$ braid train people.csv --target label --kernels avx1 train.epochs=1
? 3
! kernels: unknown kernels 'avx1'

$ braid train people.csv --target label --precision bf61 train.epochs=1
? 3
! --precision: unknown precision 'bf61'; did you mean 'bf16'?
