# Two commands: make run, make test. Both bring what they need; see make help.

PYTHON ?= python3
PORT ?= 8000
export PORT
# Each has a PostgreSQL, a Redis and, for the browser, a whole system of its own.
TEST_PROCESSES ?= 2

PY := .venv/bin/python
EMBEDDED := $(PY) -m kommunalpro.embedded
PIP := $(PY) -m pip --disable-pip-version-check --quiet --quiet install
TEMPLATES := $(wildcard templates */templates)

.DELETE_ON_ERROR:
.PHONY: help run test fuzz faults api audit assets browser bench lint format lock manage messages screenshots clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

run: .venv/.embedded ## Start Kommunal PRO on this machine; PORT=9000 moves it, Ctrl-C stops it
	@$(EMBEDDED) run

test: .venv/.dev assets browser lint ## Everything that has to hold: lint, types, contracts, all tests
	@$(PY) -m pytest --numprocesses $(TEST_PROCESSES) --no-loadscope-reorder --durations=10

bench: .venv/.dev ## What the engine, the walls around data, building, answering, the outbox and FUT cost; makes its data the first time
	@$(PY) -m benchmarks.engine
	@$(PY) -m benchmarks.pages
	@$(PY) -m benchmarks.builder
	@$(PY) -m benchmarks.citizens
	@$(PY) -m benchmarks.staff
	@$(PY) -m benchmarks.outbox
	@$(PY) -m benchmarks.fut
	@$(PY) -m benchmarks.importing
	@$(PY) -m benchmarks.library

lint: .venv/.dev assets ## Style, types, import contracts, templates
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(EMBEDDED) module mypy .
	@$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	@$(if $(TEMPLATES),$(PY) -m djlint --quiet --lint $(TEMPLATES))

fuzz: .venv/.dev ## 10,000 damaged questionnaires and responses through the engine, a few minutes
	@$(PY) -m tests.fuzz

faults: .venv/.dev assets ## Everything killed, stopped and cut off during 5,000 answers, then counted; SEED=7 repeats; half an hour
	@$(PY) -m tests.faults $(if $(SEED),--seed $(SEED))

api: .venv/.dev ## 1,000 questions, fitting and damaged, at each address of the API as each role; minutes
	@API_EXAMPLES=1000 $(PY) -m pytest tests/api/test_schema.py

audit: build/audit/.done ## Known faults of the locked packages, Python's and npm's; needs a network
	@failed=0; for lock in server embedded dev; do \
		echo "requirements/$$lock.txt:"; \
		build/audit/bin/python -m pip_audit --require-hashes --disable-pip --progress-spinner off --strict \
			-r requirements/$$lock.txt || failed=1; \
	done; \
	echo "package-lock.json:"; $(EMBEDDED) audit || failed=1; exit $$failed

format: .venv/.dev ## Put the code into the agreed form
	@$(PY) -m ruff check --fix-only .
	@$(PY) -m ruff format .

assets: .venv/.embedded ## Front-end assets, translations and static files, where they changed
	@$(EMBEDDED) assets

browser: .venv/.embedded
	@$(EMBEDDED) browser

manage: .venv/.embedded ## A management command on the data of make run: make manage DO="shell"
	@$(EMBEDDED) manage $(DO)

screenshots: .venv/.dev assets browser ## Take the pictures of docs/screenshots anew
	@$(PY) -m pytest tests/browser/test_pages.py tests/browser/test_login.py \
		tests/browser/test_operations_under_faults.py --screenshots docs/screenshots

messages: .venv/.embedded ## Find the texts in the code and templates and put them into locale/
	@$(PY) -m kommunalpro.translations update

# --universal: the same lock for every platform; no index address is written into it.
COMPILE = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-strip-extras --no-header
lock: .venv/.dev ## Lock the dependencies of pyproject.toml anew, with hashes
	@$(PIP) uv
	$(COMPILE) pyproject.toml -o requirements/server.txt
	$(COMPILE) --extra embedded -c requirements/server.txt pyproject.toml -o requirements/embedded.txt
	$(COMPILE) --extra embedded --extra dev -c requirements/embedded.txt pyproject.toml -o requirements/dev.txt
	$(COMPILE) --group node -o requirements/node.txt
	$(COMPILE) --group audit -o requirements/audit.txt

clean: ## Remove all that was made except the data in .data
	rm -rf .venv build node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results

# --- the environment ------------------------------------------------------------------------------

.venv/bin/python:
	@test -w . || { echo "This folder, $(CURDIR), is read-only for you: copy the project to a folder of your own." >&2; exit 1; }
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) on this machine: install Python 3.11 or later, or name yours, as in make run PYTHON=python3.12." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kommunal PRO needs Python 3.11 or later, and $(PYTHON) is $$("$(PYTHON)" --version 2>&1): install a later one and name it, as in make run PYTHON=python3.12." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: install its venv package (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }
	@"$(PYTHON)" -m venv --clear .venv

# dev.txt holds everything in embedded.txt in the same versions, so neither takes anything from the other.
.venv/.embedded: requirements/embedded.txt .venv/bin/python
	@echo "Installing the packages of requirements/embedded.txt (a minute or two the first time) …"
	@$(PIP) --require-hashes -r requirements/embedded.txt || { $(PIP_FAILED) }
	@touch $@

.venv/.dev: requirements/dev.txt .venv/bin/python
	@echo "Installing the packages of requirements/dev.txt (a minute or two the first time) …"
	@$(PIP) --require-hashes -r requirements/dev.txt || { $(PIP_FAILED) }
	@touch .venv/.embedded $@

build/audit/.done: requirements/audit.txt .venv/bin/python
	@$(PY) -m venv --clear build/audit
	@build/audit/bin/python -m pip --disable-pip-version-check --quiet --quiet install \
		--require-hashes -r requirements/audit.txt || { $(PIP_FAILED) }
	@touch $@

PIP_FAILED = echo "The packages could not be installed; pip says why above. Check the network and try again." >&2; exit 1;
