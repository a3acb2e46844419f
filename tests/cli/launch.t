# `braid` becomes the program that has the verb: quickly, with the threads' waiting set, and with a word where there is none.
@ needs command -v ldd -- no ldd here
$ for program in braid braid-light braid-tensor; do cp "$(dirname "$(command -v braid)")/$program" .; done

# Neither `braid` nor what runs behind it for the light verbs loads libtorch; `braid` itself loads next to nothing.
$ ldd braid-tensor | grep -c libtorch_cpu
1
$ ldd braid-light | grep -E 'libtorch|libc10'
? 1
$ ldd braid | grep -E 'libtorch|libc10|gomp|av(codec|format)|fmt|yaml'
? 1

# How threads wait: braid's choice, or the user's.
$ env -u OMP_WAIT_POLICY -u GOMP_SPINCOUNT ./braid version --full | grep waiting
~ waiting   GOMP_SPINCOUNT=\d+
$ env -u GOMP_SPINCOUNT OMP_WAIT_POLICY=ACTIVE ./braid version --full | grep waiting
waiting   OMP_WAIT_POLICY=ACTIVE
$ env -u OMP_WAIT_POLICY GOMP_SPINCOUNT=7 ./braid version --full | grep waiting
waiting   GOMP_SPINCOUNT=7

# Found through a link, and below libexec.
$ mkdir -p installed/bin installed/libexec/braid; mv braid installed/bin; mv braid-* installed/libexec/braid
$ ln -s installed/bin/braid braid
$ ./braid list > listed.txt; ./braid show concat | head -n 1
fusion concat (early)
$ braid list | cmp - listed.txt

# Missing, or not to be run.
$ chmod -x installed/libexec/braid/braid-light; ./braid list
? 5
! braid-light: cannot start: Permission denied
$ rm installed/libexec/braid/braid-light; ./braid list
? 5
! expected the program braid-light here or in ../libexec/braid, got none; install Braid again

# A signal reaches the verb: nothing stands between it and the caller.
$ . "$TEST_DIR/table.sh"; table > people.csv
$ braid train people.csv --target label --out run train.epochs=100000 train.patience=0 > /dev/null & child=$!; until [ -e run/metrics.jsonl ]; do sleep 0.1; done; kill -INT $child; wait $child
? 130
! Continue with: braid train --resume run
