# Needs Python 3.11+ and make; the rest is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONUTF8 = 1

.PHONY: install run test check bench format clean
.DEFAULT_GOAL := run

.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || (echo "Нужен Python 3.11 или новее" && exit 1)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

install: .venv/installed ## everything into .venv

run: install ## the system; without .env the demonstration
	$(BIN)/python -m bot run

# Dozens of processes start in a run: compiled once, they start seconds sooner.
test: export PYTHONDONTWRITEBYTECODE =
test: install ## every test, SQLite and PostgreSQL
	$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder

check: install ## ruff, mypy --strict, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

bench: install ## the measured promises
	$(BIN)/python -m bot bench

format: install
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
