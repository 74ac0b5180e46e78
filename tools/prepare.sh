#!/usr/bin/env bash
# Prepares a machine for this repository: tools/prepare.sh [wasm] [node] [browser] [python] [postgres] [signers] [fuzz], no argument = all
# of these; only when asked for: [stats], five environments of Python for `make stats`, 2 GB; [stores], for `make stores`.
#
# Each part takes the first of: what is installed and of the right version; the platform's own way (rustup, cargo
# install, npm ci); Debian's packages, as root. What it installs is kept per user, so that a second clone finds it.
# It writes target/env/PART.sh, which tools/env.sh reads. A run that finds everything takes about a second.
set -euo pipefail
cd "$(dirname "$0")/.."

WASM_PACK=0.15.1
CARGO_FUZZ=0.13.2
S3S_FS=0.14.1
NODE=20.19 # what Vite 8 asks for
PYTHON_MIN=3.11 # what NumPy and SciPy ask for
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/waft
LOGS=$PWD/target/prepare
mkdir -p "$CACHE" "$LOGS" target/env

die() {
  printf 'prepare: %s\n' "$*" >&2
  exit 1
}

# attempt NAME COMMAND...: one line with the seconds taken, every 25 so far; what the command prints goes to a log.
attempt() {
  local name=$1 start=$SECONDS ticker result=0
  shift
  log=$LOGS/${name//[^A-Za-z0-9.-]/-}.log
  printf 'prepare: %s ... ' "$name"
  # The last `sleep` outlives the loop: it must hold neither the lock nor whoever reads the output.
  while sleep 25 >&- 2>&-; do printf '%s s ... ' $((SECONDS - start)); done 9>&- &
  ticker=$!
  disown
  "$@" >"$log" 2>&1 </dev/null || result=$?
  kill $ticker
  if [ $result = 0 ]; then
    printf '%s s\n' $((SECONDS - start))
  else
    printf 'no (%s s, %s)\n' $((SECONDS - start)) "${log#"$PWD/"}"
    return 1
  fi
}

# must NAME REMEDY COMMAND...: an attempt that there is no other way after.
must() {
  local name=$1 remedy=$2
  shift 2
  attempt "$name" "$@" && return
  tail -n 15 "$log" >&2
  die "$name failed (above: the end of ${log#"$PWD/"}). To mend it: $remedy"
}

# at_least WANTED VERSION
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

can_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# apt_install PACKAGE...
apt_install() {
  must 'apt-get update' 'apt-get update' apt-get update
  must "apt-get install $*" "apt-get install $*" \
    env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
}

# Lines for target/env/*.sh.
export_line() { printf 'export %s=%q\n' "$1" "$2"; }
# shellcheck disable=SC2016 # PATH is for the reader of the line to expand
path_line() { printf 'export PATH=%q:"$PATH"\n' "$1"; }

### wasm ###############################################################################################################

# Does this compiler make wasm? A trial tells more than a look at folders: after an upgrade of the compiler, the old
# standard library is still there and of no use.
makes_wasm() {
  local out
  out=$(mktemp) || return 1
  local ok=0
  echo 'pub fn f() -> Vec<u8> { vec![1] }' |
    "$1" --target wasm32-unknown-unknown --crate-type cdylib -o "$out" - >/dev/null 2>&1 || ok=1
  rm -f "$out"
  return $ok
}

rust_is_new_enough() {
  local version
  version=$("$1" --version 2>/dev/null | cut -d' ' -f2) && at_least "$RUST" "${version%%-*}"
}

# Sets RUSTC_WASM to a compiler that makes wasm: the default one, or Debian's. tools/wasm-std.sh says why Debian's.
find_wasm_compiler() {
  local debian=/usr/bin/rustc default
  default=$(command -v rustc) || default=$debian
  if makes_wasm "$default" && rust_is_new_enough "$default"; then
    RUSTC_WASM=$default
  elif makes_wasm "$debian" && rust_is_new_enough "$debian"; then
    RUSTC_WASM=$debian
  else
    return 1
  fi
}

# cargo_tool NAME VERSION PROGRAM [OPTION...]: puts the folder of a program of exactly this version into `bin`.
# `--locked` first: the versions its authors tried. It fails where a registry's copy lags behind the lock file.
cargo_tool() {
  local name=$1 version=$2 program=$3 root=$CACHE/$1-$2 found
  shift 3
  found=$(command -v "$program" || true)
  bin=${found%/*}
  [ -n "$found" ] && [ "$("$found" --version 2>/dev/null | cut -d' ' -f2)" = "$version" ] && return
  bin=$root/bin
  [ -x "$root/bin/$program" ] && return
  attempt "cargo install $name $version, locked" cargo install "$name" --version "$version" --locked --root "$root" "$@" ||
    must "cargo install $name $version" "cargo install $name --version $version --root '$root'" \
      cargo install "$name" --version "$version" --root "$root" "$@"
}

# The standard library may have been built anew since this clone last compiled for wasm: its objects name other crates.
forget_old_objects() {
  local library stamp=target/env/wasm-std
  library=$("$RUSTC_WASM" -vV && ls "$("$RUSTC_WASM" --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib")
  [ "$(cat "$stamp" 2>/dev/null || true)" = "$library" ] && return
  rm -rf target/wasm32-unknown-unknown
  printf '%s\n' "$library" >"$stamp"
}

prepare_wasm() {
  local bindgen bin env=target/env/wasm.sh
  RUST=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  bindgen=$(sed -n 's/^wasm-bindgen = .*"=\([0-9.]*\)".*/\1/p' Cargo.toml)
  [ -n "$RUST" ] || die 'Cargo.toml names no rust-version'
  [ -n "$bindgen" ] || die 'Cargo.toml names no exact wasm-bindgen version'

  command -v cargo >/dev/null || die "there is no cargo: install Rust $RUST or newer with rustup"
  rust_is_new_enough rustc || die "rustc is older than $RUST: rustup update stable"

  if ! find_wasm_compiler; then
    # A time limit, because behind some closed networks a connection neither fails nor succeeds.
    if command -v rustup >/dev/null; then
      attempt 'rustup target add wasm32-unknown-unknown' timeout 180 rustup target add wasm32-unknown-unknown || true
    fi
    if ! find_wasm_compiler; then
      can_apt || die 'no compiler here makes wasm32-unknown-unknown: rustup target add wasm32-unknown-unknown' \
        '(or, on Debian, run tools/prepare.sh as root)'
      must "wasm32 standard library for Debian's Rust" 'tools/wasm-std.sh, as root' tools/wasm-std.sh
      find_wasm_compiler || die "Debian's Rust is older than $RUST or does not make wasm: use rustup, and rustup target add wasm32-unknown-unknown"
    fi
  fi
  forget_old_objects

  : >$env.new
  cargo_tool wasm-bindgen-cli "$bindgen" wasm-bindgen
  path_line "$bin" >>$env.new
  cargo_tool wasm-pack "$WASM_PACK" wasm-pack
  path_line "$bin" >>$env.new
  if [ "$RUSTC_WASM" = /usr/bin/rustc ]; then
    # wasm-pack runs plain `rustc` and `cargo`. A folder of links puts these two first in PATH, and not all of /usr/bin.
    mkdir -p "$CACHE/debian-rust"
    ln -sf /usr/bin/rustc /usr/bin/cargo /usr/bin/rustdoc "$CACHE/debian-rust/"
    path_line "$CACHE/debian-rust" >>$env.new
    export_line RUSTC /usr/bin/rustc >>$env.new
  fi
  mv $env.new $env
}

### node ###############################################################################################################

prepare_node() {
  command -v npm >/dev/null || die "there is no npm: install Node.js $NODE or newer"
  at_least "$NODE" "$(node -p process.versions.node)" ||
    die "Node.js $(node -p process.versions.node) is older than $NODE: install a newer one"

  npm_ci .
  path_line "$PWD/node_modules/.bin" >target/env/node.sh
}

# npm_ci FOLDER: what is installed there is stale when the lock file has changed.
npm_ci() {
  local wanted stamp=$1/node_modules/.waft-installed
  wanted=$(cksum <"$1/package-lock.json")
  [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ] && return
  must "npm ci in $1" "npm ci --prefix $1 (after a change of a package.json: npm install)" npm ci --prefix "$1"
  printf '%s\n' "$wanted" >"$stamp"
}

### browser ############################################################################################################

first_of() {
  local name
  for name in "$@"; do command -v "$name" && return; done
  return 0
}

find_browser() {
  chromium=${CHROMIUM:-$(first_of chromium chromium-browser google-chrome google-chrome-stable)}
  chromedriver=${CHROMEDRIVER:-$(first_of chromedriver)}
  [ -n "$chromium" ] && [ -n "$chromedriver" ]
}

find_firefox() {
  firefox=${FIREFOX:-$(first_of firefox-esr firefox)}
  [ -n "$firefox" ]
}

# Safari's engine, as GTK has it: WebDriver starts its MiniBrowser, which needs a display, if only a virtual one.
find_webkit() {
  webkit=${WEBKIT_DRIVER:-$(first_of WebKitWebDriver)}
  minibrowser=${MINIBROWSER:-$(first_of /usr/lib/*/webkit2gtk-4.1/MiniBrowser)}
  [ -n "$webkit" ] && [ -n "$minibrowser" ] && [ -n "$(first_of Xvfb)" ]
}

prepare_browser() {
  local chromium chromedriver firefox webkit minibrowser ours theirs missing=()
  find_browser || missing+=(chromium chromium-driver)
  find_firefox || missing+=(firefox-esr)
  find_webkit || missing+=(webkit2gtk-driver xvfb)
  if [ ${#missing[@]} -gt 0 ] && can_apt; then apt_install "${missing[@]}"; fi
  find_browser || die 'Chromium or chromedriver is missing: install both, or name them in CHROMIUM and CHROMEDRIVER'
  # The other engines are a proof beside the tests: the rest runs without them, and says so.
  find_firefox || echo 'prepare: there is no Firefox; tests/e2e/engines skips it, and says so (or name it in FIREFOX)'
  find_webkit || echo 'prepare: there is no WebKitWebDriver with MiniBrowser and Xvfb; tests/e2e/engines skips WebKit, and says so'
  # chromedriver refuses a browser of another major version, in words that few understand.
  ours=$("$chromium" --version 2>/dev/null | grep -oE '[0-9]+' | head -n 1) || true
  theirs=$("$chromedriver" --version 2>/dev/null | grep -oE '[0-9]+' | head -n 1) || true
  if [ -z "$ours" ] || [ "$ours" != "$theirs" ]; then
    die "$chromium ($ours) and $chromedriver ($theirs) do not belong together: install both of one version"
  fi
  {
    export_line CHROMIUM "$chromium"
    export_line CHROMEDRIVER "$chromedriver"
    if find_firefox; then export_line FIREFOX "$firefox"; fi
    if find_webkit; then
      export_line WEBKIT_DRIVER "$webkit"
      export_line MINIBROWSER "$minibrowser"
    fi
  } >target/env/browser.sh
}

### python #############################################################################################################

# Sets `python` to the first Python that is new enough and can make a virtual environment.
find_python() {
  local name
  for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3}; do
    python=$(command -v "$name") || continue
    at_least "$PYTHON_MIN" "$("$python" -c 'import ensurepip, platform, venv; print(platform.python_version())' 2>/dev/null)" &&
      return
  done
  return 1
}

# Sets `venv` to a virtual environment with exactly what a file of requirements lists.
make_venv() {
  local requirements=$1
  venv=$CACHE/python-$({ cat "$requirements" && "$python" -VV; } | cksum | cut -d' ' -f1)
  # The stamp is written last. A Python that was removed leaves links to nowhere.
  [ -e "$venv/complete" ] && "$venv/bin/python" -c '' 2>/dev/null && return
  rm -rf "$venv"
  must "python venv for $requirements" "$python -m venv $venv" "$python" -m venv "$venv"
  must "pip install $requirements" "$venv/bin/pip install --no-deps --only-binary :all: -r $requirements" \
    "$venv/bin/pip" install --disable-pip-version-check --no-deps --only-binary :all: -r "$requirements"
  touch "$venv/complete"
}

# What tests/oracles runs on: Python's libraries in a virtual environment, and Node's.
prepare_python() {
  local python venv
  if ! find_python; then
    if ! can_apt; then
      # The oracles are a proof beside the tests, not the tests: the rest runs without them, and says so.
      echo "prepare: there is no Python $PYTHON_MIN or newer with venv; without it the runner 'oracles' is left out"
      rm -f target/env/python.sh
      return
    fi
    apt_install python3 python3-venv
    find_python || die "Debian's Python is older than $PYTHON_MIN: install a newer one, or name it in PYTHON"
  fi
  make_venv tests/oracles/requirements.txt
  npm_ci tests/oracles
  export_line ORACLES_PYTHON "$venv/bin/python" >target/env/python.sh
}

### postgres ###########################################################################################################

# Where crates/cli/tests/serve/cluster.rs looks, too: the tests start a server of their own.
find_postgres() {
  local folder
  for folder in "${POSTGRES_BIN:-}" "$(dirname "$(command -v initdb || echo /)")" /usr/lib/postgresql/*/bin; do
    [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && [ -x "$folder/pg_isready" ] && return
  done
  return 1
}

prepare_postgres() {
  find_postgres && return
  if ! can_apt; then
    echo "prepare: there is no PostgreSQL; the tests of 'waft serve' skip what runs on it, and say so (or name its bin in POSTGRES_BIN)"
    return
  fi
  apt_install postgresql
  find_postgres || die 'PostgreSQL is still missing: name the folder of its programs in POSTGRES_BIN'
}

### signers ############################################################################################################

# Keys that are not in a file: crates/cli/tests/files/keys.rs signs with a token of SoftHSM, by PKCS#11.
prepare_signers() {
  [ -n "$(first_of softhsm2-util)" ] && [ -n "$(first_of pkcs11-tool)" ] && return
  if ! can_apt; then
    echo 'prepare: there is no softhsm2 or no opensc; the test that signs by PKCS#11 is skipped, and says so'
    return
  fi
  apt_install softhsm2 opensc
}

### stats ##############################################################################################################

# An environment for each oracle of tests/oracles/stats, whose dependencies exclude each other. target/env/stats.txt names
# their Pythons: it is a list for tools/stats.sh and nothing to export.
prepare_stats() {
  local python venv requirements
  if ! find_python; then
    can_apt || die "make stats needs Python $PYTHON_MIN or newer with venv: install it, or name it in PYTHON"
    apt_install python3 python3-venv
    find_python || die "Debian's Python is older than $PYTHON_MIN: install a newer one, or name it in PYTHON"
  fi
  : >target/env/stats.new
  for requirements in tests/oracles/stats/*.txt; do
    make_venv "$requirements"
    printf '%s %s\n' "$(basename "$requirements" .txt)" "$venv/bin/python" >>target/env/stats.new
  done
  mv target/env/stats.new target/env/stats.txt
}

### stores #############################################################################################################

# Stores for `make stores`: S3's protocol by s3s-fs (six minutes to compile, so it is no part of `make test`), Azure's by Azurite, Google's
# by an emulator.
prepare_stores() {
  local python venv bin
  cargo_tool s3s-fs "$S3S_FS" s3s-fs --debug --features binary
  npm_ci tests/stores
  find_python || die "make stores needs Python $PYTHON_MIN or newer with venv: install it, or name it in PYTHON"
  make_venv tests/stores/requirements.txt
  {
    path_line "$bin"
    export_line GOOGLE_EMULATOR "$venv/bin/gcp-storage-emulator"
  } >target/env/stores.sh
}

### fuzz ###############################################################################################################

prepare_fuzz() {
  local bin
  if ! cargo +nightly --version >/dev/null 2>&1; then
    echo "prepare: there is no nightly Rust (rustup toolchain install nightly); without it the runner 'fuzz' is left out"
    rm -f target/env/fuzz.sh
    return
  fi
  cargo_tool cargo-fuzz "$CARGO_FUZZ" cargo-fuzz
  path_line "$bin" >target/env/fuzz.sh
}

# Two runs at once would install over each other; the second waits and then finds everything there.
if command -v flock >/dev/null; then
  exec 9>"$CACHE/prepare.lock"
  flock -n 9 || {
    echo 'prepare: waiting for another run of tools/prepare.sh'
    flock -w 1800 9 || die "another run has held $CACHE/prepare.lock for half an hour: end it"
  }
fi

[ $# -gt 0 ] || set -- wasm node browser python postgres signers fuzz
for part in "$@"; do
  case $part in
    wasm | node | browser | python | postgres | signers | stats | stores | fuzz) "prepare_$part" ;;
    *) die "there is no part '$part': wasm, node, browser, python, postgres, signers, stats, stores or fuzz" ;;
  esac
done
