# `make` alone lists the targets. Everything is installed into .venv, nothing outside this folder.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

##@ Use it

.PHONY: install
install: $(INSTALLED) ## Make .venv with `funding` and the developers' tools; again only when setup.cfg changes

.PHONY: run
run: $(INSTALLED) ## Collect and serve on http://127.0.0.1:8083; PORT=9000 takes another port
	@exec $(BIN)/funding run

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

.PHONY: clean
clean: ## Remove .venv and everything that was generated; a database stays
	rm -rf $(VENV) *.egg-info build dist htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find funding bench tests -name __pycache__ -prune -exec rm -rf {} +

.PHONY: help
help: ## This list
	@if [ -t 1 ] && [ -z "$$NO_COLOR" ]; then b=$$(printf '\033[1m') c=$$(printf '\033[36m') r=$$(printf '\033[0m'); fi; \
	awk -v b="$$b" -v c="$$c" -v r="$$r" \
	  'BEGIN { FS = ":.*## " } \
	   /^##@ / { printf "\n%s%s%s\n", b, substr($$0, 5), r } \
	   /^[a-z-]+:.*## / { printf "  %smake %-9s%s %s\n", c, $$1, r, $$2 } \
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

.DEFAULT:
	@echo "make: there is no target \"$@\"; \`make help\` lists them" >&2; exit 2
