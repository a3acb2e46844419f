# Latency and throughput of a bundle.
$ braid bench --help
Measure how fast a bundle is on this machine: latency, samples a second, start.
...
$ . "$TEST_DIR/table.sh"; table > people.csv
$ braid train people.csv --target label --out run train.epochs=1 > /dev/null

# Random inputs: the forward pass alone, at each size and without each modality. Few calls have no p99.
$ braid bench run/bundle --batches 1,4 --seconds 0
~ bundle   run/bundle: \w+ of tabular, note, [\d.]+k parameters
~ encoders tabular [\d.]+k, note [\d.]+M multiply-adds a row
~ machine  cpu, threads \d+, .*, float32
inputs   random, nothing missing, as long as the model reads
=
~ start to first prediction  (\d+\.\d{3}|-) s
~   program and libraries    (\d+\.\d{3}|-) s
~   bundle, read and built   \d+\.\d{3} s
~   first prediction         \d+\.\d{3} s
=
~ what +batch +p50 ms +p90 ms +p99 ms +samples/s +calls +blocks taken
~ -+ +-+ .*
~ forward +1 +\d+\.\d+ +\d+\.\d+ +- +\d+(\.\d+)? +50 +0(\.0\d*)?
~ forward +4 +\d+\.\d+ +\d+\.\d+ +- +\d+(\.\d+)? +50 +0(\.0\d*)?
~ forward without tabular +1 .* 50 +0
~ forward without note +1 .* 50 +0

# A manifest's rows, also end to end; mostly enough calls for p99.
$ braid bench run/bundle people.csv --batches 1 --seconds 0.5 --precision bf16 --json
~ \{"what":"setup","bundle":"run/bundle","modalities":\["tabular","note"\],.*"encoder_multiply_adds":\{"tabular":[1-9]\d*,"note":[1-9]\d*\},"inputs":"people.csv","device":"cpu",.*"precision":"bf16"\}
~ \{"what":"start","program_s":[^,]+,"bundle_s":0\.\d+,"first_prediction_s":\d+\.[-e\d]+\}
~ \{"what":"forward","batch":1,"p50_ms":\d+\.[-e\d]+,"p90_ms":.*,"p99_ms":(\d+\.[-e\d]+|null),"samples_per_s":\d+\.\d+,"calls":\d+,"blocks_taken":0\.0\d*\}
~ \{"what":"forward","without":"tabular","batch":1,.*\}
~ \{"what":"forward","without":"note","batch":1,.*\}
~ \{"what":"end to end","batch":1,.*"blocks_taken":0\.0\d*\}

# More samples in a call than the manifest has rows.
$ head -n 3 people.csv > two.csv; braid bench run/bundle two.csv --batches 5 --seconds 0 --json | tail -n 1
~ \{"what":"end to end","batch":5,.*,"p99_ms":null,.*\}

$ braid bench nowhere
? 5
! nowhere: expected a bundle, got a folder without config.json
$ braid bench run/bundle --batches 1,0
? 2
! --batches: expected whole numbers from 1 to 65536, got "0"; give a list such as 1,16,64
$ braid bench run/bundle --precision bf61
? 3
! --precision: unknown precision 'bf61'; did you mean 'bf16'?
$ braid predict run/bundle people.csv --precision half
? 3
! --precision: unknown precision 'half'
$ braid bench run/bundle nothing.csv
? 5
! nothing.csv
$ printf 'note,age\nfever,old\n' > bad.csv; braid bench run/bundle bad.csv
? 4
! bad.csv:2
$ head -n 1 people.csv > none.csv; braid bench run/bundle none.csv
? 4
! none.csv

# Parameters that are NaN: said before anything is timed.
$ cp -r run/bundle broken; cd broken; head -c -2000 ../run/bundle/model.safetensors > model.safetensors; head -c 2000 /dev/zero | tr '\0' '\377' >> model.safetensors; braid bench . --batches 2
? 4
...
! forward, batch 2: expected finite scores, got NaN or infinity; train the model again with a lower train.lr

# Other precisions give other digits and, here, the same answers.
$ braid predict run/bundle people.csv --precision bf16 | cut -d, -f1,2 > rounded.csv; braid predict run/bundle people.csv | cut -d, -f1,2 | cmp - rounded.csv
$ braid evaluate run/bundle people.csv --precision bf16 | head -n 1
test (60 rows)
