# Everything a newcomer needs: `make run` and `make test`. Each sets up its own .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export MEDGANG_PORT ?= 8550
# Browser tests mostly wait: two processes run them, and one the rest; they come first (tests/conftest.py).
PARALLEL ?= -n 3 --dist loadfile --no-loadscope-reorder
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: run test test-without-argon2id sim soak mutants check bench screens locale openapi requirements clean

run: $(VENV)/.run
	@exec $(BIN)/medgang demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(PARALLEL)

# As on a phone that lacks Argon2id. Without ONLY the whole suite.
test-without-argon2id: $(VENV)/.dev
	PYTHONPATH=tests/without_argon2id $(BIN)/python -m pytest $(PARALLEL) $(ONLY)

# One schedule of faults again: make sim SEED=123.
sim: $(VENV)/.dev
	$(BIN)/python -m tests.stateful.test_simulation $(SEED)

# New schedules for as long as SOAK_S says, in seconds.
soak: $(VENV)/.dev
	SOAK_S=$(or $(SOAK_S),3600) $(BIN)/python -m pytest tests/stateful/test_simulation.py -k no_schedule -s

# Bugs put in on purpose: each must be caught.
mutants: $(VENV)/.dev
	$(BIN)/python -m tests.mutants

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python -m bench

# Pictures of every screen, light and dark, into docs/screens/. Needs a Chromium.
screens: $(VENV)/.dev
	$(BIN)/python -m tests.browser.screens

# After a text on the screen changed: collects the messages and compiles the catalogues.
locale: $(VENV)/.dev
	$(BIN)/python -m tests.catalogues

# After a message or a route of the hub changed: docs/openapi.json.
openapi: $(VENV)/.dev
	$(BIN)/python -m tests.openapi

# After a dependency changed in pyproject.toml.
requirements: $(VENV)/.dev
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	    --extra web --extra hub --no-header -o requirements.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	    --extra dev --constraint requirements.txt --no-header -o requirements-dev.txt pyproject.toml

clean:
	rm -rf $(VENV) build dist *.egg-info data

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Medgang needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements.txt
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@touch $@
