# Sourced by the command-line tests of shared spaces.
# Usage: . spaces.sh; pairs > pairs.csv; published clip
# Coloured animals, as numbers and as words; every tenth row lacks its words.
pairs() {
  awk 'BEGIN {
    split("red green blue black white", colour, " "); split("cat dog owl fox", animal, " ")
    print "id,split,x,y,note,animal"
    for (i = 0; i < 120; ++i)
      printf "p%d,%s,%d.5,%d.5,%s,%s\n", i, i % 6 == 4 ? "val" : i % 6 == 5 ? "test" : "train", i % 5, i % 4,
             i % 10 == 9 ? "" : "the " colour[i % 5 + 1] " " animal[i % 4 + 1], animal[i % 4 + 1]
  }'
}
# A space of them at ./run/space.
train_pairs() {
  pairs > pairs.csv
  braid contrast pairs.csv --fields x,y,note --kind note=text train.epochs=30 train.batch_size=20 space.width=16 --out run > /dev/null 2>&1
}
# goldens/pipelines/NAME as ./NAME; files that are links copied as text are followed.
published() {
  from="${BRAID_GOLDENS:-$TEST_DIR/../../../shared/goldens}/pipelines/$1"
  cp -r "$from" "$1" && chmod -R u+w "$1"
  for file in "$1"/*; do
    if [ -f "$file" ] && [ "$(head -c 3 "$file")" = "../" ]; then cp "$from/$(cat "$file")" "$file.new" && mv -f "$file.new" "$file"; fi
  done
}
