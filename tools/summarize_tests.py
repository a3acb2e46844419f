#!/usr/bin/env python3
"""Says, after ctest, which tests were skipped and why, and which labels were left out.

Usage: tools/summarize_tests.py BUILD_FOLDER
"""
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path


def skip_reasons(log: str):
    """Yields (ctest entry, reason) from ctest's log: GoogleTest's and tests/cli/run.py's way of saying it."""
    for part in re.split(r"^\d+/\d+ Testing: ", log, flags=re.M)[1:]:
        name = part.split("\n", 1)[0].strip()
        seen = set()
        for match in re.finditer(r"^.*: Skipped\n(.+)$|^SKIPPED: (.+)$", part, flags=re.M):
            reason = (match.group(1) or match.group(2)).strip()
            if reason not in seen:
                seen.add(reason)
                yield name, reason


def left_out(build: Path):
    """Counts the entries of each label that the default run leaves out."""
    text = subprocess.run(["ctest", "--test-dir", str(build), "--show-only=json-v1"], check=True, capture_output=True, text=True).stdout
    counts = Counter()
    for test in json.loads(text)["tests"]:
        for prop in test.get("properties", []):
            if prop["name"] == "LABELS":
                counts.update(label for label in prop["value"] if label in ("slow", "gpu"))
    return counts


def main():
    build = Path(sys.argv[1])
    log = build / "Testing/Temporary/LastTest.log"
    by_reason = {}
    if log.exists():
        for name, reason in skip_reasons(log.read_text(errors="replace")):
            by_reason.setdefault(reason, []).append(name)
    if by_reason:
        print("\nSkipped, in whole or in part:")
        for reason, names in by_reason.items():
            print(f"  {', '.join(sorted(set(names)))}: {reason}")
    for label, count in sorted(left_out(build).items()):
        print(f"Left out by default: {count} with the label {label}; run them with ./test -L {label}")


main()
