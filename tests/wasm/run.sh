#!/usr/bin/env bash
# Trains on WebAssembly and on this machine, and compares the bits.
set -euo pipefail
cd "$(dirname "$0")"

cargo build --locked --lib --target wasm32-unknown-unknown
if ! command -v node >/dev/null; then
    echo "built, and not run: there is no node"
    exit
fi
program=${CARGO_TARGET_DIR:-target}/wasm32-unknown-unknown/debug/chainrule_wasm.wasm
there=$(node run.mjs "$program")
here=$(cargo run --locked --quiet)
echo "hash of weights and answers: $there on WebAssembly, $here here"
[ "$there" = "$here" ]
