# Bundles of another version, cut short or tampered with: refused in one line, never misread.
$ . "$TEST_DIR/table.sh"; table > people.csv
$ braid train people.csv --target label --out run train.epochs=1 > /dev/null
$ braid predict nowhere people.csv
? 5
! nowhere: expected a bundle, got a folder without config.json

$ cp -r run/bundle other; sed -i 's/"format_version": 1/"format_version": 7/' other/config.json
$ braid predict other people.csv
? 4
! other/config.json: expected bundle version 1 or 2, got 7

$ cp -r run/bundle cut; head -c 1000 run/bundle/model.safetensors > cut/model.safetensors
$ braid predict cut people.csv
? 4
! cut/model.safetensors: byte 8: header: expected

# A header length of 2^63 - 1.
$ cp -r run/bundle long; { printf '\377\377\377\377\377\377\377\177'; tail -c +9 run/bundle/model.safetensors; } > long/model.safetensors
$ braid predict long people.csv
? 4
! long/model.safetensors: byte 0: header length: expected at most

# Two tensors that share bytes 4 to 7: overlapping offsets, from the fuzzer's corpus.
$ cp -r run/bundle lap; cp "$SOURCE_DIR/fuzz/corpus/safetensors/overlap.safetensors" lap/model.safetensors
$ braid predict lap people.csv
? 4
! tensors overlap

$ cp -r run/bundle shaped; cp "$SOURCE_DIR/fuzz/corpus/safetensors/shape_overflow.safetensors" shaped/model.safetensors
$ braid predict shaped people.csv
? 4
! shaped/model.safetensors

# A sound container with another model's parameters.
$ cp -r run/bundle foreign; cp "$SOURCE_DIR/fuzz/corpus/safetensors/two.safetensors" foreign/model.safetensors
$ braid predict foreign people.csv
? 4
! foreign/model.safetensors: expected the parameter

$ cp -r run/bundle odd; sed -i 's/"target"/"tarjet"/' odd/config.json
$ braid predict odd people.csv
? 4
! odd/config.json: expected a bundle's config

$ cp -r run/bundle half; rm half/preparation.json
$ braid predict half people.csv
? 5
! half/preparation.json: cannot open
