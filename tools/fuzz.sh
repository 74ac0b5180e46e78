#!/usr/bin/env bash
# Fuzzes every target of tests/fuzz for FUZZ_SECONDS each (60), with rustup's nightly: tools/fuzz.sh [TARGET...].
# What is found is kept in tests/fuzz/corpus, what crashes in tests/fuzz/artifacts; neither is committed, seeds are.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -f target/env/fuzz.sh ]; then
  echo 'fuzz: there is no nightly Rust: rustup toolchain install nightly, then tools/prepare.sh fuzz' >&2
  exit 1
fi
# shellcheck source=/dev/null
. target/env/fuzz.sh
: "${FUZZ_SECONDS:=60}"

# cargo-fuzz names its own folder for what it builds. No sanitizer: it looks for faults of unsafe code, and there is none here.
unset CARGO_TARGET_DIR
options=(--fuzz-dir tests/fuzz --sanitizer none)
cargo +nightly fuzz build "${options[@]}"

[ $# -gt 0 ] || mapfile -t all < <(cargo +nightly fuzz list --fuzz-dir tests/fuzz)
failed=0
for target in "${@:-${all[@]}}"; do
  echo "fuzz: $target, $FUZZ_SECONDS s"
  mkdir -p "tests/fuzz/corpus/$target"
  # Half a minute for one input is as good as for ever. What is found by chance goes to the first folder.
  if cargo +nightly fuzz run "${options[@]}" "$target" "tests/fuzz/corpus/$target" "tests/fuzz/seeds/$target" -- \
    -max_total_time="$FUZZ_SECONDS" -timeout=30 -print_final_stats=1; then
    echo "fuzz: $target ok"
  else
    echo "fuzz: $target FAILED"
    failed=1
  fi
done
exit $failed
