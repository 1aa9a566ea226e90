# Everything one types here. `make help` lists it; each target makes .venv first, by itself.

PY := .venv/bin/python
PYTEST := $(PY) -m pytest -n 4 --dist worksteal
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

.DEFAULT_GOAL := help
# Without it each process compiles all of our code anew, and pytest each test: a minute or two of every run.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup demo story test test-full soak guards bench load lint run words lock

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

# What is installed is compiled once, on all cores; pip does it on one, and the tests would do it in each process.
setup:  ## make .venv and install what requirements-dev.lock names (only when the lock has changed)
	@if ! $(PY) -c '$(NEW_ENOUGH)' 2>/dev/null || ! $(PY) -c 'import pip' 2>/dev/null; then \
		found=; \
		for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
			if $$python -c '$(NEW_ENOUGH)' 2>/dev/null; then found=$$python; break; fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo "Frontdesk needs Python 3.11 or newer, and none was found. Install one, or name it: make setup PYTHON=/path/to/python3.11" >&2; \
			exit 2; \
		fi; \
		if ! $$found -m venv --clear .venv; then \
			echo "$$found cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; \
			exit 2; \
		fi; \
	fi
	@if ! cmp -s requirements-dev.lock .venv/frontdesk.lock; then \
		echo "Installing what requirements-dev.lock names into .venv (once, and again when the lock changes) ..."; \
		if ! $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-compile -r requirements-dev.lock; then \
			echo "The packages could not be installed; the lines above say why. Run make setup again when that is mended." >&2; \
			exit 2; \
		fi; \
		$(PY) -m compileall -q -j 0 .venv/lib >/dev/null 2>&1; \
		cp requirements-dev.lock .venv/frontdesk.lock; \
	fi

demo: setup  ## the desk with pretend Slack, X and Facebook, and a page to try it in (no account needed)
	@$(PY) bot.py sandbox

story: setup  ## the same, told as text, in a few seconds
	@$(PY) bot.py story

test: setup  ## the tests
	@$(PYTEST) -m "not full"

test-full: setup  ## the tests at their whole count; takes long
	@$(PYTEST) --full

soak: setup  ## random schedules with faults and crashes; SECONDS=3600 for an hour, LIFE=17 plays one again
	@$(PY) -m tests.schedules $(if $(LIFE),--life $(LIFE),--seconds $(or $(SECONDS),600))

guards: setup  ## take out one guard after the other: each time a test must turn red; ONLY=<name> takes out one
	@$(PY) -m tests.guards $(ONLY)

bench: setup  ## measure; ONLY=P3 measures one goal
	@$(PY) -m tests.benchmarks $(ONLY)

load: setup  ## hours of load in story time, with a table; ONLY=L3 one of them, SCALE=0.1 a tenth
	@$(PY) -m tests.load $(ONLY) $(if $(SCALE),--scale $(SCALE))

lint: setup  ## style, form and types
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

run: setup  ## the desk for real: CONFIG=frontdesk.toml, secrets from the environment
	@$(PY) bot.py run $(if $(CONFIG),--config $(CONFIG))

words: setup  ## write config/words/frontdesk.pot anew: every sentence that the bot says to people
	@$(PY) -m config.catalogue

lock: setup  ## write both locks from pyproject.toml; UPGRADE=1 takes the newest versions
	@.venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.lock
	@.venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header $(if $(UPGRADE),--upgrade) pyproject.toml --extra dev -o requirements-dev.lock
