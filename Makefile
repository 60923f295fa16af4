# make demo: set up and show the main job.  make test: set up and run everything that CI runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test check proto clean

demo: $(STAMP)
	$(BIN)/worldctx demo

test: check
	$(BIN)/python -m pytest -n 2 tests

check: $(STAMP)
	$(BIN)/ruff check worldctx tests proto
	$(BIN)/mypy -p worldctx
	$(BIN)/lint-imports
	$(BIN)/python proto/generate.py --check

proto: $(STAMP)
	$(BIN)/python proto/generate.py

$(STAMP): requirements/dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements/dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	touch $@

clean:
	rm -rf $(VENV) .demo build dist .mypy_cache .ruff_cache .hypothesis
