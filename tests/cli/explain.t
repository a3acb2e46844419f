# What each modality contributes to a bundle's predictions.
$ braid explain --help
Say what each modality contributes to a bundle's predictions, alone and with the others; where its attention goes; and what in single rows speaks for the prediction.
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
$ grep -c '<section id="\(attention\|attribution\|samples\)">' why/report.html
3
$ grep -c '<article class="card">' why/report.html
6
$ grep -c 'https*://' why/report.html
? 1
0

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

# Attention, attribution and single rows: of a fusion that has attention, and of one that has none.
$ braid train people.csv --target label --exclude id --out merged model.fusion.name=merged train.epochs=12 > /dev/null
$ braid explain merged/bundle people.csv --out merged/why --samples 3 > merged/table
$ tr '\n' ' ' < merged/table | grep -o 'than random  *order' | wc -l
3
$ python3 - <<END
> import json
> e = json.load(open("merged/why/explain.json"))
> a, s = e["attention"], e["samples"]
> print(a["groups"], len(a["layers"]), a["flow"]["from"][-1], len(s), a["rows"], e["attribution"]["rows"])
> print(all(abs(sum(row) - 1) < 1e-6 for row in a["flow"]["shares"]))
> words = [m for m in s[0]["modalities"] if m["kind"] == "text"][0]["parts"]
> print(sorted(words[0]), all(abs(x["gradients"]["gap"]) < 0.05 for x in s))
> print(" ".join(w["name"] for w in words) in open("people.csv").read())
> print(json.load(open("why/explain.json"))["attention"])
> END
['tabular', 'note', 'class token'] 2 prediction 3 60 60
True
['attention', 'gradients', 'name', 'occlusion'] True
True
~ None|\{.*
$ braid explain merged/bundle people.csv --out none --samples 0 > /dev/null; grep -c '<article' none/report.html
? 1
0
$ braid explain merged/bundle people.csv --samples 61
? 2
! --samples: expected at most the 60 labelled rows, got 61
$ braid explain merged/bundle people.csv --samples=-1
? 2
! --samples

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
