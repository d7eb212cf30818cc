# One word each. `make demo` and `make test` need nothing but Python 3.11 or newer, pip and make.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
unexport PYTHONDONTWRITEBYTECODE

# Published problems are not part of the project: their benchmark runs where they are at hand.
JOINTPLAN_DATA ?= ../shared/data
LOT_SIZING := $(wildcard $(JOINTPLAN_DATA)/bench/clsp/F?.DAT)
NETWORKS := $(wildcard $(JOINTPLAN_DATA)/bench/network_design/r0[12].[16].dow)
WAREHOUSES := $(wildcard $(JOINTPLAN_DATA)/bench/facility_location/cap4?.txt)

.PHONY: help venv demo test tests lint compiled bench docs clean

help:
	@echo "make demo    plan the sample cluster, through to its report"
	@echo "make test    check style, types, imports, and run the tests"
	@echo "make lint    check style, types and imports only"
	@echo "make docs    build the documents into build/docs"
	@echo "make bench   run the quick benchmarks"
	@echo "make venv    install everything into .venv, do nothing else"
	@echo "make clean   remove what the others made"

# A stamp says what .venv holds, so that a second call is quick. Old pips know neither dependency groups nor
# build constraints: the first thing installed is the pip we pin.
.venv/.runs: pyproject.toml constraints.txt
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
		{ echo "Jointplan needs Python 3.11 or newer; name one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Installing into .venv; this takes a minute or two, once."
	@$(PYTHON) -m venv .venv
	@$(PIP) pip
	@$(PIP) --build-constraint constraints.txt --editable .
	@touch $@

.venv/.develops: .venv/.runs
	@echo "Installing the developers' tools into .venv; modules of theirs are compiled as they are imported, as most never are."
	@$(PIP) --no-compile --group dev
	@touch $@

venv: .venv/.develops

demo: .venv/.runs
	@rm -rf demo
	@$(BIN)/jointplan sample demo --firms 16 --sellers 6 --products 60 --quiet
	@echo "Planning the sample cluster; this takes at most three minutes, and one to two more the first time."
	@$(BIN)/jointplan run demo --horizon-weeks 13

test: lint tests

tests: .venv/.develops compiled
	$(BIN)/python -m pytest -n 3 --dist worksteal

# Else each process of tests would compile the search for itself. It needs no tools: with --jobs it runs while they are installed.
compiled: .venv/.runs
	$(BIN)/python -m tests.compiled

lint: .venv/.develops
	$(BIN)/ruff format --check src tests benchmarks docs
	$(BIN)/ruff check src tests benchmarks docs
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.develops
	$(BIN)/python benchmarks/ingest.py --rows 5000000 --json
	$(BIN)/python benchmarks/forecast.py --case cluster --json
	$(BIN)/python benchmarks/diagnosis.py --ties 100000 --json
	$(if $(LOT_SIZING),$(BIN)/python benchmarks/lot_sizing.py $(LOT_SIZING) --seconds 10 --json)
	$(if $(NETWORKS),$(BIN)/python benchmarks/network_design.py $(NETWORKS) --json)
	$(if $(WAREHOUSES),$(BIN)/python benchmarks/facility_location.py $(WAREHOUSES) --json)

docs: .venv/.develops
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs build/docs
	@echo "The documents are in build/docs/index.html."

clean:
	rm -rf .venv build demo dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
