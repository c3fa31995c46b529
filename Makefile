# Every command of the project. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run install test test-fast check format check-bundles bench-backup bench-large bench-records bench-screen bench-pages readability clean

DB ?= sqlite
MARK ?=
ARGS ?=
PORT ?= 8000
export DB MARK ARGS PORT

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Install, make the demo site, serve it on http://127.0.0.1:8000 (PORT=8010 for another port)
	@scripts/run

install: ## Install what a site needs into .venv (serein, serein-site)
	@scripts/install run

test: ## Everything, browser journeys included (DB=postgresql starts a private cluster; ARGS go to pytest)
	@scripts/test

test-fast: ## Everything but the browser journeys
	@MARK='not journey' scripts/test

check: ## Format, lint, types, import contracts, migrations
	@scripts/check

format: ## Format the code and mend what the linter can mend
	@scripts/install dev
	@.venv/bin/ruff check --fix --quiet . || true
	@.venv/bin/ruff format .

check-bundles: ## Screen every FHIR bundle of a folder, say how much was understood: DIR=path (ARGS go to `serein screen`)
	@test -n "$(DIR)" || { echo "Name the folder: make check-bundles DIR=path/to/bundles" >&2; exit 2; }
	@scripts/install run
	@.venv/bin/python scripts/check_bundles.py "$(DIR)" $(ARGS)

bench-screen: ## Time `serein screen` on a 1 MB record, beside plain JSON parsing
	@scripts/install dev
	@.venv/bin/python bench/screen.py

bench-records: ## Time a 700 kB record to its decision in a warm process, beside plain JSON parsing
	@scripts/install dev
	@.venv/bin/python bench/records.py

bench-backup: ## Back up under 200 writes/s, restore elsewhere, verify; on both databases
	@scripts/install dev
	@.venv/bin/python bench/backup.py
	@scripts/with-postgresql .venv/bin/python bench/backup.py

bench-large: ## Fill a site with 20 000 patients and 2 million record rows, time every staff page
	@scripts/install dev
	@.venv/bin/python bench/large.py 2>/dev/null

bench-pages: ## Time the pages that staff open most, on the demo site
	@scripts/install dev
	@.venv/bin/serein-site demo >/dev/null
	@.venv/bin/python bench/pages.py

readability: ## How hard each public page is to read, in both languages
	@scripts/install dev
	@.venv/bin/python scripts/readability.py

clean: ## Remove caches and screenshots (never var/: it holds the records)
	@rm -rf .mypy_cache .ruff_cache .import_linter_cache .hypothesis .pytest_cache dist screenshots
	@find src tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
