#!/usr/bin/env python3
"""Holds the pages to the program: links, paths, commands, configs, the generated page, and test data that nothing refers to.

Commands in fenced sh blocks and in --help's examples are checked word by word (verb, flags, config keys); cheap ones are run.
README's C++ program is compiled and run by tests/consumer.
Usage: tools/check_docs.py BRAID_PROGRAM
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHEAP = {"list", "version", "--help", "--version"}
CONFIG_VERBS = {"train", "compare", "contrast"}
# CONTRIBUTING.md's worked example: files that are not there, because the reader would write them.
WORKED_EXAMPLE = {"src/fusion/maximum.cpp", "tests/fusion/maximum_test.cpp"}
# Written by runs, or named in general.
FOLDERS = "src|include|tests|docs|tools|cmake|examples|bench|fuzz"


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.split("\n")
    return [ROOT / name for name in listed if name and (ROOT / name).exists()]


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", page.read_text(), flags=re.M):
        found.add(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-"))
    return found


def blocks(text):
    """Yields (language, content) of fenced blocks."""
    yield from re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.S | re.M)


class Checker:
    def __init__(self, program):
        self.program = str(Path(program).resolve())
        self.problems = []
        self.flags = {}

    def problem(self, where, text):
        self.problems.append(f"{where.relative_to(ROOT) if isinstance(where, Path) else where}: {text}")

    def braid(self, *args, cwd=ROOT):
        return subprocess.run([self.program, *args], cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def check_links(self, page, text):
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            other = (page.parent / name).resolve() if name else page
            if not other.exists():
                self.problem(page, f"link {target}: expected a file or folder, got none")
            elif anchor and other.suffix == ".md" and anchor not in anchors(other):
                self.problem(page, f"link {target}: expected a heading of this name, got none")
        for path in re.findall(rf"`((?:{FOLDERS})/[\w./-]+)`", prose):
            if path not in WORKED_EXAMPLE and not (ROOT / path).exists():
                self.problem(page, f"path {path}: expected a file or folder, got none")

    def verb_flags(self, verb):
        if verb not in self.flags:
            done = self.braid(verb, "--help")
            self.flags[verb] = set(re.findall(r"--[a-z][a-z-]*", done.stdout.split("\nUsage:")[-1])) if done.returncode == 0 else None
        return self.flags[verb]

    def check_command(self, where, line):
        try:
            words = shlex.split(line, comments=True)
        except ValueError as e:
            return self.problem(where, f"{line}: {e}")
        for end in ("|", ">", "&&", ";"):
            if end in words:
                rest = words[words.index(end) + 1:]
                words = words[:words.index(end)]
                if end in ("&&", ";", "|"):
                    self.check_command(where, " ".join(shlex.quote(w) for w in rest))
        words = [w for w in words if not w.startswith(">")]
        if not words:
            return None
        program = words[0]
        if program.startswith("./") or program.startswith("tools/"):
            if not (ROOT / program).exists():
                self.problem(where, f"{line}: expected {program}, which is not there")
            return None
        if os.path.basename(program) != "braid" or len(words) < 2:
            return None
        verb = words[1]
        if verb in CHEAP:
            if self.braid(*words[1:]).returncode != 0:
                self.problem(where, f"{line}: fails when run")
            return None
        known = self.verb_flags(verb)
        if known is None:
            return self.problem(where, f"{line}: unknown verb '{verb}'")
        for word in words[2:]:
            flag = word.split("=")[0]
            # Flags of `predict` may be fields.
            if flag.startswith("--") and flag not in known and verb != "predict":
                self.problem(where, f"{line}: unknown option {flag}")
        if verb in CONFIG_VERBS and "--resume" not in words:
            self.check_config(where, line, [w for w in words[1:] if w not in ("--dry-run", "--json")])
        return None

    def check_config(self, where, line, words):
        """Config keys and values, by printing the effective config; config files of examples in help are made up, so they are left out."""
        config = next((w for w in words[1:] if w.endswith((".yaml", ".yml"))), None)
        if config and not (ROOT / config).exists():
            words = ["any.csv" if w == config else w for w in words]
        done = self.braid(*words, "--dump-config")
        if done.returncode != 0:
            self.problem(where, f"{line}: {done.stderr.strip()}")

    def check_blocks(self, page, text):
        for language, content in blocks(text):
            if language == "sh":
                for line in content.replace("\\\n", " ").split("\n"):
                    if line.strip() and not line.startswith("#"):
                        self.check_command(page, line.removeprefix("$ "))
            elif language == "yaml":
                with tempfile.TemporaryDirectory() as folder:
                    config = Path(folder) / "block.yaml"
                    config.write_text(content)
                    done = self.braid("compare", str(config), "--dump-config")
                    if done.returncode != 0:
                        self.problem(page, f"yaml block '{content.strip().splitlines()[0]} ...': {done.stderr.strip()}")

    def check_help(self):
        verbs = re.findall(r"^  ([a-z]+) +\S", self.braid("--help").stdout.split("Verbs:")[-1].split("\n\n")[0], flags=re.M)
        for verb in verbs:
            examples = re.search(r"\nExamples:\n((?:  .*\n)+)", self.braid(verb, "--help").stdout)
            for line in examples.group(1).strip().split("\n") if examples else []:
                if verb not in ("show", "list"):
                    self.check_command(f"braid {verb} --help", line.strip())

    def check_examples(self):
        for config in tracked("examples/*.yaml", "examples/**/*.yaml"):
            verb = "contrast" if re.search(r"^space:", config.read_text(), flags=re.M) else "train"
            done = self.braid(verb, str(config), "--dump-config")
            if done.returncode != 0:
                self.problem(config, done.stderr.strip())

    def check_methods(self):
        page = ROOT / "docs/methods.md"
        if not page.exists() or page.read_text() != self.braid("list", "--markdown").stdout:
            self.problem(page, "expected what 'braid list --markdown' prints; write it anew")

    def check_orphans(self):
        """Files of test data whose name no test holds, and pages that no page links to."""
        sources = "\n".join(p.read_text(errors="replace") for p in tracked("tests/*.cpp", "tests/*.h", "tests/*.t", "tests/*.txt", "fuzz/CMakeLists.txt"))
        for path in tracked("tests/data_files"):
            if path.suffix != ".md" and path.name not in sources and f"/{path.stem}" not in sources and f'"{path.stem}"' not in sources:
                self.problem(path, "no test refers to it")
        for folder in sorted({p.parent for p in tracked("fuzz/corpus")}):
            if f"({folder.name})" not in sources:
                self.problem(folder, "no fuzzer of this name")
        pages = {p: p.read_text() for p in tracked("*.md")}
        for page in pages:
            if page.parent == ROOT / "docs" and page.name != "index.md" and not any(page.name in text for p, text in pages.items() if p != page):
                self.problem(page, "no page links to it; name it in docs/index.md")

    def run(self):
        for page in tracked("*.md"):
            text = page.read_text()
            self.check_links(page, text)
            self.check_blocks(page, text)
        self.check_help()
        self.check_examples()
        self.check_methods()
        self.check_orphans()
        for problem in self.problems:
            print(problem, file=sys.stderr)
        print(f"docs: {'done' if not self.problems else str(len(self.problems)) + ' problems'}")
        return 1 if self.problems else 0


if len(sys.argv) != 2:
    raise SystemExit(__doc__)
sys.exit(Checker(sys.argv[1]).run())
