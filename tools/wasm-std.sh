#!/usr/bin/env bash
# The way to wasm32-unknown-unknown where rustup cannot download: Debian's Rust (rustc-web, kept new for its browsers)
# comes with the source of the standard library, from which it is built once. As root; tools/prepare.sh calls it.
#
# rustup's own compiler cannot use the result: one compiler, one standard library. So wasm is then built with Debian's.
set -euo pipefail

target=wasm32-unknown-unknown
export DEBIAN_FRONTEND=noninteractive
install() { apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"; }

apt-get update
install rustc-web cargo-web rust-web-src rust-web-llvm
# rust-lld is a link into an LLVM whose package is only recommended; its number is in the link (/usr/lib/llvm-22/bin/lld).
lld=$(readlink /usr/bin/rust-lld | grep -oE 'llvm-[0-9]+' | grep -oE '[0-9]+')
install "lld-$lld"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir src
: >src/lib.rs
printf '[package]\nname = "waft-std"\nversion = "0.0.0"\nedition = "2021"\n' >Cargo.toml
# Without bitcode in it, `lto = true` fails later ("Can't find section .llvmbc").
RUSTFLAGS=-Cembed-bitcode=yes RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc CARGO_TARGET_DIR=$work/target \
  /usr/bin/cargo build --release --target $target -Zbuild-std=std,panic_abort,panic_unwind,test

home=$(/usr/bin/rustc --print sysroot)/lib/rustlib/$target
rm -f "target/$target/release/deps/"libwaft_std*
rm -rf "$home/lib.new"
mkdir -p "$home/lib.new"
cp "target/$target/release/deps/"*.rlib "target/$target/release/deps/"*.rmeta "$home/lib.new/"
# One rename: an interrupted run never leaves half a library.
rm -rf "${home:?}/lib"
mv "$home/lib.new" "$home/lib"
