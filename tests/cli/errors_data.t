# Manifests that say too little, too much or the wrong thing: one line that names file, line and column.
$ . "$TEST_DIR/table.sh"; table > people.csv

$ braid compare nothing.csv --target label
? 5
! nothing.csv: cannot open: No such file or directory

$ braid compare people.csv --target lable
? 4
! people.csv: target: unknown column 'lable'; did you mean 'label'? (known: id, label, age, ward, note)

$ braid train people.csv --target label --fields aeg
? 4
! fields: unknown column 'aeg'; did you mean 'age'?

$ braid train people.csv --target label --group person
? 4
! group: unknown column 'person'

$ head -n 1 people.csv > empty.csv
$ braid compare empty.csv --target label
? 4
! empty.csv: expected one row per sample, got the header alone; add rows

$ : > zero.csv
$ braid compare zero.csv --target label
? 4
! zero.csv:1: expected a line of column names, got an empty file

# Wrong type in one row: line 5 of the file.
$ sed '5s/,[0-9]*,/,old,/' people.csv > word.csv
$ braid train word.csv --target label --kind age=numeric
? 4
! word.csv:5: column "age": expected a number, got "old"; correct the cell or set kinds.age=category

$ sed '5s/,[0-9]*,/,nan,/' people.csv > nan.csv
$ braid train nan.csv --target label
? 4
! nan.csv:5: column "age": expected a finite number, got "nan"; leave the cell empty where the value is missing

# With --skip-bad the row is left out, counted and listed.
$ braid inspect nan.csv --target label --skip-bad > inspected.txt
! warning: nan.csv:5: column "age": expected a finite number
$ head -n 1 inspected.txt
~ nan.csv: 59 rows.*

$ sed '7s/$/,surplus/' people.csv > ragged.csv
$ braid train ragged.csv --target label
? 4
! ragged.csv:7:

$ sed 's/,well,/,ill,/' people.csv > one.csv
$ braid train one.csv --target label
? 4
! one.csv: column "label": target: expected at least 2 classes, got one ('ill')

# All rows of a class in one split.
$ awk -F, 'NR == 1 {print $0 ",split"} NR > 1 {print $0 "," ($2 == "ill" ? "train" : "test")}' people.csv > sided.csv
$ braid train sided.csv --target label
? 4
! class 'well': expected rows in train, got none

$ printf '{"label": "a", "x": 1}\n{"label": "b", "x": }\n' > broken.jsonl
$ braid train broken.jsonl --target label
? 4
! broken.jsonl:2

# No run folder was begun.
$ test ! -e runs
