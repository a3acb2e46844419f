# What each modality contributes to a bundle's predictions.
$ braid explain --help
Say what each modality contributes to a bundle's predictions, alone and with the others.
...
$ . "$TEST_DIR/table.sh"; table > people.csv
$ braid train people.csv --target label --exclude id --out run train.epochs=12 > /dev/null
$ braid explain run/bundle people.csv --out why
60 rows; contributions to accuracy, all above 0 help
=
~ modality +contributes +alone +lost without +leads in
...
~ note +\+0\.\d+ \[.*\] .*%
...
~ note contributes \+0\.\d+ of accuracy\.
...
Report:  why/report.html
Rows:    why/samples.csv
$ head -1 why/samples.csv; wc -l < why/samples.csv
row,output,without_any,tabular,note,score
61
$ grep -c '<svg' why/report.html
2

# Contributions add up to the difference between all modalities and none.
$ braid explain run/bundle people.csv --out why --json > explain.json
$ python3 - <<END
> import json
> e = json.load(open("explain.json"))
> assert e == json.load(open("why/explain.json"))
> total = sum(c["shapley"]["mean"] for c in e["contributions"])
> print(abs(total - (e["subsets"][-1]["mean"] - e["subsets"][0]["mean"])) < 1e-9, e["task"], e["fusion"])
> END
~ True binary \w+

$ awk -F, 'NR == 1 || $2 == "ill"' people.csv > ill.csv
$ braid explain run/bundle ill.csv
? 4
! explain: expected rows of at least two classes, got 30 rows of "ill" alone
$ braid explain run/bundle people.csv --metric rmse
? 3
! --metric: 'rmse' does not fit a binary target
$ braid train people.csv --target label --out single model.modalities=[note] train.epochs=1 > /dev/null
$ braid explain single/bundle people.csv
? 2
! explain: expected a bundle of 2 to 10 modalities, got 1; contributions are shares among several
$ braid explain run/bundle absent.csv
? 5
! absent.csv
