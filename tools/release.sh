#!/usr/bin/env bash
# tools/release.sh STEP: what a release does, one step at a time, by hand or by .github/workflows/release.yml. All that is made is in target/release-files.
#
#   versions [TAG]   the workspace, the package and the tag v1.2.3 name one version; prints it
#   licences         cargo-deny: licences, sources, known vulnerabilities (deny.toml)
#   package          the npm package: tarball, its bill of materials (CycloneDX), SHA-256 of both
#   binary [TARGET]  the command line for a target of rustc, default this machine's: an archive with both licences, and its SHA-256
set -euo pipefail
cd "$(dirname "$0")/.."

# Locked to what the steps were tried with.
CARGO_DENY=0.20.2
out=$PWD/target/release-files

die() {
  printf 'release: %s\n' "$*" >&2
  exit 1
}

version() { node -p "require('./pkg/package.json').version"; }

# sums FILE...: in the folder of all, so that `sha256sum -c` finds them by name.
sums() { (cd "$out" && for file in "$@"; do node -e "
  const { createHash } = require('crypto');
  process.stdout.write(createHash('sha256').update(require('fs').readFileSync(process.argv[1])).digest('hex') + '  ' + process.argv[1] + '\n')" "$file" >"$file.sha256"; done); }

versions() {
  local package workspace
  package=$(version)
  workspace=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
  [ "$package" = "$workspace" ] || die "pkg/package.json is $package, Cargo.toml $workspace"
  [ -z "${1-}" ] || [ "$1" = "v$package" ] || die "the tag is $1, the package $package"
  echo "$package"
}

licences() {
  [ "$(cargo deny --version 2>/dev/null)" = "cargo-deny $CARGO_DENY" ] || cargo install cargo-deny --locked --version "$CARGO_DENY"
  # Of all crates: without --workspace it looks at those of the root's package alone, which is `waft`.
  cargo deny --workspace --locked check
}

package() {
  make build
  mkdir -p "$out"
  npm pack -w pkg --ignore-scripts --pack-destination "$out"
  npm sbom --sbom-format cyclonedx --omit dev -w pkg >"$out/waft-$(version).cdx.json"
  sums "waft-$(version).tgz" "waft-$(version).cdx.json"
}

binary() {
  local target=${1:-$(rustc -vV | sed -n 's/^host: //p')} name program=waft
  name=waft-$(version)-$target
  case $target in *-windows-*) program=waft.exe ;; esac
  cargo build --release --locked --bin waft --target "$target"
  rm -rf "${out:?}/$name"
  mkdir -p "$out/$name"
  cp "target/$target/release/$program" LICENSE-APACHE LICENSE-MIT README.md "$out/$name/"
  tar -C "$out" -czf "$out/$name.tar.gz" "$name"
  rm -r "${out:?}/$name"
  sums "$name.tar.gz"
}

case ${1-} in
  versions | licences | package | binary) "$@" ;;
  *)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
