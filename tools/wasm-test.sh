#!/usr/bin/env bash
# Runs the tests of crates/studio as wasm in headless Chromium. Run it through tools/env.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

# wasm-pack's runner reads the browser's path and switches from beside Cargo.toml. They belong to this machine: the file
# is written anew each time and ignored by git. Chromium's sandbox refuses to run as root; the rest keeps it off the network.
node >crates/studio/webdriver.json -p 'JSON.stringify({ "goog:chromeOptions": {
  binary: process.env.CHROMIUM,
  args: ["--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", ...(process.getuid() === 0 ? ["--no-sandbox"] : [])] } })'

exec wasm-pack test --headless --chrome --chromedriver "$CHROMEDRIVER" --mode no-install crates/studio --test vectors
