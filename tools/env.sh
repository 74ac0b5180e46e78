#!/usr/bin/env bash
# tools/env.sh COMMAND...: runs it with what tools/prepare.sh prepared: wasm-bindgen, wasm-pack and node_modules/.bin in
# PATH, a cargo and rustc that make wasm, CHROMIUM and CHROMEDRIVER. Native builds do without it: they keep the default Rust.
set -euo pipefail
for part in "$(dirname "$0")"/../target/env/*.sh; do
  # shellcheck source=/dev/null
  . "$part"
done
exec "$@"
