#!/usr/bin/env bash
# tools/wasm.sh engine|studio|workbench|node: builds crates/NAME into pkg/NAME; workbench and node are crates/studio again, with other features. Run it through tools/env.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
name=$1

# For all but Node's. Functions and locals in order of use, until nothing changes any more: 0.2 kB brotli of the engine. Large
# functions that have one caller stay by themselves, and control flow is laid out anew: 0.3 kB; hints of alignment, which no browser minds,
# go: 0.1 kB. Instructions once more when all else is done: 0.05 kB. Speed is the same.
flags=(-Oz --one-caller-inline-max-function-size 1 --always-inline-max-function-size 2 --dealign --flatten --rereloop -O3 -Oz -Oz --converge
  --low-memory-unused --optimize-instructions --vacuum --reorder-functions --reorder-locals)
built=target/wasm32-unknown-unknown/wasm/waft_$name.wasm
wasm=pkg/$name/$name.wasm

# Numbers alone cross the border of the engine, so it has no glue. The default stack alone is 1 MiB of a page's memory.
bare() {
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=-Clink-arg=-zstack-size=$1 \
    cargo build -p "waft-$name" --profile wasm --target wasm32-unknown-unknown
  mkdir -p "pkg/$name"
}

# glued FEATURE PROFILE: with glue, by one feature of crates/studio. It reads YAML and CSV with libraries that were written for the default stack.
glued() {
  # no-install: prepare.sh installed what wasm-pack would download. no-opt: for the same reason, and because the flags
  # above are ours. no-gitignore: wasm-pack's `*` would make `npm pack` leave the wasm out, silently.
  wasm-pack build crates/studio --mode no-install --target web --profile "$2" \
    --no-opt --no-gitignore --no-pack --out-dir "../../pkg/$name" --out-name "$name" -- --features "$1"
  built=pkg/$name/${name}_bg.wasm
  wasm=$built
}

case $name in
  engine)
    # Its recursions are bounded, and 58 kB of stack leave its constants room in the first 64 kB of memory: with 60 a page has 64 kB more.
    bare 59392
    # The linker's marks of its data. The glue of the studio has exports of like names.
    flags+=(--remove-exports=__*)
    # Of what is as rustc made it: without alignments, JavaScript would read each number byte by byte.
    node pkg/tools/compat.mjs "$built"
    ;;
  studio | workbench)
    profile=release
    if [ "$name" = studio ]; then
      glued page $profile
    else
      profile=workbench
      glued workbench $profile
      # Until nothing changes takes ten minutes, as it is so much larger, and 3 % of it.
      flags=(-Oz --low-memory-unused)
    fi
    # Once more, as wasm-pack has no option for it: with a function that makes the instance anew after a trap.
    wasm-bindgen "target/wasm32-unknown-unknown/$profile/waft_studio.wasm" --target web --out-dir "pkg/$name" --out-name "$name" \
      --experimental-reset-state-function
    ;;
  node)
    glued node release
    # It is read from a disk: a minute of -O would save 8 % of it.
    flags=()
    ;;
esac

# Features are read from the section that rustc writes, so wasm-opt uses what rustc uses and nothing newer; the sections
# themselves go. Not --traps-never-happen (0.15 kB brotli): a trap is how a broken instance is noticed.
wasm-opt "${flags[@]}" --strip-debug --strip-producers --strip-target-features "$built" -o "$wasm.opt"
mv "$wasm.opt" "$wasm"
