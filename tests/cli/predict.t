# From cells to predictions: a manifest at a time, or one sample by flags.
$ braid predict --help
Predict every row of a manifest, or one sample whose fields are given as flags.
...
$ . "$TEST_DIR/table.sh"; table > people.csv
$ braid train people.csv --target label --out run train.epochs=12 > /dev/null
$ braid predict run/bundle people.csv | head -n 3
id,label,score,score:ill,score:well,missing
~ p0,well,0\.\d{6},0\.\d{6},0\.\d{6},
~ p1,ill,0\.\d{6},0\.\d{6},0\.\d{6},

# Unlabelled rows, a column that is not there, empty cells: missing is no error.
$ printf 'note,age\nfever since monday,\n,33\n' > new.csv
$ braid predict run/bundle new.csv --json
~ \{"row":"0","label":"ill","scores":\{"ill":0\.\d+,"well":0\.\d+\},"missing":\["tabular"\]\}
~ \{"row":"1",.*"missing":\["note"\]\}

# One sample by flags says the same as its row.
$ braid predict run/bundle --note 'fever since monday' --json > flags.json; braid predict run/bundle new.csv --json | head -n 1 | sed 's/"row":"0",//' | cmp - flags.json
$ braid predict run/bundle --note 'fever since monday' --age 33
ill
~   ill              0\.\d{4}
~   well             0\.\d{4}

$ braid predict run/bundle people.csv --out all.csv; wc -l < all.csv
61

$ braid predict run/bundle --agee 3
? 3
! unknown field 'agee'; did you mean 'age'?
$ braid predict run/bundle --age old
? 4
! field "age": expected a number, got "old"
$ braid predict run/bundle
? 2
! predict: expected a manifest or the fields of one sample (--FIELD VALUE), got neither

# A bad row stops the run, or is left out, counted and listed.
$ printf 'note,age\nfever,old\nfever,33\n' > bad.csv
$ braid predict run/bundle bad.csv
? 4
! bad.csv:2: field "age": expected a number, got "old"
$ braid predict run/bundle bad.csv --skip-bad
row,label,score,score:ill,score:well,missing
~ 1,ill,.*,
! 1 of 2 rows
