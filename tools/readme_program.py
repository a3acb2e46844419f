#!/usr/bin/env python3
"""Prints the C++ program of a Markdown page: its first fenced cpp block with a main(). Usage: tools/readme_program.py PAGE"""
import re
import sys

blocks = re.findall(r"^```cpp\n(.*?)^```$", open(sys.argv[1], encoding="utf-8").read(), flags=re.S | re.M)
programs = [block for block in blocks if "int main(" in block]
if not programs:
    raise SystemExit(f"{sys.argv[1]}: expected a fenced cpp block with a main(), got none")
print(programs[0], end="")
