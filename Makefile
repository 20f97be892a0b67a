# Quaylight's two commands are `make run` and `make test`; the others are the steps those are made of.
# Needed beforehand: rustup, Node 20 or later, make. Everything else is set up by scripts/setup.

SHELL := bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test setup build dist dist-test watch lint audit fmt unit api-test e2e engines bench soak fuzz screenshots clean

# Puts the pinned tools on PATH.
ENV := . scripts/env &&

# app has two faces (ssr, hydrate) that must never meet in one cargo call; these two lists keep them apart.
NATIVE := -p app -p server -p simulator
WASM := -p app -p frontend --features frontend/split --target wasm32-unknown-unknown

# What to pass to the server or to Playwright: make run ARGS="--listen 127.0.0.1:4000", make e2e ARGS="specs/list.spec.ts"
ARGS :=
# How long make soak runs, and make fuzz on each target.
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

dist: build ## Make packages in target/dist: static program, Debian package, container image, SBOM, checksums
	@scripts/setup --dist
	@scripts/dist

dist-test: dist ## Install and run each package, as root, with an engine of its own: make dist-test ARGS="image deb"
	@scripts/setup --tests
	@scripts/dist-test $(ARGS)

watch: ## Rebuild and reload while you edit (debug build)
	@scripts/setup
	@$(ENV) cargo leptos watch

lint: ## Formatting, clippy and rustdoc as errors (native and WebAssembly), TypeScript types
	@$(ENV) tsc --noEmit -p end2end
	@$(ENV) cargo fmt --all --check
	@$(ENV) cargo clippy $(NATIVE) --all-targets -- -D warnings
	@$(ENV) cargo clippy $(WASM) -- -D warnings
	@$(ENV) RUSTDOCFLAGS="-D warnings" cargo doc $(NATIVE) --no-deps --document-private-items
	@$(ENV) RUSTDOCFLAGS="-D warnings" cargo doc $(WASM) --no-deps

audit: ## Licences, sources, bans and known advisories of everything inside
	@scripts/audit

fmt: ## Format the Rust code
	@$(ENV) cargo fmt --all

unit: ## Unit and server tests, the simulator's, and the contract tests on a real engine
	@$(ENV) cargo test $(NATIVE)

api-test: ## The OpenAPI document is valid, and schemathesis finds nothing that contradicts it
	@scripts/api-test

e2e: build ## End-to-end tests in Chromium, on the release build
	@scripts/e2e $(ARGS)

engines: ## Contract and server tests on real engines, as root: make engines ENGINES="26.1 podman"
	@scripts/setup --tests
	@scripts/engines $(ENGINES)

bench: build ## What it costs and how fast it is, beside what was promised: make bench ARGS="watching wire"
	@scripts/setup --tests
	@scripts/bench $(ARGS)

soak: build ## An hour of churn, guests and restarts: memory and descriptors stay (SECS=3600)
	@$(ENV) QUAYLIGHT_BIN=$$quaylight_root/target/release/quaylight QUAYLIGHT_SOAK_SECS=$(or $(SECS),3600) \
	  cargo test -p app -p server -p simulator --test soak -- --nocapture

fuzz: ## Coverage-guided fuzzing of every reader of outside bytes, ten minutes each: make fuzz TARGETS="frame headers" SECS=60
	@scripts/fuzz $(or $(SECS),600) $(TARGETS)

screenshots: build ## Take the README's pictures anew (docs/images)
	@scripts/screenshots

clean: ## Remove what the build and the tests wrote
	@$(ENV) cargo clean
	@rm -rf node_modules end2end/test-results end2end/playwright-report
