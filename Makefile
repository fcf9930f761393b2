# `make` alone lists the targets. Everything is installed into .venv, nothing outside this folder.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
BROWSER := $(VENV)/.browser
PEERS := .venv-bench
PEERS_INSTALLED := $(PEERS)/.installed

# DRY=--dry-run: the scripts in deploy/ show what they would do.
DRY ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

##@ Use it

.PHONY: install
install: $(INSTALLED) ## Make .venv with `funding` and the developers' tools; again only when setup.cfg changes

.PHONY: run
run: $(INSTALLED) ## Collect and serve on http://127.0.0.1:8083; PORT=9000 takes another port
	@exec $(BIN)/funding run

.PHONY: demo
demo: $(INSTALLED) ## The same without internet, on six exchanges that are played; says what to try
	@exec $(BIN)/python -m bench.demo

##@ Work on it

.PHONY: test
test: lint ## Check everything: style, types, tests
	@$(BIN)/pytest

.PHONY: lint
lint: $(INSTALLED) ## Check style and types only
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

.PHONY: format
format: $(INSTALLED) ## Bring the code into form, and mend what can be mended by rule
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

.PHONY: chaos
chaos: $(INSTALLED) ## Faults and kills at random moments, N=1000 rounds; SEED=7 brings the same again
	@CHAOS_N=$(or $(N),1000) CHAOS_SEED=$(SEED) $(BIN)/pytest -s --timeout 0 tests/test_chaos.py

.PHONY: chaos-alerts
chaos-alerts: $(INSTALLED) ## Alerts while processes are killed, hang and lose answers: 5,000 state changes; SEED=7
	@CHAOS=long SEED=$(SEED) $(BIN)/pytest -s --timeout 900 tests/alerts/test_chaos.py tests/alerts/test_real.py

.PHONY: test-web
test-web: $(BROWSER) ## Check the dashboard in Chromium, on 7,000 contracts
	@WEB_TESTS=1 $(BIN)/pytest tests/web

.PHONY: bench
bench: $(INSTALLED) $(PEERS_INSTALLED) ## Measure what this service claims, beside the floor and the peers; fails where it is missed
	@$(BIN)/python -m bench

.PHONY: bench-full
bench-full: $(INSTALLED) $(PEERS_INSTALLED) ## The same repeated, with all peers; makes the tables of bench/README.md anew
	@$(BIN)/python -m bench --full --publish

.PHONY: bench-web
bench-web: $(BROWSER) ## Print how quick the dashboard is: first rows, a frame while scrolling, a sort
	@$(BIN)/python -m bench.web

.PHONY: screenshots
screenshots: $(BROWSER) ## Take the pictures in docs/screenshots anew
	@$(BIN)/python -m docs.screenshots

.PHONY: vendor
vendor: ## Check that the libraries that came from elsewhere are as they were released
	@for folder in funding/web/vendor funding/web/vendor/swagger-ui tests/web/vendor; do (cd $$folder && sha256sum --check --quiet SHA256SUMS) || exit 1; done

.PHONY: e2e
e2e: $(INSTALLED) ## Deploy to throw-away machines and harm them: 15 minutes, as root; E2E_SUITE=trixie takes Debian 13
	@bash tests/e2e/prepare.sh $(E2E_SUITE)
	@E2E=all $(BIN)/pytest --timeout 600 tests/e2e

.PHONY: e2e-quick
e2e-quick: $(INSTALLED) ## Of these the ones that fit into four minutes
	@bash tests/e2e/prepare.sh $(E2E_SUITE)
	@E2E=quick $(BIN)/pytest --timeout 240 tests/e2e

.PHONY: e2e-figures
e2e-figures: $(INSTALLED) ## Only the figures: how long, how many requests, how many failed
	@bash tests/e2e/prepare.sh $(E2E_SUITE)
	@E2E=all $(BIN)/pytest --timeout 600 tests/e2e -k 'under_load or killed_it or reboot or backup_is_made or exposure or an_empty_machine' | grep -E '^figure|passed|failed'

.PHONY: clean
clean: ## Remove .venv and everything that was generated; a database stays
	rm -rf $(VENV) $(PEERS) *.egg-info build dist htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find funding bench tests -name __pycache__ -prune -exec rm -rf {} +

##@ Run a machine: HOST=user@host, see deploy/README.md

.PHONY: provision
provision: ## An empty Debian 12 or 13 becomes a served machine; DOMAIN=…, PROXY=caddy|nginx|none
	@deploy/provision.sh $(DRY)

.PHONY: deploy
deploy: ## The commit that is checked out goes to work; TESTS=no skips the tests
	@deploy/deploy.sh $(DRY)

.PHONY: rollback
rollback: ## Back to the release before
	@deploy/ctl.sh $(DRY) rollback

.PHONY: status
status: ## What runs there, since when, what happened last
	@deploy/ctl.sh status

.PHONY: logs
logs: ## The last lines of all units
	@deploy/ctl.sh logs

.PHONY: restart
restart: ## Restart API and collector; no request fails
	@deploy/ctl.sh $(DRY) restart

.PHONY: stop
stop: ## Stop both, the door too
	@deploy/ctl.sh $(DRY) stop

.PHONY: start
start: ## Start both
	@deploy/ctl.sh $(DRY) start

.PHONY: backup
backup: ## Back the database up now
	@deploy/ctl.sh $(DRY) backup

.PHONY: restore
restore: ## Put a backup in the database's place; FILE=… or the newest
	@deploy/ctl.sh $(DRY) restore

.PHONY: key
key: ## API keys there; ARGS='…' as of `funding keys`
	@deploy/ctl.sh $(DRY) key

.PHONY: secret
secret: ## Store a credential there, from standard input; NAME=…
	@deploy/ctl.sh $(DRY) secret

.PHONY: help
help: ## This list
	@if [ -t 1 ] && [ -z "$$NO_COLOR" ]; then b=$$(printf '\033[1m') c=$$(printf '\033[36m') r=$$(printf '\033[0m'); fi; \
	awk -v b="$$b" -v c="$$c" -v r="$$r" \
	  'BEGIN { FS = ":.*## " } \
	   /^##@ / { printf "\n%s%s%s\n", b, substr($$0, 5), r } \
	   /^[a-z0-9-]+:.*## / { printf "  %smake %-12s%s %s\n", c, $$1, r, $$2 } \
	   END { print "" }' $(MAKEFILE_LIST)

# The stamp is older than setup.cfg after a change of what is needed: installed anew then, and only then.
$(INSTALLED): setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: Python 3.11 or later is needed, as python3 or with PYTHON=…" >&2; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "make: Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) …"
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --editable '.[dev]'
	@touch $@

# The benchmarks' peers have a venv of their own: nothing of them is ever beside the service.
$(PEERS_INSTALLED): bench/requirements.txt
	@[ -x $(PEERS)/bin/python ] || $(PYTHON) -m venv $(PEERS)
	@echo "Installing the peers into $(PEERS) …"
	@$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet --requirement bench/requirements.txt
	@touch $@

# Chromium is the system's; a browser that pip would bring is of no use on a server without its libraries.
$(BROWSER): $(INSTALLED) tests/web/requirements.txt
	@[ -x "$${CHROMIUM:-/usr/bin/chromium}" ] || \
	  { echo "make: Chromium is missing; on Debian: apt-get install chromium, or CHROMIUM=/path/of/one" >&2; exit 1; }
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --requirement tests/web/requirements.txt
	@touch $@

.DEFAULT:
	@echo "make: there is no target \"$@\"; \`make help\` lists them" >&2; exit 2
