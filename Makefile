# oxFlow. `make run` serves the demonstration, `make test` proves the build; each installs what
# it needs (see .ci/tools). Beforehand there must be git, make, curl, a C compiler, Rust, Node.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check bench dist clean fuzz openapi release screenshots soak ui

export PATH := $(CURDIR)/.tools/bin:$(PATH)
CARGO := cargo
FUZZ_SECONDS ?= 60
FUZZ_EXAMPLES ?= 50
FUZZ_TARGETS := codec formula frames oxsnap programme spreadsheet
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
UI_SOURCES := $(shell find ui/src ui/public ui/*.html ui/*.ts ui/*.json -type f 2>/dev/null)
UI_DEPS := ui/node_modules/.package-lock.json
UI_DIST := ui/dist/index.html

help:
	@echo 'make run     build everything and serve the demonstration on http://127.0.0.1:3000/'
	@echo 'make test    every test: Rust, UI and browser'
	@echo 'make check   format, lints, architecture, types, API document, licences'
	@echo 'make openapi bring the API document and the types of the UI up to date'
	@echo 'make screenshots take the pictures of README and tutorial anew'
	@echo 'make fuzz    each fuzz target for FUZZ_SECONDS (60), then the API by its document'
	@echo 'make soak    the vault under ten thousand seeds of faults, and fifty kills'
	@echo 'make bench   measure against the baselines (about fifteen minutes)'
	@echo 'make dist    pack the release binary into target/dist/'
	@echo 'make clean   remove everything that was built (data/ stays)'

run: release
	target/release/oxflow serve --demo

release: $(UI_DIST)
	$(CARGO) build --release --locked

ui: $(UI_DIST)

$(UI_DEPS): ui/package.json ui/package-lock.json
	npm ci --prefix ui --no-audit --no-fund --loglevel=error
	touch $@

$(UI_DIST): $(UI_DEPS) $(UI_SOURCES)
	npm run --silent --prefix ui build
	touch $@

check: $(UI_DEPS) $(UI_DIST)
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	$(CARGO) test --locked --quiet --test architecture
	npm run --silent --prefix ui lint
	npm run --silent --prefix ui types
	npm run --silent --prefix ui budget
	.ci/openapi-check
	.ci/tools deny
	cargo-deny --log-level error --locked check licenses bans sources
	@# The advisory database is fetched over the network; without it the rest still counts.
	if cargo-deny --log-level off fetch db >/dev/null 2>&1; \
	then cargo-deny --log-level error --locked check --disable-fetch advisories; \
	else echo 'advisories: skipped, the database cannot be reached from here'; fi

test: $(UI_DEPS) $(UI_DIST)
	.ci/tools nextest chromium poppler mpxj seaweedfs oidc azurite faketime schemathesis
	npm run --silent --prefix ui test
	$(CARGO) nextest run --locked --config-file .ci/nextest.toml --no-run
	npm run --silent --prefix ui e2e
	$(CARGO) nextest run --locked --config-file .ci/nextest.toml

openapi: $(UI_DEPS)
	.ci/openapi-check --write

bench: release
	.ci/tools postgres pocketbase
	$(CARGO) bench --locked

soak:
	OXFLOW_SIM_SEEDS=10000 $(CARGO) test --locked --lib vault::tests::no_fault -- --nocapture
	.ci/tools nextest seaweedfs
	OXFLOW_KILLS=50 OXFLOW_AWAY_SECONDS=60 $(CARGO) nextest run --locked --config-file .ci/nextest.toml \
	  -E 'test(/^vault_kills|^vault_faults/)'

fuzz:
	.ci/tools fuzz nextest schemathesis
	$(CARGO) fuzz build --sanitizer none --codegen-units 16
	for target in $(FUZZ_TARGETS); do \
	  $(CARGO) fuzz run --sanitizer none --codegen-units 16 $$target -- -max_total_time=$(FUZZ_SECONDS) \
	    -max_len=16384 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1; \
	done
	OXFLOW_API_EXAMPLES=$(FUZZ_EXAMPLES) $(CARGO) nextest run --locked \
	  --config-file .ci/nextest.toml -E 'test(/^api_answers/)'

screenshots: release
	.ci/tools chromium poppler pngquant
	node ui/scripts/screenshots.mjs

dist: release
	rm -rf target/dist && mkdir -p target/dist/oxflow-$(VERSION)
	cp target/release/oxflow LICENSE README.md CHANGELOG.md target/dist/oxflow-$(VERSION)/
	tar -C target/dist --owner=0 --group=0 --sort=name -czf \
	  target/dist/oxflow-$(VERSION)-linux-$$(uname -m).tar.gz oxflow-$(VERSION)
	cd target/dist && sha256sum *.tar.gz | tee SHA256SUMS

clean:
	rm -rf target ui/dist ui/node_modules .tools
