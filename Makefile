# Each verb has one line of help: `make help`. State lies under .local/, target/ and build/.

SHELL := /bin/bash -o pipefail
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

FUNCTIONS := api render notifier janitor
PYTHON ?= python3
TARGET := $(or $(CARGO_TARGET_DIR),target)
VENV := .local/venv/bin
BENCH := tests/bench
NODE_PROJECTS := $(patsubst %/package-lock.json,%,$(wildcard infra/cdk/package-lock.json tests/*/package-lock.json))
RUN := $(shell cargo nextest --version >/dev/null 2>&1 && echo nextest run || echo test)
STACK := $(VENV)/python infra/local/stack.py
APT := apt-get update && apt-get install -y --no-install-recommends
export SAM_CLI_TELEMETRY := 0
export npm_config_audit := false
export npm_config_fund := false

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

# --- the stack on this machine ---

run: build layer tools ## build and start the whole stack here, show its log, end it with ctrl-C
	@exec $(STACK) run

up: build layer tools ## the same in the background; returns when it is ready
	@$(STACK) up

down: tools ## end the stack in the background
	@$(STACK) down

# --- builds ---

build: compiler ## build every crate, and the functions for the local stack
	cargo build --workspace --locked
	@for name in $(FUNCTIONS); do \
	  mkdir -p target/lambda/$$name && strip -o target/lambda/$$name/bootstrap $(TARGET)/debug/$$name || exit 1; \
	done

package: compiler .local/build.stamp ## build the functions for Lambda (glibc 2.34)
	PATH="$(CURDIR)/.local/build/bin:$$PATH" \
	  cargo lambda build --workspace --release --locked --target x86_64-unknown-linux-gnu.2.34 \
	  --lambda-dir target/lambda $(FUNCTIONS:%=--bin %)
	@$(PYTHON) layers/chromium/build.py --fits target/lambda/render/bootstrap

layer: .local/venv.stamp ## build the layer: Chromium, its libraries, fonts (ends at once if nothing changed)
	@$(VENV)/python layers/chromium/build.py

deploy: package layer tools ## deploy to AWS; ARGS='--stack-name … --parameter-overrides …'
	$(VENV)/sam deploy --template-file infra/template.yaml $(ARGS)
	@echo "Next: cargo run -p darkroom-ctl -- signer rotate, then account create (see README)"

# --- tests ---

test: build layer tools npm ## every test, on a fresh stack of its own
	cargo $(RUN) --workspace --locked
	env -u DARKROOM_URL $(VENV)/python -m pytest -q tests/stack
	npm --prefix infra/cdk test

fast: ## the tests that need neither AWS nor a browser, in seconds
	cargo $(RUN) -p darkroom-core -p darkroom-dialects -p darkroom-flows -p darkroom-world

simulate: ## run SEEDS schedules (100000) of crashes, stalls and duplicates in the simulated world
	cargo build --workspace --locked --bin simulate
	@$(TARGET)/debug/simulate $(or $(SEEDS),100000)

simulate-mutants: ## take one rule of the design after the other out, and tell which seed notices
	@$(PYTHON) tests/world/mutants.py

model: ## explore the model of a job's life whole, then without each rule of the design
	cargo build --release --locked -p darkroom-model
	@$(TARGET)/release/model

mutants: compiler ## change core and flows in every small way, tell what no test notices (hours; SHARD=0/8)
	@cargo mutants --version >/dev/null 2>&1 || cargo install --locked cargo-mutants
	cargo mutants -p darkroom-core -p darkroom-flows $(if $(SHARD),--shard $(SHARD)) \
	  --test-package darkroom-core,darkroom-dialects,darkroom-flows,darkroom-world

zoo: compiler ## post webhooks to some seventy awkward receivers, tell seconds, memory and outcome
	cargo build --workspace --locked --bin zoo
	@$(TARGET)/debug/zoo

lint: deny ## formatting, clippy, rustdoc, licences and duplicate crates
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
	cargo deny --locked check bans licenses sources

fmt: ## format the Rust code
	cargo fmt --all

validate: tools ## check the template with sam and cfn-lint
	$(VENV)/sam validate --lint --region us-east-1 --template-file infra/template.yaml
	$(VENV)/cfn-lint infra/template.yaml

retries: build layer tools ## measure when webhooks are retried (7 minutes)
	@$(STACK) with $(VENV)/python tests/stack/retries.py

faults: build layer tools ## break every AWS call in every way on the local stack, and look what is lost (10 minutes)
	@$(VENV)/python tests/stack/faults.py

corpus: build layer tools ## capture the Rust documentation in a burst, write a contact sheet
	@$(STACK) with $(VENV)/python tests/stack/corpus.py

bench: layer compiler $(BENCH)/node_modules/.package-lock.json ## measure snap against puppeteer, playwright and raw DevTools; RUNS=3 tells medians
	cargo build --release --locked -p darkroom-snap -p darkroom-limit
	@node $(BENCH)/bench.mjs

bench-api: compiler ## measure what api itself takes for a request, with the simulated world for services
	cargo build --release --locked -p darkroom-world --bin bench-api
	@$(TARGET)/release/bench-api

cold: build layer tools $(BENCH)/node_modules/.package-lock.json ## measure cold starts: render against @sparticuz/chromium + puppeteer
	cargo build --release --locked -p darkroom-render
	@PYTHONPATH=tests/stack $(STACK) with $(VENV)/python $(BENCH)/cold.py

fidelity: layer compiler tools $(BENCH)/node_modules/.package-lock.json ## compare snap's pictures with playwright's, pixel by pixel
	cargo build --release --locked -p darkroom-snap
	@PYTHONPATH=tests/stack $(VENV)/python $(BENCH)/fidelity.py

clips: layer compiler $(BENCH)/node_modules/.package-lock.json ## make clips of five seconds as mp4, webm and gif; tell seconds and sizes
	cargo build --release --locked -p darkroom-snap
	@node $(BENCH)/clips.mjs

tall: layer compiler tools ## capture pages of up to 100,000 px, read every row, tell seconds and memory
	cargo build --release --locked -p darkroom-snap
	@PYTHONPATH=tests/stack $(VENV)/python $(BENCH)/tall.py

soak: layer compiler $(BENCH)/node_modules/.package-lock.json ## take 1,000 captures in one browser; memory, descriptors and files must not grow
	cargo build --release --locked -p darkroom-snap
	@node $(BENCH)/soak.mjs

clean: ## remove what was built and downloaded, but not cargo's target folder
	rm -rf .local build $(NODE_PROJECTS:%=%/node_modules) infra/cdk/dist target/lambda

# --- what the verbs need ---

tools: .local/venv.stamp .local/ministack.stamp

.local/venv.stamp: tests/stack/requirements.txt
.local/ministack.stamp: tests/stack/requirements-emulator.txt
.local/build.stamp: tests/stack/requirements-build.txt
.local/%.stamp:
	@mkdir -p .local
	@$(PYTHON) -m venv .local/$* || { $(APT) python3-venv && $(PYTHON) -m venv .local/$*; }
	.local/$*/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# What is only measured against isn't needed by tests.
npm: $(patsubst %,%/node_modules/.package-lock.json,$(filter-out $(BENCH),$(NODE_PROJECTS)))
%/node_modules/.package-lock.json: %/package-lock.json
	npm --prefix $* ci
	@touch $@

# rustup installs no linker, ring is partly C, and the encoder of H.264 is C++ and assembly.
compiler:
	@{ type cc && type c++ && type strip && type nasm; } >/dev/null 2>&1 || { $(APT) gcc g++ libc6-dev binutils nasm; }

deny:
	@cargo deny --version >/dev/null 2>&1 || cargo install --locked cargo-deny

.PHONY: help run up down build package layer deploy test fast simulate simulate-mutants model mutants faults lint fmt validate retries corpus bench clips cold fidelity tall soak zoo clean tools npm compiler deny
