# Needlepoint. `make` alone lists what there is to do.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/pytest
ASSETS := web/static/vendor/.stamp

# Once the tools for developers are in, `make up` must not take them out again.
LOCK := $(if $(wildcard $(VENV)/.dev),requirements-dev.lock,requirements.lock)

# Much of the time of a test goes into waiting, so two processes are not too many for two cores.
SIDE_BY_SIDE ?= 2

# Containers: which compose, and which of its profiles.
COMPOSE ?= docker compose
PROFILES ?= demo,dev

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help up up-kafka demo up-docker down-docker test-docker chaos check test test-fast unit integration fmt fmt-check lint types schemas faults bench size audit lock hooks assets browser clean

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(VENV)/.run $(ASSETS) ## start the whole chain of clinics in one process (PORT=8000 DATA=./data ARGS=)
	@exec $(BIN)/needlepoint up $(if $(PORT),--port $(PORT)) $(if $(DATA),--data $(DATA)) $(ARGS)

up-kafka: $(VENV)/.run $(ASSETS) ## start a process per service over a real Kafka; needs Java and Maven (PORT=8000 DATA=./data-kafka ARGS=)
	@exec $(BIN)/needlepoint up-kafka $(if $(PORT),--port $(PORT)) $(if $(DATA),--data $(DATA)) $(ARGS)

demo: $(VENV)/.run $(ASSETS) ## walk one booking through all services and print the facts it makes (PORT=8000 ARGS=)
	@exec $(BIN)/needlepoint demo $(if $(PORT),--url http://127.0.0.1:$(PORT)) $(ARGS)

up-docker: ## the chain as containers, on https://localhost:8443 (PROFILES=demo,dev,observe COMPOSE="docker compose")
	@COMPOSE='$(COMPOSE)' deploy/up.sh '$(PROFILES)'

down-docker: ## stop and remove the containers; the data stay, unless VOLUMES=yes
	$(COMPOSE) --profile '*' down --remove-orphans $(if $(VOLUMES),--volumes)

check: fmt-check lint types test ## what CI runs: format, lint, types, all tests

test: $(VENV)/.dev $(ASSETS) browser ## every test; says which were skipped and why (SIDE_BY_SIDE=2 processes)
	$(PYTEST) --numprocesses $(SIDE_BY_SIDE) --dist loadscope $(ARGS)

test-docker: $(VENV)/.dev ## the story and rolling restarts against containers; skipped, loudly, where no engine answers
	NEEDLEPOINT_TEST_CONTAINERS=yes COMPOSE='$(COMPOSE)' $(PYTEST) tests/compose $(ARGS)

chaos: $(VENV)/.dev $(ASSETS) ## every fault that can be made on this machine, in the long doses; half an hour (ARGS=)
	NEEDLEPOINT_CHAOS=yes $(PYTEST) -m fault tests/chaos tests/integration tests/system $(ARGS)

test-fast: $(VENV)/.dev ## the tests that need nothing: unit and architecture
	$(PYTEST) tests/unit tests/architecture $(ARGS)

unit: $(VENV)/.dev ## rules alone: no database, no network
	$(PYTEST) tests/unit $(ARGS)

integration: $(VENV)/.dev $(ASSETS) ## one service each, with a real database
	$(PYTEST) tests/integration $(ARGS)

fmt: $(VENV)/.dev ## format the code and order the imports
	$(BIN)/ruff check --quiet --select I --fix
	$(BIN)/ruff format

fmt-check: $(VENV)/.dev
	$(BIN)/ruff format --check

lint: $(VENV)/.dev ## ruff, and whether locks, schemas and the table of faults are in step
	$(BIN)/ruff check
	$(BIN)/python -m scripts.locks --check
	$(BIN)/python -m scripts.schemas --check
	$(BIN)/python -m scripts.faults --check

types: $(VENV)/.dev ## mypy, strict
	$(BIN)/mypy

schemas: $(VENV)/.dev ## write the schemas and the page of facts anew from contracts/
	$(BIN)/python -m scripts.schemas

faults: $(VENV)/.dev ## write the table of docs/chaos.md anew from the marks of the tests
	$(BIN)/python -m scripts.faults

bench: $(VENV)/.dev $(ASSETS) browser ## measure our code beside its bare floor, ten minutes for all rows (ARGS="book slots", ARGS=--quick)
	$(BIN)/python -m bench $(ARGS)

size: $(VENV)/.dev ## how big files and functions are, and the biggest five
	$(BIN)/python -m scripts.size

audit: $(VENV)/.dev ## ask whether a locked version has a known hole (needs the network)
	$(BIN)/pip-audit --strict --disable-pip --requirement requirements.lock

lock: $(VENV)/.uv ## resolve the dependencies anew and write all lock files
	$(BIN)/python -m scripts.locks

hooks: $(VENV)/.dev ## check each commit before it is made
	$(BIN)/pre-commit install

assets: $(ASSETS) ## copy the browser assets out of their npm packages

clean: ## remove what make made; your data stay
	rm -rf $(VENV) node_modules build web/static/vendor web/static/icons .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

browser:
	@scripts/get_browser.sh

$(VENV)/.uv: requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Needlepoint needs Python 3.11 or newer; try make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

# $(1): the lock. What it does not name is removed, then the project itself goes in, editable.
define install
$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes $(1)
$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
@touch $(VENV)/.run $@
endef

$(VENV)/.run: $(LOCK) pyproject.toml $(VENV)/.uv
	$(call install,$(LOCK))

$(VENV)/.dev: requirements-dev.lock pyproject.toml $(VENV)/.uv
	$(call install,requirements-dev.lock)

$(ASSETS): package-lock.json .npmrc web/static/icons.txt scripts/vendor_assets.py | $(VENV)/.uv
	$(BIN)/python -m scripts.vendor_assets
	@touch $@
