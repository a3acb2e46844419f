# The main job on a small table: table, verdict, report, bundle; and what is done is not done again.
$ braid compare --help
Train every single modality and every fusion on the same splits, and say whether fusing is worth it.
...
$ . "$TEST_DIR/table.sh"; table > people.csv
$ braid compare people.csv --target label --methods concat,average --seeds 2 --out out train.epochs=2 > table.txt
$ ls out | tr '\n' ' '
~ .*best .*compare.json .*report.html .*runs .*
$ for name in concat average tabular note; do grep -q "$name" table.txt || echo "no row for $name"; done
$ tail -n 3 table.txt
Report:  out/report.html
~ Bundle:  out/best \(.+\)
Next:    braid predict out/best MANIFEST

# The document holds what is promised for each method.
$ python3 -c "
> import json
> d = json.load(open('out/compare.json'))
> wanted = ['name', 'family', 'modalities', 'metric', 'difference_to_best_single', 'parameters', 'train_seconds', 'latency_ms']
> for m in d['methods']:
>     for key in wanted:
>         if key not in m: print(m['name'], 'lacks', key)
>     low, high = m['metric']['interval']
>     if not low <= m['metric']['mean'] <= high: print(m['name'], 'mean outside its interval')
> names = [m['name'] for m in d['methods']]
> print(d['winner'] in names, bool(d['subsets']), len(d['verdict']) > 20)
> "
True True True

# The page stands alone: no scripts, styles, images or fonts from elsewhere.
$ grep -cE '(src|href)="(https?:)?//|@import|url\(' out/report.html
? 1
0

# The winner predicts.
$ braid predict out/best people.csv | wc -l
61

# The second run trains nothing and says the same.
$ braid compare people.csv --target label --methods concat,average --seeds 2 --out out train.epochs=2 > second.txt 2> second.log; grep -c 'epoch' second.log
? 1
0
$ grep -h verdict out/compare.json | sort -u | wc -l
1

# What the single modalities show decides; settings are searched; the families stand side by side under stress.
$ braid compare people.csv --target label --exclude id --methods advised --seeds 1 --out advised train.epochs=4 2> /dev/null > advised.txt; grep -c '^advice: ' advised.txt
1
$ braid compare people.csv --target label --exclude id --methods early,average --search --stress --seeds 1 --out searched train.epochs=6 compare.search.keep=1 'compare.search.train={lr: [0.001, 0.01]}' 'compare.costs={note: 3}' 2> /dev/null > searched.txt
$ grep -E '^(search|without note|Lost)' searched.txt
~ search: \d+ epochs in place of \d+ for all candidates
...
$ python3 -c "
> import json
> d = json.load(open('searched/compare.json'))
> print([r['epochs'] for r in d['search']['rungs']], d['pareto']['costs'], [m['family'] for m in d['stress']['methods']])
> print(all('corrected_p' in m['difference_to_best_single'] for m in d['methods'] if m['difference_to_best_single']))
> "
[1, 3] {'tabular': 1.0, 'note': 3.0} ['single', 'early', 'late']
True
$ braid compare people.csv --target label --methods early,lat --out no
? 3
! unknown fusion method 'lat'
$ braid compare people.csv --target label --methods concat --search 'compare.search.train={lr: 0.1}' --out no
? 3
! compare.search.train.lr: expected a list of values to try, got 0.1; write [0.1]
$ braid compare people.csv --target label --methods concat 'compare.costs={notes: 3}' --out no train.epochs=1
? 3
! compare.costs
