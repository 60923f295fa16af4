# make demo: set up and show the main job.  make test: set up and run everything that CI runs.
# make servers: real Neo4j, Elasticsearch, RabbitMQ and Redis, in the foreground; needs JDK 25 and Maven, and the Debian packages
# redis-server and rabbitmq-server. Tests that need a server that cannot be had are skipped (WORLDCTX_REQUIRE_SERVERS=1: they fail).
# make bench: speed, at SIZE=small or SIZE=million.  make eval: quality, on the data in DATA.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DATA ?= ../shared/data
SIZE ?= small

.PHONY: demo test check proto bench eval servers clean

demo: $(STAMP)
	$(BIN)/worldctx demo

test: check
	$(BIN)/python -m pytest -n 2 -m "not older_servers" tests
	$(BIN)/python -m pytest -n 2 -m older_servers tests

check: $(STAMP)
	$(BIN)/ruff check worldctx ingest tests proto evals benchmarks
	$(BIN)/mypy -p worldctx -p ingest -p evals -p benchmarks -p tests.servers
	$(BIN)/lint-imports
	$(BIN)/python proto/generate.py --check

bench: $(STAMP)
	$(BIN)/python -m benchmarks --size $(SIZE)

servers: $(STAMP)
	$(BIN)/python -m tests.servers $(SERVERS)

eval: $(STAMP)
	$(BIN)/python -m evals $(DATA) --write

proto: $(STAMP)
	$(BIN)/python proto/generate.py

$(STAMP): requirements/dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements/dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	touch $@

clean:
	rm -rf $(VENV) .demo .evals build dist .mypy_cache .ruff_cache .hypothesis
