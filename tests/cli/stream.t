# Recorded streams through a bundle: what `braid predict` says of the same samples, as measurements come.
$ braid stream --help
Replay recorded streams through a bundle as they came, with a decision for each window.
...
$ awk 'BEGIN {print "time,x,y"; for (i = 0; i < 1200; ++i) printf "%.2f,%.4f,%d\n", i / 20, sin(i / 9) * (int(i / 200) % 2 + 1), i % 7}' > fast.csv
$ awk 'BEGIN {print "time,u"; for (i = 0; i < 60; ++i) if (i < 20 || i > 30) printf "%d,%d\n", i, (int(i / 10) % 2) * 4 + i % 3}' > slow.csv
$ printf 'stream,file,method,tolerance\nfast,fast.csv,mean,\nslow,slow.csv,previous,1500ms\n' > s.csv
$ braid align s.csv --rate 5 --window 2s --hop 1s --out samples > /dev/null

# Labels of the windows, for a model to learn.
$ awk -F, 'NR == 1 {print $0 ",label"} NR > 1 {print $0 "," (int($2 / 10) % 2 ? "high" : "low")}' samples/manifest.csv > samples/labelled.csv
$ braid train samples/labelled.csv --target label --exclude id,t_start,t_end --kind fast=series,slow=series --out run train.epochs=2 > /dev/null

# As fast as possible: the labels and scores of the samples, row by row. Batches of rows differ from single ones in the last bits.
$ braid stream run/bundle s.csv --plan samples/report.json --as-fast --out live.csv | head -n 2
time          label            score  present                   staleness
~ 2 s           (low|high) +0\.\d{4}  fast,slow                 0\.05 s, 1\.00 s
$ braid predict run/bundle samples/labelled.csv --out files.csv; cut -d, -f2-6 files.csv > a; cut -d, -f3-7 live.csv > b; wc -l < b
60
$ paste -d, a b | awk -F, 'NR > 1 && ($1 != $6 || $5 != $10 || ($2 - $7) ^ 2 > 1e-10 || ($3 - $8) ^ 2 > 1e-10) {print NR ": " $0}'
$ head -n 1 live.csv
t_start,t_end,label,score,score:high,score:low,missing,staleness:fast,encoding:fast,staleness:slow,encoding:slow

# The silent stream is missing, and nothing waits for it.
$ sed -n 27p live.csv | cut -d, -f1,2,7-
25,27,slow,0.050,new,,kept
$ braid stream run/bundle s.csv --plan samples/report.json --as-fast --json > all.json; wc -l < all.json; sed -n 27p all.json
59
~ \{"t_start":26\.0,"t_end":28\.0,"label":"(low|high)","scores":\{.*\},"missing":\["slow"\],"modalities":\{"fast":\{"present":true,"staleness_s":0\.05\d*,"encoding":"new"\},"slow":\{"present":false,"staleness_s":null,"encoding":"kept"\}\},"latency_ms":[\d.e-]+\}

# In real time, a hundred times as fast; the summary is on stderr.
$ braid stream run/bundle s.csv --plan samples/report.json --speed 100 --json 2> summary | wc -l
59
$ cat summary
~ 59 decisions, latency [\d.]+ ms \(p50\), [\d.]+ ms \(p99\); encoders ran \d+ times, \d+ times were saved; dropped: none

# Recordings by key, and one alone.
$ printf 'clip,stream,file\na,fast,fast.csv\na,slow,slow.csv\nb,fast,fast.csv\n' > k.csv
$ braid stream run/bundle k.csv --plan samples/report.json --as-fast --json | cut -c1-10 | sort | uniq -c | awk '{print $1, $2}'
59 {"key":"a"
59 {"key":"b"
$ braid stream run/bundle k.csv --plan samples/report.json --as-fast --recording b | tail -n 1
~ b 1min? .*|b 60 s +.*
$ braid stream run/bundle k.csv --plan samples/report.json --recording c
? 2
! --recording: unknown key 'c'

# A signal ends it, with its summary.
$ timeout -s INT 3 braid stream run/bundle s.csv --plan samples/report.json --speed 0.5 > /dev/null 2> summary; grep -c decision summary
1

# Mistakes.
$ braid stream run/bundle s.csv
? 2
! --plan: expected the report.json of the training samples, got none
$ braid stream run/bundle s.csv --plan samples/manifest.csv
? 4
! samples/manifest.csv
$ braid stream run/bundle s.csv --plan samples/report.json --as-fast --speed 3
? 2
! --as-fast: expected no --speed with it, got both; leave one out
$ braid stream run/bundle s.csv --plan samples/report.json --as-fast --agee 3
? 3
! unknown field 'agee'
$ printf 'stream,file\nfast,slow.csv\n' > wrong.csv
$ braid stream run/bundle wrong.csv --plan samples/report.json --as-fast
? 4
! slow.csv: fast: expected the channels x, y as the samples trained on have them, got u
$ braid align s.csv --rate 5 --window 2s --hop 1s --method fast=sinc --out sinc > /dev/null
$ braid stream run/bundle s.csv --plan sinc/report.json --as-fast
? 3
! stream "fast": expected a method that works live, got sinc
