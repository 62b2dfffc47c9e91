# Two commands: `make serve` and `make test`. Everything is installed into .venv from locked, hashed wheels.
PORT ?= 7878
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export ZONEGRAPH_STORE ?= zonegraph-store

.PHONY: serve test test-all check fmt bench docs closure lock clean install dev assets

serve: $(VENV)/.installed assets
	$(BIN)/zonegraph serve --port $(PORT)

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "zonegraph needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q src
	touch $@

$(VENV)/.dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --prefer-binary --require-hashes -r requirements-dev.lock
	touch $@

dev: $(VENV)/.dev

# the pages' JavaScript, bundled from npm; without Node.js the pages are plain HTML and say so
assets:
	@if test -f web/package.json && command -v npm >/dev/null; then $(MAKE) --no-print-directory -C web; fi

# the slow ones too: `make test-all`
test: dev assets
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow"

test-all: dev assets
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

check: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/turtlefmt --check ontology seeds
	$(BIN)/zonegraph seeds fmt --check

fmt: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/turtlefmt ontology seeds
	$(BIN)/zonegraph seeds fmt

bench: dev
	$(BIN)/python -m bench

# the pages that are generated
docs: dev
	$(BIN)/python -m zonegraph.cli.reference
	$(BIN)/zonegraph seeds schema > seeds/seed.schema.json

# the ontology's own closure, after its axioms have changed
closure: dev
	rm -rf ontology/closure && mkdir ontology/closure
	d=$$(mktemp -d) && $(BIN)/zonegraph build --quiet --store $$d && cp $$d/work/closure/*.nt ontology/closure/ && rm -rf $$d

lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock pyproject.toml requirements-build.in
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header -q --group dev -o requirements-dev.lock -c requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) zonegraph-store
