# Media that are cut, empty, missing or lie about themselves: one line that names row, field and file.
@ needs braid version --full | grep -q 'ffmpeg *yes' -- this build has no FFmpeg
$ braid synthesize good rows=40 missing=0
...
$ cp -r good cut; head -c 200 good/image/s00003.png > cut/image/s00003.png
$ braid train cut/manifest.csv --target label
? 4
! manifest.csv:5: field "image":
$ braid inspect cut/manifest.csv --target label --check > found.txt
? 1
$ grep -c 'manifest.csv:5: image: cut/image/s00003.png: .*is the file complete?' found.txt
1

# With --skip-bad the one bad row is left out, counted and listed.
$ braid train cut/manifest.csv --target label --skip-bad --fields image,age --out skipped train.epochs=1 > /dev/null
! manifest.csv:5: field "image":

# A header that promises 100000 x 100000 pixels: 0x000186A0 each.
$ cp -r good lying; { head -c 16 good/image/s00003.png; printf '\000\001\206\240\000\001\206\240'; tail -c +25 good/image/s00003.png; } > lying/image/s00003.png
$ (ulimit -v 8000000; braid train lying/manifest.csv --target label)
? 4
! s00003.png: has 100000x100000 pixels, expected at most

$ cp -r good silent; { head -c 40 good/audio/s00003.wav; printf '\000\000\000\000'; } > silent/audio/s00003.wav
$ braid train silent/manifest.csv --target label
? 4
! field "audio": 
! s00003.wav: data chunk: expected sound, got 0 samples

$ : > silent/audio/s00003.wav
$ braid train silent/manifest.csv --target label
? 4
! s00003.wav: expected sound, got an empty file

$ rm silent/audio/s00003.wav
$ braid train silent/manifest.csv --target label
? 4
! s00003.wav: expected a file, got none; paths are relative to the manifest's folder

$ cp -r good junk; printf 'these are words, not pixels' > junk/image/s00003.png
$ braid train junk/manifest.csv --target label
? 4
! s00003.png: not a picture: expected JPEG, PNG, WebP, BMP, TIFF or GIF
