#!/usr/bin/env bash
# Fuzzes every target of tests/fuzz for FUZZ_SECONDS each (60), with rustup's nightly. Stops at the first crash.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=/dev/null
. target/env/fuzz.sh

for target in $(cargo +nightly fuzz list --fuzz-dir tests/fuzz); do
  echo "fuzz: $target, ${FUZZ_SECONDS:=60} s"
  cargo +nightly fuzz run --fuzz-dir tests/fuzz "$target" -- -max_total_time="$FUZZ_SECONDS"
done
