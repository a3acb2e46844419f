# A bundle's confidence made honest: temperature, prediction sets and fault gate.
$ braid calibrate --help
Fit a bundle's temperature, prediction sets and fault gate on rows that it was not trained on.
...
$ . "$TEST_DIR/table.sh"; table > people.csv
$ braid train people.csv --target label --exclude id --out run train.epochs=12 > /dev/null
$ braid calibrate run/bundle people.csv --out calibrated --false-alarms 0.1
calibration (60 rows; measured on 5 folds, each by what the others say)
~   temperature +0\.\d{3}
~   log_loss +0\.\d{3} \[.*\] before, 0\.\d{3} \[.*\] after
~   calibration_error +.* before, .* after
~   coverage +1\.000 \[1\.000, 1\.000\], asked 0\.9
~   set_size +1\.\d{3} .*
~   refused +0\.\d{3} .*
~   masked tabular +.* of sound rows, allowed 0\.1
~   masked note +.* of sound rows, allowed 0\.1
Bundle:  calibrated
$ braid show calibrated | grep -c 'asked 0.9'
1
$ braid evaluate calibrated people.csv | grep -E 'coverage|masked tabular'
~   coverage +1\.000 .*
~   masked tabular +0\.\d{3} .*

# Predictions gain columns; a fault is masked, and nothing else to go by is a refusal.
$ printf 'note,age,ward\nfever since monday,33,north\nfever since monday,90000,north\n,90000,\n' > new.csv
$ braid predict calibrated new.csv
row,label,score,score:ill,score:well,missing,set,masked,refused
~ 0,ill,.*,,ill,,no
~ 1,ill,.*,,ill,tabular,no
~ 2,.*,note,(ill;well|well;ill),tabular,yes
$ braid predict calibrated new.csv --no-gate | tail -n 1
~ 2,.*,note,.*,,no
$ braid predict calibrated --note 'fever since monday' --age 90000
ill
~   ill              0\.\d{4}
~   well             0\.\d{4}
set: ill (0.9 coverage)
masked: tabular
$ braid predict calibrated --age 90000 --json
~ .*"missing":\["note"\],"set":\["\w+","\w+"\],"masked":\["tabular"\],"refused":true.*
$ braid predict run/bundle new.csv | head -n 1
row,label,score,score:ill,score:well,missing

# The other verbs know such a bundle, and it is written anew in its place.
$ braid calibrate calibrated people.csv --coverage 0.8 --sets adaptive --false-alarms 0 --json
~ \{"rows":60,"temperature":0\.\d+,"sets":\{"kind":"adaptive","coverage":0\.8,.*"false_alarms":null,"measured":.*
$ braid explain calibrated people.csv --out why > /dev/null
$ braid calibrate run/bundle people.csv --false-alarms 0.1 > /dev/null
$ braid stress run/bundle people.csv --corruptions typos --json > stress.json
$ python3 -c 'import json; print([p["gate"]["masked"] <= 1 for p in json.load(open("stress.json"))["corruptions"][0]["points"][1:]][0])'
True

# Too few rows for what is asked, and what cannot be asked.
$ braid calibrate run/bundle people.csv --out few --coverage 0.99 --false-alarms 0
! coverage 0.99 takes at least 99 rows, got 60: every set holds everything
...
~   set_size +2\.000 \[2\.000, 2\.000\]
...
$ braid calibrate run/bundle people.csv --coverage 1
? 2
! --coverage: expected a share above 0 and below 1, got 1; 0.9 is usual
$ mkdir mine; touch mine/work
$ braid calibrate run/bundle people.csv --out mine
? 2
! --out mine: expected a new folder or a bundle, got something else; give another
$ ls mine
work
$ braid calibrate run/bundle people.csv --sets adaptve
? 3
! --sets: unknown kind of sets 'adaptve'; did you mean 'adaptive'?
$ head -n 10 people.csv > ten.csv
$ braid calibrate run/bundle ten.csv
? 4
! calibrate: expected at least 20 labelled rows, got 9
$ grep -v ,ill, people.csv > well.csv
$ braid calibrate run/bundle well.csv
? 4
! calibrate: expected rows of at least two classes, got 30 rows of "well" alone
$ cp -r run/bundle broken; sed -i 's/"temperature"/"temprature"/' broken/calibration.json
$ braid predict broken people.csv
? 4
! broken/calibration.json: expected the key "temperature", which is not there
$ rm broken/calibration.json
$ braid predict broken people.csv
? 5
! broken/calibration.json: cannot open
