#!/bin/sh
# Installs the programs that bench/side_by_side compares with: PyTorch and torchvision from Debian, ONNX Runtime from npm into build/peers.
# Usage: bench/install_peers.sh
set -eu
cd "$(dirname "$0")/.."
tools/install_packages.sh peers
command -v npm >/dev/null 2>&1 || tools/install_packages.sh npm
mkdir -p build/peers
cp bench/peers/package.json build/peers/
# No scripts: the package's own would download more than the CPU's library, which it ships.
npm install --ignore-scripts --no-audit --no-fund --prefix build/peers
