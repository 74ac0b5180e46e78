# Waft. `make help` lists the targets; each is enough by itself in a fresh clone.

.DEFAULT_GOAL := demo
.PHONY: demo test check size bench bench-page bench-studio faults fuzz kill load diff stats stores build waft clean help prepare
# Two cores and heavy compilers: one step at a time.
.NOTPARALLEL:

demo: build ## build everything, sign examples/shop, serve the demo on http://localhost:8787
	node tools/demo.mjs $(DEMO)

# The build is the first of its runners.
test: ## every test; RUNNERS="package browser" for some of them
	@tools/prepare.sh
	@node tools/test.mjs $(RUNNERS)

check: prepare ## format, lint, types, clippy
	@node tools/test.mjs format lint types clippy clippy-wasm

size: pkg/dist/index.js pkg/node/node_bg.wasm studio/dist/index.html ## what pages download, against their limits
	@node tools/size.mjs

matrix: build ## the packed tarball in tiny projects of every build tool, runner and runtime; ROWS="vite-8 jest" for some
	@tools/prepare.sh browser
	@tools/env.sh node tests/matrix/matrix.mjs

bench: waft pkg/dist/index.js tests/bench/node_modules/.package-lock.json ## waft beside its peers, BENCH_ROUNDS (7) times; writes docs/performance.md; BENCH_BASE=DIR: beside another build of waft
	@tools/prepare.sh browser
	@tools/env.sh node tests/bench/bench.mjs

# About 25 minutes, most of them waiting for the slow network.
bench-page: waft pkg/dist/index.js tests/bench/node_modules/.package-lock.json ## a phone's page from navigation to flag, beside peers', BENCH_ROUNDS (15) times; writes docs/performance.md; BENCH_PAGES, BENCH_FLAGS for some
	@tools/prepare.sh browser
	@tools/env.sh node tests/bench-page/bench-page.mjs

bench-studio: waft pkg/dist/index.js studio/dist/index.html tests/bench/node_modules/.package-lock.json ## a million people in the studio, beside a loop by hand and GrowthBook, STUDIO_ROUNDS (5) times
	@tools/prepare.sh browser
	@tools/env.sh node tests/bench-studio/bench-studio.mjs

# The peers are for the bench alone, so they are no workspace.
tests/bench/node_modules/.package-lock.json: tests/bench/package-lock.json | prepare
	npm ci --prefix tests/bench
	touch $@

faults: build ## exposures against a collector that fails, in Chromium and in 1,100,000 schedules; FAULTS="'two tabs'" for some
	@tools/prepare.sh browser
	WAFT_SCHEDULES=1000000 node --test pkg/tests/backlog.test.mjs
	WAFT_SCHEDULES=100000 node --test pkg/tests/schedules.test.mjs
	@tools/env.sh node tests/faults/faults.mjs $(FAULTS)

fuzz: ## every target of tests/fuzz for FUZZ_SECONDS (60) each; FUZZ="pattern table" for some
	@tools/prepare.sh fuzz
	@tools/fuzz.sh $(FUZZ)

# Then as fast as it goes. The program under test and the load share the machine.
load: ## waft serve at 5,000 exposures a second for LOAD_SECONDS (20) on SQLite and PostgreSQL, killed in the middle
	@tools/prepare.sh postgres
	cargo test --profile load -p waft-cli --test serve --no-run
	@for rate in 5000 0; do WAFT_LOAD_RATE=$$rate WAFT_LOAD_SECONDS=$(or $(LOAD_SECONDS),20) \
		cargo test -q --profile load -p waft-cli --test serve load:: -- --test-threads 1 || exit 1; done

kill: waft pkg/dist/index.js ## how long a kill takes to reach pages: in Chromium, and 1 and 1,000 that stream; CONNECTIONS="1 5000" for others
	@tools/prepare.sh browser
	@CONNECTIONS="$(or $(CONNECTIONS),1 1000)" tools/env.sh node tests/kill/kill.mjs

diff: waft ## waft diff of two snapshots of 1,000 flags over 1,000,000 people, on one core
	@python3 tests/bench/diff.py

stores: ## waft publish to S3, Azure and Google, as other people's programs play them
	@tools/prepare.sh stores
	cargo build -p waft-cli
	@tools/env.sh node --test tests/stores/stores.test.mjs

stats: ## the statistics of `waft report` beside other people's, and in simulations; ORACLES="scipy savvi" for some
	@tools/prepare.sh stats
	@tools/stats.sh $(ORACLES)

build: waft www/dist/index.html studio/dist/index.html pkg/node/node_bg.wasm ## the waft program, the wasm modules, the package, the demo site, the studio

clean: ## remove what was built; what was installed stays
	rm -rf target pkg/dist pkg/build pkg/engine pkg/studio pkg/workbench pkg/node www/dist studio/dist

help:
	@sed -n 's/^\([a-z-]*\):.* ## /\1\t/p' Makefile | expand -t 12

prepare:
	@tools/prepare.sh wasm node

waft: prepare
	cargo build --release --bin waft $(FEATURES)

# The files below are made again only when one that they are made from has changed. `prepare` comes first but is never a
# reason; target/env/wasm-std changes with the compiler.

core := $(shell find src crates/crypto -name '*.rs') crates/crypto/Cargo.toml Cargo.toml Cargo.lock tools/wasm.sh target/env/wasm-std
files = $(shell find $(1) -type f -not -path '*/dist/*' -not -path '*/node_modules/*')

target/env/wasm-std: | prepare ;

pkg/engine/engine.wasm: pkg/tools/compat.mjs pkg/tools/compat-kernels.mjs $(core) $(call files,crates/engine/src crates/engine/Cargo.toml) | prepare
	tools/env.sh tools/wasm.sh engine

sources = $(call files,$(foreach crate,$(1),crates/$(crate)/src crates/$(crate)/Cargo.toml))
pkg/studio/studio_bg.wasm: $(core) $(call sources,ruleset compile explain studio) | prepare
	tools/env.sh tools/wasm.sh studio

pkg/workbench/workbench_bg.wasm: $(core) $(call sources,ruleset compile explain studio) | prepare
	tools/env.sh tools/wasm.sh workbench

pkg/node/node_bg.wasm: $(core) $(call sources,ruleset compile explain commands studio) | prepare
	tools/env.sh tools/wasm.sh node

# `touch`, because a build may leave a file as it was.
pkg/dist/index.js: $(call files,pkg/src pkg/tools pkg/package.json pkg/tsconfig.json pkg/tsconfig.node.json) pkg/engine/engine.wasm pkg/studio/studio_bg.wasm pkg/workbench/workbench_bg.wasm pkg/node/node_bg.wasm | prepare
	npm run build -w pkg
	touch $@

www/dist/index.html: $(call files,www) pkg/dist/index.js | prepare
	npm run build -w www
	touch $@

studio/dist/index.html: $(call files,studio) pkg/dist/index.js | prepare
	npm run build -w studio
	touch $@
