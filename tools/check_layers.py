#!/usr/bin/env python3
"""Holds every #include and every LINKS list to the layer diagram of docs/architecture.md.

A folder may see itself, the folders below it, and nothing else; libtorch stops at `ops`, and its nn headers at `layers`.
Usage: tools/check_layers.py
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Low to high.
LAYERS = ["core", "formats", "text", "metrics", "align", "stream", "index", "processors", "data", "corruptions", "report", "cli", "ops", "layers", "heads", "encoders", "fusion", "calibration",
          "model", "train", "explain", "compare", "tensor_verbs", "programs"]
# Beside the order: report makes pages from the JSON that verbs write, and knows nothing of what wrote it; index knows vectors alone.
ONLY = {"report": {"core", "metrics"}, "index": {"core", "formats"}}
WITH_TORCH = set(LAYERS[LAYERS.index("ops"):])
# Holds executables, no library; these two may link no more than this.
PROGRAMS = "programs"
LIGHT_PROGRAMS = {"braid_program": {"options"}, "braid_light": set(LAYERS[:LAYERS.index("ops")])}
# Folders whose headers may hold <torch/torch.h>; they are read by each other's .cpp files only.
NN_HEADERS = {"layers", "heads", "encoders", "fusion", "model", "train", "explain", "compare"}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)
TORCH = ("torch/", "ATen/", "c10/", "caffe2/")


def allowed(folder):
    return ONLY.get(folder, set(LAYERS[:LAYERS.index(folder)])) | {folder}


def code_of(path):
    """A file's text without comments, so that an #include in one does not count."""
    text = path.read_text()
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)


def check_includes(problems):
    for path in sorted((ROOT / "src").rglob("*")):
        if path.suffix not in (".h", ".cpp") or not path.is_file():
            continue
        folder = path.relative_to(ROOT / "src").parts[0]
        where = path.relative_to(ROOT)
        if folder not in LAYERS:
            problems.append(f"{where}: folder '{folder}' has no place in the layers; give it one in tools/check_layers.py")
            continue
        for _, header in INCLUDE.findall(code_of(path)):
            first = header.split("/")[0]
            if first in LAYERS and "/" in header and first not in allowed(folder):
                problems.append(f"{where}: includes {header}: expected a layer below '{folder}', got '{first}'; move the code "
                                "to the higher layer or what it needs to the lower one")
            if header.startswith(TORCH):
                if folder not in WITH_TORCH:
                    problems.append(f"{where}: includes {header}: expected no libtorch below 'ops'")
                elif path.suffix == ".h" and header.startswith("torch/") and header != "torch/version.h" and folder not in NN_HEADERS:
                    problems.append(f"{where}: includes {header}: expected ATen/core/Tensor.h at most in headers of '{folder}'")
    for path in sorted((ROOT / "include").rglob("*.h")):
        for _, header in INCLUDE.findall(code_of(path)):
            if header.startswith(TORCH) or header.split("/")[0] in LAYERS:
                problems.append(f"{path.relative_to(ROOT)}: includes {header}: expected std and braid/ only in public headers")


def check_programs(problems):
    path = ROOT / "src" / PROGRAMS / "CMakeLists.txt"
    for target, words in re.findall(r"target_link_libraries\(\s*(\w+)([^)]*)\)", path.read_text()):
        for link in re.findall(r"\bbraid_(\w+)", words):
            if link not in LIGHT_PROGRAMS.get(target, LAYERS):
                problems.append(f"{path.relative_to(ROOT)}: {target} links braid_{link}: expected no libtorch in it")


def check_links(problems):
    for path in sorted((ROOT / "src").glob("*/CMakeLists.txt")):
        folder = path.parent.name
        if folder == PROGRAMS:
            continue
        text = re.sub(r"#[^\n]*", "", path.read_text())
        match = re.search(r"braid_layer\(\s*(\w+)(.*?)\)", text, flags=re.S)
        where = path.relative_to(ROOT)
        if folder not in LAYERS or not match:
            problems.append(f"{where}: expected braid_layer({folder} ...) of a known layer")
            continue
        words = match.group(2).split()
        links, keyword = [], ""
        for word in words:
            if word in ("SOURCES", "LINKS", "USES", "TORCH"):
                keyword = word
            elif keyword == "LINKS":
                links.append(word)
        for link in links:
            if link not in allowed(folder) - {folder}:
                problems.append(f"{where}: LINKS {link}: expected a layer below '{folder}'")
        if ("TORCH" in words) != (folder in WITH_TORCH):
            problems.append(f"{where}: expected {'TORCH' if folder in WITH_TORCH else 'no TORCH'}")
        # What is included is linked, directly or through a link's links; the build alone would not notice headers.
        reached = set()
        queue = list(links)
        while queue:
            other = queue.pop()
            if other in reached:
                continue
            reached.add(other)
            lower = ROOT / "src" / other / "CMakeLists.txt"
            if lower.exists():
                found = re.search(r"LINKS([^)]*?)(?:USES|\))", lower.read_text(), flags=re.S)
                queue += found.group(1).replace(")", "").split() if found else []
        seen = set()
        for source in path.parent.iterdir():
            if source.suffix in (".h", ".cpp"):
                seen |= {h.split("/")[0] for _, h in INCLUDE.findall(code_of(source)) if "/" in h}
        for other in sorted((seen & set(LAYERS)) - reached - {folder}):
            problems.append(f"{where}: expected '{other}' in LINKS, since a file includes it")
    order = re.search(r"foreach\(folder ([^)]*)\)", (ROOT / "src/CMakeLists.txt").read_text())
    listed = order.group(1).split() if order else []
    if [f for f in LAYERS if f in listed] != listed:
        problems.append("src/CMakeLists.txt: expected the folders in the order of tools/check_layers.py")


def main():
    problems = []
    check_includes(problems)
    check_links(problems)
    check_programs(problems)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"layers: {'done' if not problems else str(len(problems)) + ' problems'}")
    return 1 if problems else 0


sys.exit(main())
