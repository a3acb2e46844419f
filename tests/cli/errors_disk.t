# A folder that cannot be used and a disk that fills up while saving: one line, and nothing half-written.
$ . "$TEST_DIR/table.sh"; table > people.csv
$ braid train people.csv --target label --out people.csv/run train.epochs=1
? 5
! people.csv/run: cannot create the folder: Not a directory

# Files may grow to 32 kB: checkpoints of this model are larger, as on a full disk.
$ (ulimit -f 64; braid train people.csv --target label --out full train.epochs=1)
? 5
! cannot write
$ find . -name '*.tmp' -o -name '*.partial' -o -name bundle

# What was there before is untouched when saving fails.
$ braid train people.csv --target label --out run train.epochs=1 > /dev/null
$ braid predict run/bundle people.csv --out predictions.csv; cp predictions.csv before.csv
$ (ulimit -f 1; braid predict run/bundle people.csv --out predictions.csv)
? 5
! predictions.csv: cannot write
$ cmp predictions.csv before.csv && ls | grep predictions
predictions.csv

# Results on stdout count as well.
$ braid predict run/bundle people.csv > /dev/full
? 5
! stdout: cannot write
$ braid list > /dev/full
? 5
! cannot write
