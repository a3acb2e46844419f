# Streams of different rates become samples, and nothing is left out in silence.
$ braid align --help
Put streams of different rates and clocks on one timeline, as samples with a report.
...
$ awk 'BEGIN {print "time,x"; for (i = 0; i < 100; ++i) print i / 10 "," i}' > a.csv
$ printf 'time,u,v\n0,0,0\n1,2,-1\n2,4,-2\n3,6,-3\n7,14,-7\n8,16,-8\n9,18,-9\n' > b.csv
$ printf 'stream,file\na,a.csv\nb,b.csv\n' > s.csv

# Fixed windows: arrays with a row for each sample.
$ braid align s.csv --rate 4 --window 2s --hop 1s --out windows
9 samples of 8 ticks at 4 Hz, windows of 2 s every 1 s over the common span of the streams
=
stream  rows  method  coverage  staleness  at most  gaps  samples without
------  ----  ------  --------  ---------  -------  ----  ---------------
a        100  mean        100%     100 ms   100 ms     0                0
~ b          7  linear .*
=
Report: windows/report.html
Next: braid compare windows/manifest.csv --target COLUMN
$ ls windows
a.series.npy
b.series.npy
manifest.csv
report.html
report.json
$ head -n 2 windows/manifest.csv
id,t_start,t_end,a,b
0,0,2,a.series.npy#0,b.series.npy#0

# What is there is never overwritten.
$ braid align s.csv --rate 4 --window 2s --out windows
? 2
! --out windows: expected a new or an empty folder, got one that holds something; name another, or take it away first

# Timelines.
$ braid align s.csv --rate 2 --out lines > /dev/null; head -n 3 lines/timeline.csv
time,a.x,b.u,b.v
0,2,0,0
0.5,7,1,-0.5

# Events carry their columns; one beyond all streams has empty cells.
$ printf 'start,end,label\n1,3,x\n4.5,6,y\n20,21,z\n' > e.csv
$ braid align s.csv --rate 4 --events e.csv --out events | tail -n 1
Next: braid compare events/manifest.csv --target label
$ cat events/manifest.csv
id,t_start,t_end,label,a,b
0,1,3,x,a.series.npy#0,b.series.npy#0
1,4.5,6,y,a.series.npy#1,b.series.npy#1
2,20,21,z,,
$ braid align s.csv --rate 4 --events e.csv --out json --json
~ \{"braid":.*"without_any_value":1.*\}
$ printf 'time,label\n1,x\n' > press.csv; braid align s.csv --rate 4 --events press.csv --out press
? 2
! say how much around them with --before and --after

# The plan alone writes nothing.
$ braid align s.csv --rate 2 --dry-run --out plan
1 timeline at 2 Hz, the common span of the streams
=
stream  rows  recordings  method
------  ----  ----------  ----------------------------------------------------------------
a        100           1  mean: a median step of 100 ms is not longer than a tick's 500 ms
b          7           1  linear: a median step of 1 s is longer than a tick's 500 ms
$ ls plan 2> /dev/null
? 2

# A stream that cannot be used is an error, or absent and counted.
$ printf 'time,x\n' > empty.csv; printf 'time,x\n0,\n1,nan\n' > nan.csv; printf 'time,x\n3,7\n' > one.csv
$ printf 'stream,file\na,a.csv\ne,empty.csv\nn,nan.csv\no,one.csv\n' > bad.csv
$ braid align bad.csv --rate 2 --out bad
? 4
! bad.csv:3: e: empty.csv: expected samples, got none; leave the stream out as missing
$ ls -d bad*
bad.csv
$ braid align bad.csv --rate 2 --span whole --skip-bad --out bad | grep 'left out'
e: left out: empty.csv: expected samples, got none; leave the stream out as missing
n: left out: nan.csv: expected measurements, got only gaps; leave the stream out as missing

# Times that go back are repaired on request, each one counted.
$ printf 'time,x\n0,1\n1,2\n0.5,3\n2,4\n2,5\n3,6\n' > back.csv; printf 'stream,file\nt,back.csv\n' > t.csv
$ braid align t.csv --rate 2 --out back
? 4
! t.csv:2: t: back.csv: times: expected each one after that of the row before, got 1 that go back and 1 that repeat, the first at row 3 (500 ms after 1 s); give --repair to have them sorted and dropped, each one counted
$ braid align t.csv --rate 2 --repair --out back | grep measurements
t: 1 of 6 measurements dropped, duplicated
t: 1 of 6 measurements reordered, unordered

# Text: a cell has the words of its window; what is in no cell is said.
$ printf 'clip,stream,file\np,a,a.csv\np,words,w.csv\nq,a,a.csv\nq,words,w.csv\n' > words.csv
$ printf 'clip,start,end,word\np,0.5,1,lay\nq,3,3,red\np,1.9,2.2,"at, by"\nr,1,2,far\np,11,12,soon\n' > w.csv
$ braid align words.csv --rate 4 --window 2s --method words=text --out words
10 samples of 8 ticks at 4 Hz, windows of 2 s every 2 s over the common span of the streams
=
stream  rows  method  coverage  staleness  at most  gaps  samples without
------  ----  ------  --------  ---------  -------  ----  ---------------
a        200  mean        100%     100 ms   100 ms     0                0
words      4  text       30.0%                                          7
=
words: 4 events; 3 of 10 windows have text
=
1 left out: event in w.csv of a recording that does not name this file: r
words: 1 of 4 events lie in no window
=
Report: words/report.html
Next: braid compare words/manifest.csv --target COLUMN --group clip
$ sed -n '2,4p;8p' words/manifest.csv
p_0,p,0,2,a.series.npy#0,"lay at, by"
p_1,p,2,4,a.series.npy#1,"at, by"
p_2,p,4,6,a.series.npy#2,
q_1,q,2,4,a.series.npy#6,red
$ ls words
a.series.npy
manifest.csv
report.html
report.json
$ braid align words.csv --window 2s --method a=text --method words=text
? 4
! words.csv:2: p a: a.csv: text: expected a column named as texts are (text, word, label, ...), got none besides start time; name it in the column "channels" of the table of streams
$ printf 'stream,file,method,channels\nx,a.csv,text,x\n' > x.csv; braid align x.csv --window 2s --out x | tail -n 1; sed -n 2p x/manifest.csv
Next: braid compare x/manifest.csv --target COLUMN
0,0,2,0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19
$ braid align words.csv --rate 4 --method words=text
? 2
! stream words: expected windows to take its text in (as given for the stream), got timelines, which have values alone; give --window or --events

# What is wrong with the table or the options.
$ printf 'stream,file,rate_hz\na,a.csv,50\n' > rate.csv; braid align rate.csv --rate 1
? 4
! rate.csv:2: a: a.csv: rate: expected 50 Hz as given, got a median step of 100 ms (10 Hz): rates that do not match the file; correct rate_hz or leave it out
$ printf 'stream,file\na,a.csv\na,b.csv\n' > twice.csv; braid align twice.csv --rate 1
? 4
! twice.csv:3: expected each stream once in a recording, got "a" again, which line 2 has
$ braid align s.csv
? 2
! --rate: expected how many ticks a second, got none; give --rate 25 or so
$ braid align s.csv --rate 4 --method c=mean
? 2
! --method: unknown stream 'c'; did you mean 'a'? (known: a, b)
$ braid align s.csv --rate 4 --window 20s --out long
? 4
! s.csv: expected samples, got none of 1 recording; the common span of 10 s is shorter than a window
$ braid align s.csv --rate 4 --tolerance 20xs
? 2
! --tolerance: expected a duration such as 20ms, 1.5s, 40us or 2min, got "20xs"
