# Sourced by the command-line tests: a small labelled table that needs no decoding, and broken copies of it.
# Usage: . table.sh; table > people.csv
table() {
  awk 'BEGIN {
    print "id,label,age,ward,note"
    for (i = 0; i < 60; ++i)
      printf "p%d,%s,%d,%s,%s\n", i, i % 2 ? "ill" : "well", 30 + (i * 7) % 40, i % 3 ? "north" : "south",
             i % 2 ? "fever since monday" : "slept and ate again"
  }'
}
