# `make` or `make help` lists the targets. Needs make and Python 3.11 to 3.13, nothing else.

PORT ?= 8000
TEST_POSTGRES_URL ?= postgres://postgres@127.0.0.1:5432/postgres
# Processes that share the tests, one more than cores, for many a test waits; 0 runs them in one, for a debugger.
TEST_WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
# Of what `make bench` measures: usual, quick or tiny.
SIZE ?= usual

VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
RUNTIME := $(VENV)/.installed-runtime
DEV := $(VENV)/.installed-dev
BENCH := $(VENV)/.installed-bench
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements"

.DEFAULT_GOAL := help
.PHONY: help run test check format bench requirements vendor clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  Variables: PORT, DATABASE_URL, TEST_POSTGRES_URL, TEST_WORKERS, SIZE, PYTHON"

# --- The virtual environment -----------------------------------------------------------------------

$(BIN)/python:
	@set -e; \
	fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'; \
	for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
		if "$$python" -c "$$fits" 2>/dev/null; then found="$$python"; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
		echo "Callout needs Python 3.11, 3.12 or 3.13; this machine has $$(python3 --version 2>/dev/null || echo none)." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.12 ..." >&2; \
		exit 1; \
	fi; \
	echo "Creating $(VENV) with $$("$$found" --version)"; \
	"$$found" -m venv $(VENV) || { \
		rm -rf $(VENV); \
		echo "Python could not create a virtual environment; on Debian and Ubuntu install python3-venv." >&2; \
		exit 1; \
	}

# A stamp records the last installation, so that only a changed requirements file brings another.
$(RUNTIME): requirements.txt | $(BIN)/python
	@echo "Installing requirements.txt"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt | $(BIN)/python
	@echo "Installing requirements-dev.txt"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

$(BENCH): requirements-bench.txt | $(BIN)/python
	@echo "Installing requirements-bench.txt"
	@$(PIP_INSTALL) -r requirements-bench.txt
	@touch $@

# --- Run -------------------------------------------------------------------------------------------

# Reactions run in a worker, beside the pages; the shell that waits for both stops both.
run: export DEBUG = 1
run: $(RUNTIME) ## Run Callout with demo data, on port 8000 unless PORT says otherwise
	@$(BIN)/python -m config.development
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py rebuild --stale
	@$(BIN)/python manage.py seed_demo --if-empty
	@echo
	@echo "  Callout      http://127.0.0.1:$(PORT)/"
	@echo "  Sign in as   response, control, operative or administration; the password is demo"
	@echo "  Stop with    Ctrl-C"
	@echo
	@trap 'exit 0' INT TERM; \
	trap 'kill $$worker $$server 2>/dev/null; wait' EXIT; \
	$(BIN)/python manage.py project --follow & worker=$$!; \
	$(BIN)/uvicorn config.asgi:application --no-proxy-headers --port $(PORT) --no-access-log --ws none --log-level warning & server=$$!; \
	wait $$server

# --- Test and check --------------------------------------------------------------------------------

# The tests choose the databases themselves, so that a DATABASE_URL in the shell cannot aim them elsewhere.
test: export DEBUG = 1
test: $(DEV) ## Run every test on SQLite, then those that may differ on PostgreSQL
	@echo "== SQLite"
	@env -u DATABASE_URL $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist worksteal
	@echo "== PostgreSQL"
	@DATABASE_URL=$(TEST_POSTGRES_URL) $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist worksteal -m "not browser and not anywhere and not another_time"

# The last line looks at the settings of a production machine: no DEBUG, a long key, a named host.
check: export DEBUG = 1
check: $(DEV) ## Lint, format, types, imports, templates, migrations, events, deployment settings
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	env -u DATABASE_URL $(BIN)/python -m pytest -q tests/architecture
	env -u DATABASE_URL $(BIN)/python manage.py makemigrations --check --dry-run
	env -u DATABASE_URL $(BIN)/python manage.py write_contract --check
	env -u DATABASE_URL -u DEBUG SECRET_KEY="$$(head -c 48 /dev/urandom | base64 | tr -d '\n')" \
		ALLOWED_HOSTS=callout.example $(BIN)/python manage.py check --deploy --fail-level WARNING

format: $(DEV) ## Sort imports, apply safe fixes, format
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

bench: $(BENCH) ## Measure this machine's appends, rebuilds and pages
	$(BIN)/python -m bench --size $(SIZE)

# --- Upkeep ----------------------------------------------------------------------------------------

# Keeps the versions already pinned; `make requirements UPGRADE=--upgrade` takes the newest.
requirements: $(DEV) ## Pin and hash the dependencies of pyproject.toml
	$(UV_COMPILE) $(UPGRADE) pyproject.toml -o requirements.txt
	$(UV_COMPILE) $(UPGRADE) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	$(UV_COMPILE) $(UPGRADE) pyproject.toml --group bench -c requirements-dev.txt -o requirements-bench.txt

vendor: ## Fetch the vendored front-end files again from their npm packages
	static/vendor/update.sh

clean: ## Remove the virtual environment, caches and built files; keeps databases
	rm -rf $(VENV) staticfiles .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
