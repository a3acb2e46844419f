#!/usr/bin/env python3
"""Times training steps on all cores under several ways for OpenMP's threads to wait, on the idle machine and beside a busy neighbour.

The ways are run in turn, A B C A B C; each run waits until the machine is quiet, and is done again where other programs took more than a
tenth of a core meanwhile. Prints the median per way and model in milliseconds as CSV.
Usage: bench/waiting.py PATH/braid_bench_side_by_side [ROUNDS]
"""
import csv
import os
import resource
import statistics
import subprocess
import sys
import time

WAYS = ["", "OMP_WAIT_POLICY=ACTIVE", "OMP_WAIT_POLICY=PASSIVE", "GOMP_SPINCOUNT=1000", "GOMP_SPINCOUNT=5000", "GOMP_SPINCOUNT=20000",
        "GOMP_SPINCOUNT=100000"]
MODELS = "transformer,image_cnn,early"
TRIES, QUIET_CORES, QUIET_WAIT_S = 5, 0.1, 600


def busy_s():
    """Seconds of processor time that anyone has used since the machine started."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, irq, soft, steal = map(int, stat.readline().split()[1:9])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def children_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def wait_for_quiet():
    deadline = time.monotonic() + QUIET_WAIT_S
    while time.monotonic() < deadline:
        busy = busy_s()
        time.sleep(1)
        if busy_s() - busy < QUIET_CORES:
            return


def run(program, way, has_neighbour):
    """Milliseconds by model, and the cores that others took meanwhile."""
    env = {k: v for k, v in os.environ.items() if k not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
    if way:
        env.update([way.split("=")])
    begin, busy, own = time.monotonic(), busy_s(), children_s()
    neighbour = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if has_neighbour else None
    try:
        done = subprocess.run([program, "--alone", "--models", MODELS, "--batches", "32", "--passes", "training", "--threads",
                               str(os.cpu_count()), "--pairs", "5"], env=env, check=True, capture_output=True, text=True)
    finally:
        if neighbour:
            neighbour.kill()
            neighbour.wait()
    # The neighbour is a child too, so its time is not foreign.
    foreign = (busy_s() - busy) - (children_s() - own)
    times = {row["model"]: float(row["ours_ms"]) for row in csv.DictReader(done.stdout.splitlines())}
    return times, foreign / (time.monotonic() - begin)


def main():
    program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    taken = {}
    for _ in range(rounds):
        for has_neighbour in (False, True):
            for way in WAYS:
                for _ in range(TRIES):
                    wait_for_quiet()
                    times, foreign = run(program, way, has_neighbour)
                    if foreign < QUIET_CORES:
                        break
                else:
                    print(f"not quiet: {way or 'default'}: others took {foreign:.2f} cores", file=sys.stderr)
                    continue
                print(way or "default", "neighbour" if has_neighbour else "idle", times, f"{foreign:.2f}", file=sys.stderr, flush=True)
                for model, ms in times.items():
                    taken.setdefault((way or "default", has_neighbour, model), []).append(ms)
    print("waiting,machine,model,median_ms,lowest_ms,highest_ms,runs")
    for (way, has_neighbour, model), ms in taken.items():
        print(f"{way},{'neighbour' if has_neighbour else 'idle'},{model},{statistics.median(ms):.4g},{min(ms):.4g},{max(ms):.4g},{len(ms)}")


if len(sys.argv) not in (2, 3):
    raise SystemExit(__doc__)
main()
