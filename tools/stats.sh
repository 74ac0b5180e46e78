#!/usr/bin/env bash
# Proves the statistics of `waft report`: simulations, and what other people's libraries say of the same numbers (tests/oracles/stats).
# Prepared by tools/prepare.sh stats. The last line is `stats: N comparisons, N simulations, N failed`.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=/dev/null
. target/env/stats.sh
cargo build --release -q -p waft-stats --examples

comparisons=0
failed=0
for oracle in scipy gbstats savvi tea_tasting; do
  python=STATS_${oracle^^}
  if told=$(FIGURES=$PWD/target/release/examples/figures "${!python}" "tests/oracles/stats/with_$oracle.py" 2>&1); then
    comparisons=$((comparisons + $(sed -n 's/.*: \([0-9]*\) comparisons$/\1/p' <<<"$told")))
  else
    failed=$((failed + 1))
  fi
  printf '%s\n' "$told"
done

told=$(target/release/examples/simulations) || true
printf '%s\n' "$told"
read -r simulations wrong < <(sed -n 's/^simulations: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' <<<"$told")
failed=$((failed + ${wrong:-1}))
echo "stats: $comparisons comparisons, $((${simulations:-0} + ${wrong:-0})) simulations, $failed failed"
[ "$failed" = 0 ]
