# On a fresh machine with git, make and Python 3.11+, `make run` and `make test` do all the set-up.
VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)

# Files of tests run side by side, one a core; the tests of a file keep their order and share its broker.
PARALLEL := -n auto --dist loadfile

.PHONY: run test lint format docs shots bench fuzz lock clean

# The tagger is compiled where that can be done; it takes a minute, and nothing when its sources are those that were compiled.
COMPILED := @$(BIN)/python -m deploy.compile

run: $(VENV)/.run
	$(COMPILED)
	$(BIN)/treatywatch up

test: $(VENV)/.dev
	$(COMPILED)
	$(BIN)/python -m pytest -q $(PARALLEL) -m "not system"
	$(BIN)/python -m pytest -q $(PARALLEL) -m "system and not stack"

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.dev
	$(BIN)/python -m streams.contracts.schemas docs/contracts
	$(BIN)/python -m streams.contracts.asyncapi docs/contracts/asyncapi.json
	$(BIN)/python -m streams.logic.rule_schema docs/contracts/rule-file.json
	$(BIN)/python -m connectors.sinks.schema docs/contracts
	$(BIN)/python -m streams.ops.pages docs
	$(BIN)/python -m deploy.grafana.boards deploy/grafana/dashboards
	cp deploy/prometheus/rules/*.yml deploy/helm/treatywatch/files/rules/
	cp deploy/grafana/dashboards/*.json deploy/helm/treatywatch/files/dashboards/
	cp deploy/config/sinks.yaml deploy/helm/treatywatch/files/
	$(BIN)/python -m deploy.helm.values_table

shots: $(VENV)/.dev
	$(BIN)/python -m tests.page.shots docs/images

bench: $(VENV)/.dev
	$(COMPILED)
	$(BIN)/python -m benchmarks.tagging
	$(BIN)/python -m benchmarks.copies
	$(BIN)/python -m benchmarks.pipeline
	$(BIN)/python -m benchmarks.connectors
	$(BIN)/python -m benchmarks.delivery
	$(BIN)/python -m benchmarks.web

fuzz: $(VENV)/.dev
	FUZZ_SECONDS=120 $(BIN)/python -m pytest -q tests/connectors/test_fuzz.py tests/logic/test_fuzz.py

lock: $(VENV)/.dev
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 --extra dev pyproject.toml -o requirements-dev.lock
	printf 'mypy\nsetuptools\n' | $(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 -c requirements-dev.lock - -o requirements-compile.lock
	sed -n 's/^requires = \["\(.*\)"\]/\1/p' pyproject.toml | $(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 - -o requirements-build.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build streams/_compiled

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "treatywatch needs Python 3.11 or newer; none was found" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements.lock requirements-compile.lock pyproject.toml
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-compile.lock \
		|| echo "treatywatch: what compiles the tagger cannot be installed here; it runs without"
	$(COMPILED)
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python requirements-dev.lock pyproject.toml
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	$(COMPILED)
	@touch $@
