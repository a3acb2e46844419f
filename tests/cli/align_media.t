# Sound that stays sound in samples, and clocks set by what two streams show.
@ needs braid version --full | grep -q 'ffmpeg *yes' -- this build has no FFmpeg

# 20 s of noise that is loud where the marker moves, 150 ms late; 5 s of the same without a marker.
$ mkdir data; cat > make.py <<END
> import math, random, struct, wave
> random.seed(1)
> bursts = []
> t = 0.5
> while t < 19:
>     bursts.append((t, random.uniform(0.05, 0.15)))
>     t += random.uniform(0.4, 1.5)
> def level(t):
>     return sum(math.exp(-0.5 * ((t - at) / width) ** 2) for at, width in bursts)
> def write(name, seconds):
>     with wave.open(name, "wb") as out:
>         out.setnchannels(1); out.setsampwidth(2); out.setframerate(1000)
>         for i in range(seconds * 1000):
>             out.writeframes(struct.pack("<h", int(8000 * max(-4, min(4, random.gauss(0, 0.01 + 0.9 * level(i / 1000 - 0.15)))))))
> write("data/a.wav", 20)
> write("data/b.wav", 5)
> x = 0
> with open("data/a.csv", "w") as out:
>     out.write("time,x\n")
>     for i in range(500):
>         out.write("%.2f,%.5f\n" % (i / 25, x))
>         x += level(i / 25 + 0.02)
> END
$ python3 make.py
$ printf 'clip,stream,file\na,sound,a.wav\na,marker,a.csv\nb,sound,b.wav\n' > data/s.csv
$ printf 'clip,start,end,label\na,0,1,x\na,1,2.5,y\nb,4,6,x\nb,7,8,y\n' > e.csv

# Cells name stretches of the file; nothing is dropped in silence.
$ braid align data/s.csv --rate 5 --events e.csv --method sound=cut --out cut
4 samples of 10 ticks at 5 Hz from the events of e.csv
=
stream   rows  method  coverage  staleness  at most  gaps  samples without
------  -----  ------  --------  ---------  -------  ----  ---------------
sound   25000  cut        63.6%                                          1
~ marker    500  mean  .*
=
sound: of 4 windows 1 covered in part, at least 50.0%, 1 not at all
samples without a value of any stream: 1
12 ticks fill up samples that are shorter than the longest
=
Report: cut/report.html
Next: braid compare cut/manifest.csv --target label --group clip
$ cat cut/manifest.csv
id,clip,t_start,t_end,label,sound,marker
a_0,a,0,1,x,"../data/a.wav#t=0,1",marker.series.npy#0
a_1,a,1,2.5,y,"../data/a.wav#t=1,2.5",marker.series.npy#1
b_0,b,4,6,x,"../data/b.wav#t=4,5",
b_1,b,7,8,y,,
$ ls cut
manifest.csv
marker.series.npy
report.html
report.json

# The offset that is found moves the stretch, not the window.
$ braid align data/s.csv --rate 5 --events e.csv --method sound=cut --sync sound=marker --out sync | grep -o 'offset found: sound 1[45][0-9] ms after marker, from 1 of 2 recordings, each by itself'
~ offset found: .*
$ sed -n 3p sync/manifest.csv
~ a_1,a,1,2.5,y,"../data/a.wav#t=1.1[45]\d*,2.6[45]\d*",marker.series.npy#1

# Sound alone needs no ticks; without windows it cannot be cut.
$ printf 'clip,stream,file,method\na,sound,a.wav,cut\nb,sound,b.wav,cut\n' > data/sound.csv
$ braid align data/sound.csv --window 2s --out windows | head -n 1
12 samples, windows of 2 s every 2 s over the common span of the streams
$ tail -n 1 windows/manifest.csv
b_1,b,2,4,"../data/b.wav#t=2,4"
$ braid align data/sound.csv --rate 5
? 2
! stream sound: expected windows to cut it into (as the table says), got timelines, which have values alone; give --window or --events
$ braid align data/s.csv --rate 5 --window 1s --method cut
? 2
! data/s.csv:3: a marker: expected sound or video to cut, got data/a.csv; say which streams are cut, as in --method audio=cut

# What is wrong with the options of clocks.
$ braid align data/s.csv --rate 5 --sync sound
? 2
! --sync: expected STREAM=REFERENCE as in audio=video, got sound
$ braid align data/s.csv --rate 5 --max-offset 2s
? 2
! --max-offset and --sync-across: expected --sync with them, got none; name a stream and its reference
$ braid align data/s.csv --rate 5 --sync sound=marker --sync-across one
? 2
! --sync-across: unknown name 'one'
$ braid align data/s.csv --rate 5 --sync sound=mark
? 2
! --sync: unknown stream 'mark' (known: sound, marker)
