#!/usr/bin/env bash
# The statistics of `waft report` against simulations and against other people's code: tools/stats.sh [ORACLE...], all of
# tests/oracles/stats by default. Each oracle runs in an environment of its own; tools/prepare.sh stats makes them.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release -p waft-stats --examples
programs=$PWD/${CARGO_TARGET_DIR:-target}/release/examples
case ${CARGO_TARGET_DIR:-} in /*) programs=$CARGO_TARGET_DIR/release/examples ;; esac
export WAFT_FIGURES=$programs/figures
log=target/stats.log
: >$log

# run NAME COMMAND...: what it prints is shown and kept to be counted.
failed=0
run() {
  local name=$1
  shift
  "$@" 2>&1 | tee -a $log || {
    failed=$((failed + 1))
    echo "stats: $name FAILED"
  }
}

[ $# -gt 0 ] || run simulations "$programs/simulate"
while read -r oracle python; do
  [ $# = 0 ] || [[ " $* " = *" $oracle "* ]] || continue
  run "$oracle" env PYTHONDONTWRITEBYTECODE=1 "$python" "tests/oracles/stats/${oracle//-/_}_oracle.py"
done <target/env/stats.txt

comparisons=$(sed -n 's/.*: \([0-9]*\) comparisons$/\1/p' $log | paste -sd+ | sed 's/^$/0/')
simulations=$(sed -n 's/^simulations: \([0-9]*\), .*/\1/p' $log)
comparisons=$((comparisons))
# A name that is no oracle, or environments that are not there, must not look like success.
[ $comparisons -gt 0 ] || [ $failed -gt 0 ] || failed=1
echo "stats: $comparisons comparisons, ${simulations:-0} simulations, $failed failed"
[ $failed = 0 ]
