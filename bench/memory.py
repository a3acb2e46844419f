#!/usr/bin/env python3
"""Trains on 1 000 and on 100 000 synthesised samples and compares the peak memory, which may grow by the room for prepared
arrays (prepare.memory_mb) and half a kilobyte of manifest, targets and predictions per row; fails where it grows by more."""
import argparse
import os
import subprocess
import sys
import tempfile
import time


def peak_of(command):
    """Seconds and peak resident MiB of one command."""
    started = time.time()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)}: expected exit code 0, got {os.waitstatus_to_exitcode(status)}")
    return time.time() - started, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("braid", help="the program")
    parser.add_argument("--rows", default="1000,100000")
    parser.add_argument("--memory-mb", type=int, default=16, help="prepare.memory_mb of both trainings")
    parser.add_argument("--fields", default="image,text,age,score,channel")
    parser.add_argument("--data", help="folder that keeps the samples between runs")
    parser.add_argument("overrides", nargs="*", help="key=value of the training")
    args = parser.parse_args()
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        print("rows,seconds,peak_mib")
        for rows in args.rows.split(","):
            data = os.path.join(args.data or folder, rows)
            if not os.path.exists(f"{data}/manifest.csv"):
                peak_of([args.braid, "synthesize", data, f"rows={rows}"])
            seconds, peak = peak_of([args.braid, "train", f"{data}/manifest.csv", "--target", "label", "--fields", args.fields,
                                     "--out", os.path.join(folder, f"run{rows}"), "train.epochs=1", "model.fusion.name=concat",
                                     f"prepare.memory_mb={args.memory_mb}", *args.overrides])
            print(f"{rows},{seconds:.1f},{peak:.0f}", flush=True)
            peaks.append(peak)
    allowed = args.memory_mb + int(args.rows.split(",")[-1]) / 2048
    if peaks[-1] - peaks[0] > allowed:
        sys.exit(f"expected at most {allowed:.0f} MiB more for the most rows, got {peaks[-1] - peaks[0]:.0f}")


if __name__ == "__main__":
    main()
