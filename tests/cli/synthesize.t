# The demo data: seeded, complete, and honest about being synthetic.
@ needs braid version --full | grep -q 'ffmpeg *yes' -- this build has no FFmpeg
$ braid synthesize --help
Make a synthetic data set of pictures, sounds, text and a table whose truth is known.
...
$ braid synthesize one rows=40 seed=3
40 synthetic samples in one/manifest.csv
Next: braid compare one/manifest.csv --target label
$ ls one
README.md
audio
image
manifest.csv
truth.csv
$ grep -ci synthetic one/README.md | sed 's/[1-9][0-9]*/some/'
some
$ head -n 1 one/manifest.csv
id,split,label,image,audio,text,age,score,channel
$ wc -l < one/manifest.csv
41

# The same seed gives the same bytes on any number of threads; another seed does not.
$ braid synthesize two rows=40 seed=3 --threads 1 > /dev/null; diff -r one two
$ braid synthesize other rows=40 seed=4 > /dev/null; cmp -s one/manifest.csv other/manifest.csv
? 1
# Every file can be decoded.
$ braid inspect one/manifest.csv --target label | grep -c unreadable
? 1
0
$ braid show one/$(cd one; ls audio/*.wav | head -n 1)
~ audio \d+\.\d+ s, 8000 Hz, 1 channels
$ braid synthesize few rows=3
? 3
! rows: expected a number between 20 and 10000000, got 3
