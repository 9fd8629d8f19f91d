# Everything a fresh machine needs: Python 3.11, git and make.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
# Trackers that only `make test-places` needs; nothing of theirs is in the bot.
PLACES := .venv-places
# Another package index for torch alone, such as PyTorch's own CPU index: the default Linux build of torch
# brings gigabytes of CUDA libraries.
TORCH_INDEX ?=
LORE_CONFIG ?= examples/lore.toml
export LORE_CONFIG

.PHONY: help run test test-http test-scale check test-places test-page bench torture lock clean

help:  ## Say what there is
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMPS)/venv:
	@command -v $(PYTHON) >/dev/null || { echo "Lore needs Python 3.11: name it with PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/torch: $(STAMPS)/venv
	$(BIN)/pip install --quiet --disable-pip-version-check $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch==2.13.0
	@touch $@

$(STAMPS)/run: $(STAMPS)/torch requirements.lock pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/dev: $(STAMPS)/run requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

run: $(STAMPS)/run  ## Index the examples, then join Slack (tokens in the environment) or the local workspace
	$(BIN)/lore sync
	@if [ -n "$$SLACK_BOT_TOKEN$$SLACK_APP_TOKEN" ]; then exec $(BIN)/lore run; \
	else exec $(BIN)/lore workspace --with-bot; fi

# Most tests wait more than they compute, so four processes suit even two processors.
test: $(STAMPS)/dev  ## Run the tests
	$(BIN)/pytest -q -n 4 --dist loadfile --no-loadscope-reorder -m "not page and not torture and not places"

# Over HTTP the core of them, and stand-ups, whose forms and buttons go to any of the three.
OVER_HTTP := $(patsubst %,tests/dialogues/test_%.py,questions commands audiences standup_entries)
test-scale: $(STAMPS)/dev  ## Hold the dialogues with three bots on PostgreSQL and a Chroma server
	$(BIN)/pytest -q -n 2 --dist loadfile -m "not page and not torture and not places" --connection several tests/dialogues
	$(BIN)/pytest -q -n 2 --dist loadfile --connection several-http $(OVER_HTTP)

check: $(STAMPS)/dev  ## Lint, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test-http: $(STAMPS)/dev  ## Hold every dialogue over HTTP
	$(BIN)/pytest -q -n 4 --dist loadfile tests/dialogues --connection http

$(PLACES)/.ready: tests/places/requirements.txt
	$(PYTHON) -m venv $(PLACES)
	$(PLACES)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

test-places: $(STAMPS)/dev $(PLACES)/.ready  ## Read from real servers and what real trackers write (needs their packages)
	$(BIN)/pytest -q -s -m places tests/places

test-page: $(STAMPS)/dev  ## Drive the workspace page in headless Chromium
	@if tests/page/need-chromium; then $(BIN)/pytest -q -m page tests/page; else echo "0 passed, 0 failed, 1 skipped"; fi

bench: $(STAMPS)/dev  ## Print the figures of docs/benchmarks.md
	$(BIN)/python -m tests.bench

torture: $(STAMPS)/dev  ## A thousand kills: nothing acknowledged is lost, nothing is said twice
	$(BIN)/pytest -q -s -m torture tests

lock:  ## Write the lock files anew (needs uv on the PATH)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-package torch \
		--no-header --no-annotate --output-file requirements.lock
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-package torch --no-header --no-annotate --constraints requirements.lock --output-file requirements-dev.lock

clean:  ## Remove the virtual environment and caches
	rm -rf $(VENV) $(PLACES) .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
