# `make run` and `make test` are the main commands; the others are their steps.
# Requires rustup, Node 20 or later, and make. scripts/setup installs the rest.

SHELL := bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test setup build dist dist-test watch lint audit fmt unit api-test e2e engines bench soak fuzz screenshots clean

# Puts the pinned tools on PATH.
ENV := . scripts/env &&

# app's features ssr and hydrate must not be enabled in one cargo call.
NATIVE := -p app -p server -p simulator
WASM := -p app -p frontend --features frontend/split --target wasm32-unknown-unknown

# Arguments of the server, cargo test, Playwright, the benchmark or scripts/dist-test:
#   make run ARGS="--listen 127.0.0.1:4000"
#   make unit ARGS="-p app query"
#   make e2e ARGS="specs/list/search.spec.ts"
ARGS :=
# Build tested by make e2e: build (this machine's release) or dist (the packages' static binary).
RELEASE := build
# Duration of make soak, and of each target of make fuzz.
SECS :=
TARGETS :=

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: build ## Set up, build the release and start it on http://127.0.0.1:3000
	@exec target/release/quaylight --allow-actions --demo-fallback $(ARGS)

test: ## Set up everything and run every check and test
	@scripts/setup --tests
	@$(MAKE) lint audit unit api-test e2e

setup: ## Set up everything the build and the tests need
	@scripts/setup --tests

build: ## Build the release: target/release/quaylight, one file
	@scripts/setup
	@scripts/build

dist: ## Make packages in target/dist: static binary, Debian package, container image, SBOM, checksums
	@scripts/setup --dist
	@scripts/build --page
	@scripts/dist

dist-test: dist ## Install and run each package, as root, with its own engine: make dist-test ARGS="image deb"
	@scripts/setup --tests
	@scripts/dist-test $(ARGS)

watch: ## Rebuild and reload while you edit (debug build)
	@scripts/setup
	@$(ENV) cargo leptos watch

lint: ## Formatting, clippy and rustdoc as errors (native and WebAssembly), TypeScript types
	@$(ENV) tsc --noEmit -p end2end && tsc --noEmit -p end2end/tsconfig.exchange.json
	@$(ENV) cargo fmt --all --check
	@$(ENV) cargo clippy $(NATIVE) --all-targets -- -D warnings
	@$(ENV) cargo clippy -p server --no-default-features -- -D warnings
	@$(ENV) cargo clippy $(WASM) -- -D warnings
	@$(ENV) RUSTDOCFLAGS="-D warnings" cargo doc $(NATIVE) --no-deps --document-private-items
	@$(ENV) RUSTDOCFLAGS="-D warnings" cargo doc $(WASM) --no-deps

audit: ## Licenses, sources, bans and known advisories of all dependencies
	@scripts/audit

fmt: ## Format the Rust code
	@$(ENV) cargo fmt --all

unit: ## Unit and server tests, the simulator's, and the engine contract; a part: make unit ARGS="-p app query"
	@$(ENV) cargo test $(or $(ARGS),$(NATIVE))

api-test: ## Validate the OpenAPI document; schemathesis looks for responses that contradict it
	@scripts/api-test

e2e: $(RELEASE) ## End-to-end tests in Chromium, on the release build
	@RELEASE=$(RELEASE) scripts/e2e $(ARGS)

engines: ## Contract and server tests on real engines, as root: make engines ENGINES="26.1 podman"
	@scripts/setup --tests
	@scripts/engines $(ENGINES)

bench: build ## Measure cost and speed and compare with the targets, as root: make bench ARGS="watching wire"
	@scripts/setup --tests
	@scripts/bench $(ARGS)

soak: build ## An hour of load and restarts: memory and file descriptors stay constant (SECS=3600)
	@$(ENV) QUAYLIGHT_BIN=$$quaylight_root/target/release/quaylight QUAYLIGHT_SOAK_SECS=$(or $(SECS),3600) \
	  cargo test -p app -p server -p simulator --test soak -- --nocapture

fuzz: ## Coverage-guided fuzzing of every parser of external input, ten minutes each: make fuzz TARGETS="frame headers" SECS=60
	@scripts/fuzz $(or $(SECS),600) $(TARGETS)

screenshots: build ## Take the README's pictures again (docs/images)
	@scripts/screenshots

clean: ## Remove the output of builds and tests
	@$(ENV) cargo clean
	@rm -rf node_modules end2end/test-results end2end/playwright-report
