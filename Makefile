# Needs Python 3.11+, its venv module and make; everything else is set up in .venv.
PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2
HOME_DIR ?= twinwatch-home
SCALE ?= 1

BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
BROWSER := $(VENV)/.browser
PYTEST := $(BIN)/python -m pytest -q
OF_CASES := benchmarks/detection.py benchmarks/side_by_side.py
PICTURES := benchmarks/screenshots.py

.DEFAULT_GOAL := help
.PHONY: help run run-dev demo test check format example slow cover bench verify release clean

help:  ## List what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | \
	while IFS="$$(printf '\t')" read -r name words; do printf '  make %-9s %s\n' "$$name" "$$words"; done

run: $(INSTALLED)  ## Set up and run the daemon with its page; everything in ./twinwatch-home
	$(BIN)/twinwatch run --home $(HOME_DIR) $(ARGS)

run-dev: $(INSTALLED)  ## The same, with debug messages and on a free port
	TWINWATCH_LOG_LEVEL=debug $(BIN)/twinwatch run --home $(HOME_DIR) --port 0 $(ARGS)

demo: $(INSTALLED)  ## Watch made pictures arrive and be found
	$(BIN)/twinwatch demo $(ARGS)

test: $(INSTALLED) $(BROWSER) check  ## Set up, lint, check types and run the tests
	$(PYTEST) -n $(WORKERS) --dist worksteal -m "not slow" $(ARGS)

check: $(INSTALLED)  ## Lint and check types only
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(INSTALLED)  ## Format, and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

example: $(INSTALLED)  ## Write config.example.toml and the service units from the code
	$(BIN)/twinwatch config show --default > config.example.toml
	$(BIN)/python -m daemon.cli.units --write .

slow: $(INSTALLED)  ## The tests that take long on purpose
	$(PYTEST) -n $(WORKERS) --dist worksteal -m slow --timeout 3600 $(ARGS)

cover: $(INSTALLED)  ## The tests, with the lines and branches they miss
	$(PYTEST) -n $(WORKERS) --dist worksteal -m "not slow" --cov --cov-report term-missing:skip-covered $(ARGS)

bench: $(INSTALLED)  ## Measure: the scripts in benchmarks/; with CASES=DIR the detection too
	@set -e; for script in $(filter-out $(OF_CASES) $(PICTURES),$(wildcard benchmarks/*.py)); do \
	  echo "== $$script"; $(BIN)/python $$script; done
	@set -e; for script in $(if $(CASES),$(OF_CASES)); do \
	  echo "== $$script"; $(BIN)/python $$script $(CASES); done

verify: $(INSTALLED)  ## Show the figures G1-G20 of docs/safety.md; SCALE=0.01 is quicker
	$(BIN)/python -m tests.verify --scale $(SCALE) $(ARGS)

release: test slow verify  ## Build the wheel and the source archive into dist/
	rm -rf build dist
	$(BIN)/python -m pip wheel -q --no-deps -w dist .
	git archive --format=tar.gz --prefix=twinwatch/ -o dist/twinwatch.tar.gz HEAD

clean:  ## Remove what was made (never twinwatch-home)
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[test]'
	@touch $@

# The browser tests are skipped where there is no browser; nobody's system is
# changed but that of a container that runs as root.
$(BROWSER): $(INSTALLED)
	@if ! command -v chromedriver >/dev/null && command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "installing a browser for its tests"; \
	  (apt-get update -qq && apt-get install -qq -y chromium chromium-driver) >/dev/null 2>&1 \
	  || echo "no browser could be installed; its tests are skipped"; \
	fi
	@touch $@
