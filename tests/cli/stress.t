# How a bundle fares when modalities are missing, corrupted and paired wrongly.
$ braid stress --help
Measure a bundle with modalities missing, corrupted and paired wrongly.
...
$ . "$TEST_DIR/table.sh"; table > people.csv
$ braid train people.csv --target label --exclude id --out run train.epochs=12 > /dev/null
$ braid stress run/bundle people.csv --out hard
~ 60 rows; accuracy 1\.000 \[1\.000, 1\.000\] as they are
...
~ modality +absent +absent in half +shuffled
...
~ note +0\.\d+ .*
...
~ tabular +missing_columns .*
~ note +typos .*
...
Report:  hard/report.html
$ braid stress run/bundle people.csv --out hard --corruptions typos,word_drop --json > stress.json
$ python3 - <<END
> import json
> s = json.load(open("stress.json"))
> assert s == json.load(open("hard/stress.json"))
> print([c["name"] for c in s["corruptions"]], len(s["missing_at_random"]), s["shuffled"][0]["modality"])
> END
['typos', 'word_drop'] 3 tabular
# Against itself nothing is gained or lost.
$ braid stress run/bundle people.csv --baseline run/bundle --corruptions typos --json | python3 -c "
> import json, sys
> s = json.load(sys.stdin)
> print(s['baseline'], {c['effective_robustness'] for c in s['corruptions'] + s['missing_at_random']})
> "
run/bundle {0.0}
$ braid stress run/bundle people.csv --corruptions typo
? 3
! unknown corruption 'typo'; did you mean 'typos'?
$ braid stress run/bundle people.csv --metric rmse
? 3
! --metric: 'rmse' does not fit a binary target
