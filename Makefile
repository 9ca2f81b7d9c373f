# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
TOOLS := .tools
VENV := .venv
SANDBOX := .sandbox
BENCH := .bench
BENCH_ACTOR := .bench-actor
NODE := tests/node/node_modules
CONSOLE := console/dist/index.html
# In the order of their names: by their number of tests, the few that take long would come last, one beside none.
WORKERS := --numprocesses 3 --dist loadfile --no-loadscope-reorder
UV := $(TOOLS)/bin/uv
LOCK := $(UV) pip compile --universal --generate-hashes --no-header --python-version 3.11 --quiet

.DEFAULT_GOAL := help
.PHONY: help setup servers console lint-console demo test chaos test-without-servers bench lint types openapi docs lock clean screenshots

help: ## Show the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(UV): requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one with PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv --clear $(TOOLS) \
	  || { echo "The venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(TOOLS)/bin/python -m pip install --quiet --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(VENV)/.installed: $(UV) requirements/dev.txt pyproject.toml
	@$(UV) venv --quiet --clear --python $(PYTHON) $(VENV)
	$(UV) pip sync --quiet --compile-bytecode --python $(VENV)/bin/python --require-hashes requirements/dev.txt
	$(UV) pip install --quiet --python $(VENV)/bin/python --no-deps --no-build-isolation --editable .
	@$(VENV)/bin/python -m compileall -q wire_contract mail_transport director_api actor_agent
	@touch $@

$(SANDBOX)/.installed: $(UV) requirements/sandbox.txt
	@$(UV) venv --quiet --clear --python $(PYTHON) $(SANDBOX)
	$(UV) pip sync --quiet --compile-bytecode --python $(SANDBOX)/bin/python --require-hashes requirements/sandbox.txt
	@touch $@

$(NODE)/.installed: tests/node/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20 or newer with npm is needed for the tests. On Debian: apt-get install nodejs npm"; exit 1; }
	cd tests/node && npm ci --silent --no-audit --no-fund
	@touch $@

$(BENCH)/.installed: $(UV) requirements/bench.txt pyproject.toml
	@$(UV) venv --quiet --clear --python $(PYTHON) $(BENCH)
	$(UV) pip sync --quiet --compile-bytecode --python $(BENCH)/bin/python --require-hashes requirements/bench.txt
	$(UV) pip install --quiet --python $(BENCH)/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

$(BENCH_ACTOR)/.installed: $(UV) requirements/bench-actor.txt
	@$(UV) venv --quiet --clear --python $(PYTHON) $(BENCH_ACTOR)
	$(UV) pip sync --quiet --compile-bytecode --python $(BENCH_ACTOR)/bin/python --require-hashes requirements/bench-actor.txt
	@touch $@

setup: $(VENV)/.installed $(SANDBOX)/.installed ## Install everything into this checkout (.venv, .sandbox)

servers: setup $(NODE)/.installed ## Install the mail servers that the tests talk to (Debian packages, as root; npm packages)
	@$(VENV)/bin/python -m tests.servers.debian

console/node_modules/.installed: console/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20 or newer with npm is needed for the console. On Debian: apt-get install nodejs npm"; exit 1; }
	cd console && npm ci --silent --no-audit --no-fund
	@touch $@

$(CONSOLE): console/node_modules/.installed openapi/director.json $(wildcard console/*.* console/public/* console/src/* console/src/*/* console/src/*/*/*)
	cd console && npm run --silent build
	@touch $@

console: $(CONSOLE) ## Build the console into console/dist (needs Node.js)

lint-console: $(CONSOLE)
	cd console && npm run --silent lint

screenshots: setup servers console ## Take the pictures in docs/images
	$(VENV)/bin/pytest --quiet tests/console/screenshots.py

demo: setup ## Run the whole story on this machine (ONCE=1 ends by itself)
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory console; \
	  else echo "The console is left out: it needs Node.js 20 or newer with npm (on Debian: apt-get install nodejs npm)."; fi
	@$(VENV)/bin/python -m sandbox.demo $(if $(ONCE),--once)

test: setup servers lint types lint-console ## Linters, types, import rules and every test
	$(VENV)/bin/pytest $(WORKERS)

test-without-servers: setup lint types ## The same without what needs a Debian package or Node.js; each skipped test says what to install
	TEST_WITHOUT_SERVERS=1 $(VENV)/bin/pytest $(WORKERS)

chaos: setup servers ## Every fault in a random mix (SECONDS=60, SEED=number to repeat one)
	$(VENV)/bin/python -m tests.faults.chaos --seconds $(or $(SECONDS),60) $(if $(SEED),--seed $(SEED))

bench: $(BENCH)/.installed $(BENCH_ACTOR)/.installed servers ## Measure against bare baselines (ONLY="name ..." for some); writes benchmarks/results.json
	$(BENCH)/bin/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports --no-cache

types: setup
	$(VENV)/bin/mypy

openapi: setup ## Write openapi/director.json and openapi/actor.json from the code
	$(VENV)/bin/director openapi --out openapi

docs: setup ## Write the pages that are made from the code
	$(VENV)/bin/python -m director_api.failure_page > docs/failure-codes.md
	$(VENV)/bin/python -m director_api.troubleshooting_page > docs/troubleshooting.md
	$(VENV)/bin/python -m director_api.problem_page > docs/api-errors.md

lock: $(UV) ## Lock the dependencies anew, with hashes
	$(LOCK) --extra director pyproject.toml --output-file requirements/director.txt
	$(LOCK) --extra actor pyproject.toml --output-file requirements/actor.txt
	$(LOCK) --extra director --extra actor --group dev pyproject.toml --output-file requirements/dev.txt
	$(LOCK) --extra director --extra actor --group dev --group bench pyproject.toml --output-file requirements/bench.txt
	$(LOCK) --extra actor --group bench-actor pyproject.toml --output-file requirements/bench-actor.txt
	$(LOCK) --group sandbox --output-file requirements/sandbox.txt
	$(LOCK) --group bootstrap --output-file requirements/bootstrap.txt

clean: ## Remove what setup installed
	rm -rf $(TOOLS) $(VENV) $(SANDBOX) $(BENCH) $(BENCH_ACTOR) $(NODE) console/node_modules console/dist build *.egg-info
