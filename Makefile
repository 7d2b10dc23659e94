# Everything a person types here. What outgrows a line is in scripts/.

PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
OFFSCREEN := QT_QPA_PLATFORM=offscreen
PYTEST_ARGS ?=
# Processes that share the tests; each has torch of its own, which takes 1 GB. 0 runs them in one, where a debugger works.
TEST_PROCESSES ?= 2
PYTEST := $(OFFSCREEN) $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist worksteal $(PYTEST_ARGS)

.DEFAULT_GOAL := help
.PHONY: help setup run test check format screenshots bench clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile | expand -t 20

setup:  ## make .venv with all that is needed; does nothing when it is current
	@PYTHON="$(PYTHON)" sh scripts/setup.sh dev

run: setup  ## open the window
	@sh scripts/run.sh

test: setup  ## run the whole test suite, with no display needed
	$(PYTEST)

check: setup  ## lint, format, types, the arrows between packages, and the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST)

format: setup  ## put the code in the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

screenshots: setup  ## take the pictures of the documentation anew
	$(OFFSCREEN) $(BIN)/python -m scripts.screenshots

bench:  ## measure, beside the libraries we compare with (installs them)
	@PYTHON="$(PYTHON)" sh scripts/setup.sh bench
	@set -e; for benchmark in benchmarks/[a-z]*.py; do \
		[ -e "$$benchmark" ] || { echo "There are no benchmarks yet."; exit 1; }; \
		echo "$$benchmark"; $(OFFSCREEN) $(BIN)/python "$$benchmark"; done

clean:  ## remove caches and build output (.venv stays)
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
