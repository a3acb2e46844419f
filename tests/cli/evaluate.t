# How good a bundle is on labelled rows.
$ braid evaluate --help
Measure a bundle on the labelled rows of a manifest.
...
$ . "$TEST_DIR/table.sh"; table > people.csv
$ braid train people.csv --target label --out run train.epochs=12 > /dev/null
$ braid evaluate run/bundle people.csv
test (60 rows)
~   accuracy +1\.000 \[1\.000, 1\.000\]
...
$ braid evaluate run/bundle people.csv --json
~ \{"rows":60,"accuracy":\{"mean":1\.0,"interval":\[1\.0,1\.0\]\}.*

# Half of the labels wrong: half of the accuracy.
$ awk -F, -v OFS=, 'NR > 31 {$2 = $2 == "ill" ? "well" : "ill"} {print}' people.csv > half.csv
$ braid evaluate run/bundle half.csv --json
~ \{"rows":60,"accuracy":\{"mean":0\.5,.*

$ braid evaluate run/bundle people.csv --without tabula
? 2
! --without: unknown modality 'tabula'; did you mean 'tabular'?
$ cut -d, -f1,3- people.csv > unlabelled.csv
$ braid evaluate run/bundle unlabelled.csv
? 4
! unlabelled.csv: expected the target column "label", which is not there; use 'braid predict' for unlabelled rows
