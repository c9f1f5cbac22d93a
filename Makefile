# Needs Python >= 3.11 with venv, git and make. uv is fetched into .tools when it is not there.
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --frozen

.PHONY: demo test lint install

demo: install
	$(RUN) redsteward demo

test: install lint
	$(RUN) pytest -q -n 2 --cov --cov-report=term

lint: install
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) lint-imports

install: $(UV)
	$(UV) sync --frozen --quiet

.tools/bin/uv:
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet uv
