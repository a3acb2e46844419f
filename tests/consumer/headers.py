#!/usr/bin/env python3
"""Compiles each public header alone and fails where one costs more than 3 CPU seconds: header weight is a feature.

Usage: headers.py COMPILER INCLUDE_FOLDER
"""
import resource
import subprocess
import sys
from pathlib import Path

LIMIT_S = 3.0


def cpu_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main():
    compiler, include = sys.argv[1], Path(sys.argv[2])
    headers = sorted(include.rglob("*.h"))
    failed = not headers
    for header in headers:
        before = cpu_s()
        done = subprocess.run([compiler, "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", str(include), "-x", "c++", "-"],
                              input=f'#include "{header.relative_to(include)}"\n', text=True, capture_output=True)
        spent = cpu_s() - before
        verdict = "does not compile alone" if done.returncode else f"expected at most {LIMIT_S} CPU seconds" if spent > LIMIT_S else "good"
        failed |= verdict != "good"
        print(f"{header.relative_to(include)}: {spent:.2f} s, {verdict}\n{done.stderr}", end="")
    return 1 if failed else 0


sys.exit(main())
