#!/usr/bin/env python3
"""Holds files to the limits of CONTRIBUTING.md: at most 400 lines a file and three comment lines at its top, one at least in a header.

A function over 60 lines is named but does not fail the check: splitting it has to be worth it.
Usage: tools/check_sizes.py
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES, FUNCTION_LINES, OPENING_LINES = 400, 60, 3


def functions(lines):
    """Yields (first line, length) of function bodies, found by their layout: clang-format closes them in the opening column."""
    for i, line in enumerate(lines):
        if not re.match(r"^ {0,4}[^\s#/}].*\{$", line) or re.match(r"^\s*(namespace|class|struct|enum|union|extern|switch|for|while|if|else|do|try|const|constexpr|static const)\b", line):
            continue
        if "(" not in line and not re.search(r"\)", "".join(lines[max(0, i - 3):i])):
            continue
        indent = re.match(r" *", line).group(0)
        for j in range(i + 1, len(lines)):
            if lines[j].startswith(indent + "}"):
                yield i + 1, j - i + 1
                break


def main():
    problems = []
    files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.cpp", "*.h"], cwd=ROOT, check=True,
                           capture_output=True, text=True).stdout.split("\n")
    for name in filter(None, files):
        path = ROOT / name
        if not path.exists():
            continue
        lines = path.read_text().split("\n")
        if len(lines) - 1 > FILE_LINES:
            problems.append(f"{name}: {len(lines) - 1} lines, expected at most {FILE_LINES}; split it by what it is about")
        opening = 0
        while opening < len(lines) and lines[opening].startswith("//"):
            opening += 1
        fewest = 1 if name.endswith(".h") else 0
        if not fewest <= opening <= OPENING_LINES:
            problems.append(f"{name}: opens with {opening} comment lines, expected {fewest} to {OPENING_LINES}: what is in it and why")
        for line, length in functions(lines):
            if length > FUNCTION_LINES:
                print(f"note: {name}:{line}: a function of {length} lines, expected at most {FUNCTION_LINES}")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"sizes: {'done' if not problems else str(len(problems)) + ' problems'}")
    return 1 if problems else 0


sys.exit(main())
