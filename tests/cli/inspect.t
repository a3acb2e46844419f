# What a data set holds, misses, breaks and leaks.
$ braid inspect --help
Decode every file of a data set and report what is there, missing, broken or leaking.
...
$ . "$TEST_DIR/table.sh"; table > people.csv
$ braid inspect people.csv --target label > seen.txt
$ head -n 1 seen.txt
people.csv: 60 rows
$ grep -c "'ill' *30 *50.0%" seen.txt
1

# A constant column is a finding, and --check makes findings an exit code.
$ sed '1s/$/,hospital/; 2,$s/$/,main/' people.csv > constant.csv
$ braid inspect constant.csv --target label --check > found.txt
? 1
$ grep -ci 'constant' found.txt | sed 's/[1-9][0-9]*/some/'
some
$ braid inspect constant.csv --target label --json
~ \{.*"has_findings":true.*\}

# The same group on both sides of a split is a leak; with --group it cannot happen.
$ awk -F, 'NR == 1 {print $0 ",person,split"} NR > 1 {print $0 ",q" int(NR / 4) "," (NR % 5 ? "train" : "test")}' people.csv > leaky.csv
$ braid inspect leaky.csv --target label --group person > leak.txt
$ grep -ci 'person' leak.txt | sed 's/[1-9][0-9]*/some/'
some

# A config of a run or a comparison is read for its data; what is about training is left to the verbs that train.
$ printf 'data:\n  manifest: people.csv\n  target: label\ntrain:\n  epochs: 3\ncompare:\n  seeds: 2\n' > run.yaml
$ braid inspect run.yaml | head -n 1
people.csv: 60 rows
$ braid inspect people.csv --target label splt.test=0.3
? 3
! unknown config key 'splt'; did you mean 'split'?
