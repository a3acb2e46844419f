# Classes by the words of their labels.
@ needs test -d "${BRAID_GOLDENS:-$TEST_DIR/../../../shared/goldens}/pipelines" -- no goldens folder
$ braid zeroshot --help
Classify by words: which label's vector in a shared space is nearest to each sample's.
...
# A published pair of towers, untrained; its own probabilities of "a photo of a cat", "a photo of a dog" and "a diagram" stand in
# goldens/pipelines/clip/probs.npy: 0.2479, 0.2338 and 0.1202 for the first picture, which is 0.4119, 0.3884, 0.1997 among the three.
$ . "$TEST_DIR/spaces.sh"; published clip
$ braid zeroshot clip clip/img0.png clip/img1.png --labels 'a photo of a cat,a photo of a dog,a diagram'
~ softmax of 5\.576 \* cosine over 3 labels
input          label             probability  next              probability
-------------  ----------------  -----------  ----------------  -----------
clip/img0.png  a photo of a cat       0.4119  a photo of a dog       0.3884
clip/img1.png  a photo of a cat       0.4599  a photo of a dog       0.4149
$ printf 'cat\n\ndog\n' > labels.txt
$ braid zeroshot clip clip/img0.png --labels-file labels.txt --template 'a photo of a {}' --json
~ \{"input":"clip/img0\.png","label":"cat","by":"softmax","probabilities":\{"cat":0\.514\d+,"dog":0\.485\d+\}\}
$ braid zeroshot clip clip/img0.png --labels cat,dog --template 'a photo of a {}' --template '{}' --json > two.json; grep -c '"cat":0.514' two.json
? 1
0

# Other words may stand for a label.
$ printf 'n1\tcat\nn2\tdog\n' > codes.txt; braid zeroshot clip clip/img0.png --labels-file codes.txt --template 'a photo of a {}' --json
~ \{"input":"clip/img0\.png","label":"n1","by":"softmax","probabilities":\{"n1":0\.514\d+,"n2":0\.485\d+\}\}
$ printf 'n1\tcat\nn1\tdog\n' > codes.txt; braid zeroshot clip clip/img0.png --labels-file codes.txt
? 2
! codes.txt: expected each label once, got 1 different ones in 2 lines

# Files of a manifest lie where the manifest does.
$ mkdir data; cp clip/img0.png data/a.png; cp clip/img1.png data/b.png; printf 'id,image,split,kind\n1,a.png,test,cat\n2,b.png,test,dog\n3,,test,dog\n4,b.png,train,owl\n' > data/m.csv
$ braid zeroshot clip data/m.csv --split test --labels cat,dog --template 'a photo of a {}' --json
~ \{"input":"1","label":"cat",.*
~ \{"input":"2","label":"cat",.*
! 1 of 3 have no image and are left out.
$ braid zeroshot clip --manifest data/m.csv --target kind --labels cat,dog --template 'a photo of a {}' --json
~ \{"rows":2,"labels":2,"accuracy":\{"mean":0\.5,"interval":\[0\.0,1\.0\]\},"macro_f1":.*"most_frequent":\{"label":"cat",.*\},"per_label":\[\{"label":"cat","rows":1,"said":2,"recall":1\.0,"precision":0\.5\},\{"label":"dog","rows":1,"said":0,"recall":0\.0,"precision":null\}\]\}
$ braid embed clip data/m.csv --modality image --out pictures > /dev/null; head -n 2 pictures/manifest.csv
id,modality,path,split,embedding
1,image,../data/a.png,test,embeddings.npy#0
$ braid index pictures --out deep/found > /dev/null; head -n 2 deep/found/rows.csv
id,modality,path,split
1,image,../../data/a.png,test
$ braid search deep/found clip --image data/b.png -k 1
rank   score  id  modality  path or text
----  ------  --  --------  ------------
   1  1.0000  2   image     data/b.png

# A space that was trained here: four animals of five colours, by number.
$ . "$TEST_DIR/spaces.sh"; train_pairs
$ braid zeroshot run/space --manifest pairs.csv --target animal --template 'the red {}' --template 'the green {}' --template 'the blue {}' --template 'the black {}' --template 'the white {}' > measured.txt; head -n 5 measured.txt
20 rows, 4 labels
          zero-shot             always dog
--------  --------------------  --------------------
~ accuracy  \d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\]  0\.500 \[\d\.\d{3}, \d\.\d{3}\]
~ macro_f1  \d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\]  0\.333 .*
$ tail -n 6 measured.txt | awk '{ print $1, $2 }'
label rows
----- ----
cat 0
dog 10
fox 10
owl 0
$ awk '$1 == "accuracy" { if ($2 >= 0.8) print "found"; else print }' measured.txt
found
# A vocabulary of words has no word for others.
$ braid contrast pairs.csv --fields x,y,note --kind note=text train.epochs=1 prepare.text.vocabulary.unit=words --out words > /dev/null; braid zeroshot words/space pairs.csv --labels 'cat,zyzzyva' --template 'the red {}'
? 4
! label "zyzzyva": expected words of the vocabulary that 'note' was trained with, got none of them; say it in other words
$ braid embed words/space pairs.csv --modality note --out notes > /dev/null; braid index notes --out notes-index > /dev/null; braid search notes-index words/space --text 'xyzzy zyzzyva'
? 4
! expected words of the vocabulary that 'note' was trained with, got none of them
$ braid search notes-index words/space --text 'the red xyzzy' -k 1 --json | grep -c '"rank":1'
1
$ braid contrast pairs.csv --fields x,y,note --kind note=text train.epochs=1 space.loss=sigmoid --out alone > /dev/null; braid zeroshot alone/space pairs.csv --labels cat,dog | head -n 1
~ sigmoid of .* \* cosine \+ bias, each label by itself

$ braid zeroshot clip clip/img0.png
? 2
! zeroshot: expected labels, got none; give --labels A,B, --labels-file FILE, or the column of classes with --target
$ braid zeroshot clip clip/img0.png --labels cat,,dog
? 2
! labels: label 2: expected words, got nothing
$ : > none.txt; braid zeroshot clip clip/img0.png --labels-file none.txt
? 2
! none.txt: expected a label a line, got none
$ braid zeroshot clip clip/img0.png --labels cat,dog --template 'a photo'
? 2
! template "a photo": expected {} where the label goes, got none
$ braid zeroshot clip --labels cat,dog
? 2
! expected: braid zeroshot SPACE INPUT ..., or a manifest with --manifest instead of inputs
$ braid zeroshot clip clip/img0.png --labels cat,dog --modality audio
? 2
! --modality: clip: unknown modality 'audio' (known: image, text)
$ head -c 300 clip/img0.png > broken.png; braid zeroshot clip broken.png --labels cat,dog
? 4
! broken.png
$ braid zeroshot clip nothing.png --labels cat,dog
? 5
! nothing.png: expected a file, got none
$ braid zeroshot clip --manifest data/m.csv --target kind --split train --labels cat,dog
? 4
! data/m.csv:5: expected one of the labels, got "owl"
$ braid zeroshot clip --manifest data/m.csv --target kinds --labels cat,dog
? 4
! data/m.csv: --target: unknown column 'kinds'; did you mean 'kind'?
