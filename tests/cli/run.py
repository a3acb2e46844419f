#!/usr/bin/env python3
"""Runs command-line tests: text files of commands and what they print.

    # A comment. Empty lines and comments may stand anywhere.
    @ needs test -e /dev/full -- no /dev/full here
    $ braid frobnicate
    ? 2
    ! unknown verb 'frobnicate'

    $ braid version
    ~ braid \\d+\\.\\d+\\.\\d+

    $ cat > two.csv <<END
    > a,b
    > END

`$ ` a command, run by sh in a temporary folder that is fresh for each file; `braid` is on the PATH.
`> ` continues the command, as the lines of a here document do.
`? ` its exit code where that is not 0.
`! ` text that one line of stderr holds; without such a line stderr is free.
`~ ` a regular expression that one whole line of stdout matches.
`...` any number of lines of stdout, none included.
`= ` a line of stdout that would mean something else here, such as an empty one or one that opens with '#'.
`@ ` `needs COMMAND -- reason`: the file is skipped with this reason where the command fails.
Anything else is one line of stdout, word for word. A command without any stdout lines may print nothing.

Besides, where a step names stderr and ends with 2, 3, 4 or 5, the last line of stderr must be the program's one error line,
"braid: ...": bad input never costs more than a line.

Usage: run.py FILE.t ... with BRAID_BIN set to the program's folder. Exit codes: 0 passed, 1 failed, 77 skipped.
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
TIMEOUT_S = 240
ERROR_CODES = (2, 3, 4, 5)


class Step:
    def __init__(self, line, command):
        self.line, self.command = line, command
        self.code, self.stdout, self.stderr = 0, [], []


def parse(path):
    steps, needs = [], []
    for number, text in enumerate(path.read_text().split("\n"), start=1):
        if text.startswith("#") or not text.strip():
            continue
        kind, rest = text[:2], text[2:]
        if kind == "@ ":
            match = re.fullmatch(r"needs (.+?) -- (.+)", rest)
            if not match:
                raise SystemExit(f"{path}:{number}: expected '@ needs COMMAND -- reason'")
            needs.append(match.groups())
        elif kind == "$ ":
            steps.append(Step(number, rest))
        elif not steps:
            raise SystemExit(f"{path}:{number}: expected a command ('$ ...') first")
        elif kind == "> " or text == ">":
            steps[-1].command += "\n" + rest
        elif kind == "? ":
            steps[-1].code = int(rest)
        elif kind == "! ":
            steps[-1].stderr.append(rest)
        elif text == "=" or kind == "= ":
            steps[-1].stdout.append(("line", rest))
        elif text == "...":
            steps[-1].stdout.append(("any", text))
        elif kind == "~ ":
            steps[-1].stdout.append(("regex", rest))
        else:
            steps[-1].stdout.append(("line", text))
    return steps, needs


def matches(expected, lines):
    """Whether the expected lines, read in order, cover all lines of stdout."""
    if not expected:
        return not lines
    kind, text = expected[0]
    if kind == "any":
        return any(matches(expected[1:], lines[i:]) for i in range(len(lines) + 1))
    if not lines:
        return False
    fits = re.fullmatch(text, lines[0]) if kind == "regex" else text == lines[0]
    return bool(fits) and matches(expected[1:], lines[1:])


def check(step, folder, env):
    """The list of what is wrong; empty when the step passes."""
    done = subprocess.run(["sh", "-c", step.command], cwd=folder, env=env, capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S,
                          stdin=subprocess.DEVNULL)
    problems = []
    errors = done.stderr.rstrip("\n").split("\n")
    if done.returncode != step.code:
        problems.append(f"exit code: expected {step.code}, got {done.returncode}")
    for text in step.stderr:
        if not any(text in line for line in errors):
            problems.append(f"stderr: expected a line with: {text}")
    if done.returncode in ERROR_CODES and step.stderr:
        if [i for i, line in enumerate(errors) if line.startswith("braid: ")] != [len(errors) - 1]:
            problems.append("stderr: expected one line 'braid: ...', the last")
    lines = done.stdout.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    if not matches(step.stdout, lines):
        wanted = [text for _, text in step.stdout]
        problems.append("stdout differs:\n" + "\n".join(difflib.unified_diff(wanted, lines, "expected", "got", lineterm="", n=1)))
    if problems:
        problems.append("stderr was:\n" + done.stderr)
    return problems


def run(path):
    steps, needs = parse(path)
    if not steps:
        print(f"{path}: expected commands, got none")
        return 1
    env = dict(os.environ)
    env["PATH"] = os.path.abspath(env.get("BRAID_BIN", ".")) + os.pathsep + env["PATH"]
    env["LC_ALL"] = "C.UTF-8"
    env["TEST_DIR"] = str(path.resolve().parent)
    env["SOURCE_DIR"] = str(path.resolve().parent.parent.parent)
    with tempfile.TemporaryDirectory(prefix="braid-cli-") as folder:
        for command, reason in needs:
            if subprocess.run(["sh", "-c", command], cwd=folder, env=env, capture_output=True).returncode != 0:
                print(f"SKIPPED: {reason}")
                return SKIPPED
        for step in steps:
            problems = check(step, folder, env)
            if problems:
                print(f"{path}:{step.line}: $ {step.command}\n" + "\n".join(problems))
                return 1
    print(f"{path.name}: {len(steps)} commands")
    return 0


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    results = [run(Path(name)) for name in sys.argv[1:]]
    if 1 in results:
        return 1
    return SKIPPED if SKIPPED in results else 0


sys.exit(main())
