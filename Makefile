# Needs Python >= 3.11 with venv, git and make. uv is fetched into .tools when it is not there.
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --frozen

.PHONY: demo test test-long rewritten lint install audit soak bench

demo: install
	$(RUN) redsteward demo

test: install
	$(MAKE) --no-print-directory -j 2 lint rewritten
	$(RUN) pytest -q -n 3 --dist worksteal --cov --cov-report=term

# Also what takes long: programs and channels on PostgreSQL, several of them, killed.
test-long: install lint
	$(RUN) pytest -q -n 2 --dist worksteal --long

# pytest rewrites every test for its messages; once beside the lint, not in each of the workers.
rewritten: install
	@PYTHONDONTWRITEBYTECODE= $(RUN) pytest -q -n 0 --collect-only >/dev/null || true

lint: install
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) lint-imports

# Known holes in what is locked. Asks PyPI, so it is no part of `test`; what PyPI does not answer for is a failure, but for
# who says STRICT= and reads it in the output.
STRICT ?= --strict
audit: $(UV)
	mkdir -p .tools
	$(UV) export --frozen --no-emit-project --quiet --output-file .tools/locked.txt
	$(UV) tool run --from "pip-audit>=2.9" pip-audit $(STRICT) --require-hashes --disable-pip -r .tools/locked.txt

# What takes hours: 10,000 sequences of people who press anything, on each database; every fault at every named place,
# KILLS deaths at random, full disks, silent lines. The second writes its table to docs/reliability.md;
# interrupted, it goes on where it was (soak.json: remove it to begin anew).
KILLS ?= 1000
soak: install
	REDSTEWARD_SEQUENCES=10000 $(RUN) pytest -q -n 2 tests/stories/test_anything.py
	$(RUN) python -m bench.soak --kills $(KILLS) --missing --keep soak.json --out docs/reliability.md

# Beside what people would take instead: one table, an hour. In parts: `python -m bench.race --help`. The other libraries
# have an environment of their own, nothing of it is part of the product; ours has one without what develops it.
bench: install .tools/rivals/bin/python .tools/desk/bin/python
	$(RUN) python -m bench.race

.tools/rivals/bin/python: bench/rivals/requirements.txt | $(UV)
	$(UV) venv --quiet --clear .tools/rivals
	$(UV) pip install --quiet --python .tools/rivals/bin/python -r bench/rivals/requirements.txt

.tools/desk/bin/python: uv.lock | $(UV)
	mkdir -p .tools
	$(UV) export --frozen --no-dev --no-emit-project --quiet --output-file .tools/desk.txt
	$(UV) venv --quiet --clear .tools/desk
	$(UV) pip install --quiet --compile-bytecode --python .tools/desk -r .tools/desk.txt

# Compiled here, for the service may not write beside its program: otherwise each start would, and take four times as long.
install: $(UV)
	$(UV) sync --frozen --quiet --compile-bytecode
	.venv/bin/python -m compileall -q bot cases handlers storage

.tools/bin/uv:
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet uv
