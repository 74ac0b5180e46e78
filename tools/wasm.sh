#!/usr/bin/env bash
# tools/wasm.sh engine|queue|studio: builds crates/NAME into pkg/NAME. Run it through tools/env.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
name=$1

# The queue is numbers alone: no glue, and 4 kB of stack.
if [ "$name" = queue ]; then
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=-Clink-arg=-zstack-size=4096
  cargo build -p waft-queue --profile wasm --target wasm32-unknown-unknown
  mkdir -p pkg/queue
  wasm-opt -Oz --converge --strip-debug --strip-producers --strip-target-features \
    target/wasm32-unknown-unknown/wasm/waft_queue.wasm -o pkg/queue/queue.wasm
  exit
fi

# The default stack alone is 1 MiB of a page's memory. The engine's recursions are bounded, and 60 kB of stack leave its constants
# room in the first 64 kB of memory; the studio reads YAML and CSV with libraries that were written for the default.
profile=release
if [ "$name" = engine ]; then
  profile=wasm
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=-Clink-arg=-zstack-size=61440
fi

# no-install: prepare.sh installed what wasm-pack would download. no-opt: for the same reason, and because the flags
# below are ours. no-gitignore: wasm-pack's `*` would make `npm pack` leave the wasm out, silently.
wasm-pack build "crates/$name" --mode no-install --target web --profile "$profile" \
  --no-opt --no-gitignore --no-pack --out-dir "../../pkg/$name" --out-name "$name"

# Features are read from the section that rustc writes, so wasm-opt uses what rustc uses and nothing newer; the sections
# themselves go. Not --traps-never-happen (0.15 kB brotli): a trap is how a broken instance is noticed.
wasm=pkg/$name/${name}_bg.wasm
# Functions and locals in order of use, until nothing changes any more: 0.2 kB brotli. Large functions that have one caller stay
# by themselves, and control flow is laid out anew: 0.3 kB. Speed is the same.
wasm-opt -Oz --one-caller-inline-max-function-size 1 --always-inline-max-function-size 2 --flatten --rereloop -Oz -Oz --converge \
  --reorder-functions --reorder-locals --strip-debug --strip-producers --strip-target-features "$wasm" -o "$wasm.opt"
mv "$wasm.opt" "$wasm"
