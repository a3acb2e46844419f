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

# One modality late against the others, and nothing else.
$ braid stress run/bundle people.csv --skew 40ms
? 2
! --skew: expected a modality with a clock (audio, video, series), got none in the bundle
$ mkdir wrist && for i in $(seq 0 39); do awk -v i=$i 'BEGIN {srand(i); print "time_s,x"; for (t = 0; t < 20; ++t) printf "%.1f,%.3f\n", t / 10, (i % 2) * (t > 9) + 0.1 * rand()}' > wrist/$i.csv; done
$ awk 'BEGIN {print "label,wrist,age"; for (i = 0; i < 40; ++i) printf "%s,wrist/%d.csv,%d\n", i % 2 ? "up" : "flat", i, 20 + i * 7 % 40}' > moves.csv
$ braid train moves.csv --target label --out moves train.epochs=8 > /dev/null
$ braid stress moves/bundle moves.csv --skew 0,500ms,-500ms --out late --json | python3 -c "
> import json, sys
> print([(c['modality'], c['name'], [p['at'] for p in c['points'][1:]]) for c in json.load(sys.stdin)['corruptions']])
> "
[('wrist', 'late', [-500.0, 0.0, 500.0]), ('wrist', 'jitter', [500.0])]
$ braid stress moves/bundle moves.csv --skew 40ms --corruptions typos
? 2
! --skew: expected no --corruptions beside it, got both; give one of them
