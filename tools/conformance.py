#!/usr/bin/env python3
"""Writes docs/conformance.md: every fusion against every law of the contract tests, from a run of them.

With --check it compares instead, and fails where the page is stale.
Usage: tools/conformance.py BUILD/bin [--check]
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "conformance.md"


def laws(folder):
    """Names of the laws and the methods that broke each, from a run of the contract tests."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run([f"{folder}/braid_contract_tests", f"--gtest_output=json:{out.name}"], cwd=ROOT, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
        suites = json.load(out)["testsuites"]
    found = {}
    for suite in suites:
        for test in suite["testsuite"]:
            text = "\n".join(failure["failure"] for failure in test.get("failures", []))
            # for_each() names the case: "gmu, classes, 3 modalities".
            broken = set(re.findall(r"(\w+), (?:classes|labels|values), \d modalities", text))
            found[test["name"]] = broken if broken or not text else None
    return found


def methods(folder):
    out = subprocess.run([f"{folder}/braid", "list", "fusion", "--json"], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def page(folder):
    broken = laws(folder)
    rows = methods(folder)
    text = "# Conformance\n\nEvery registered fusion is held to these laws by `tests/contract`, for classes, labels and values and for one to three "
    text += "modalities where it\naccepts them. Written by `tools/conformance.py` from a run of the tests; a method that is registered is in it "
    text += "without an edit. The\nmodalities' sequences have 4, 1 and 6 places, so that all is tried on unaligned lengths. A law about what a method does "
    text += "not have (weights of\nmodalities, their own outputs) it keeps as well.\n\n| | law | holds for |\n| --- | --- | --- |\n"
    for i, (name, failed) in enumerate(broken.items(), start=1):
        if failed is None:
            holds = "**broken**"
        elif failed:
            holds = "all but **" + "**, **".join(sorted(failed)) + "**"
        else:
            holds = f"all {len(rows)}"
        text += f"| {i} | {name.replace('_', ' ')} | {holds} |\n"
    text += "\n| fusion | family | " + " | ".join(str(i) for i in range(1, len(broken) + 1)) + " |\n"
    text += "| --- | --- |" + " --- |" * len(broken) + "\n"
    for row in rows:
        marks = ["no" if failed is None or row["name"] in failed else "yes" for failed in broken.values()]
        text += f"| {row['name']} | {row['kind']} | " + " | ".join(marks) + " |\n"
    return text


def main():
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    if len(arguments) != 1:
        sys.exit(__doc__.strip())
    text = page(arguments[0])
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text() != text:
            sys.exit(f"{PAGE.relative_to(ROOT)}: stale; run tools/conformance.py {arguments[0]}")
        print("conformance: done")
        return
    PAGE.write_text(text)


if __name__ == "__main__":
    main()
