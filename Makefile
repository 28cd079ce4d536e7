# make run / make test are the two commands a newcomer needs; the rest is for those who change things.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: venv run demo test lint bench load train accuracy faults mutants templates samples handbook system-deps clean

venv: $(STAMP)

$(STAMP): setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,postgresql,train,ocr]'
	touch $(STAMP)

run: venv
	@test -f pipeline.toml || $(BIN)/pipeline init .
	$(BIN)/pipeline --workspace . run

demo: venv
	@$(BIN)/python samples/demo.py

test: venv lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python benchmarks/ocr.py
	$(BIN)/python benchmarks/intake.py >/dev/null
	$(BIN)/python benchmarks/durable.py
	$(BIN)/python benchmarks/rulebook.py
	$(BIN)/python benchmarks/letters.py
	$(BIN)/python benchmarks/ledger.py
	$(BIN)/python benchmarks/backup.py
	$(BIN)/python benchmarks/search.py
	$(BIN)/python benchmarks/assessment.py

# The same data give the same file.
train: venv
	$(BIN)/python training/train.py

accuracy: venv
	$(BIN)/python benchmarks/accuracy.py $(DIR)

# A burst of 5,000 files under a running watcher: ten minutes and more.
load: venv
	$(BIN)/python benchmarks/load.py

faults: venv
	$(BIN)/python -m pytest -n 2 -m "slow or not slow" tests/faults

mutants: venv
	$(BIN)/python tests/faults/mutants.py

templates: venv
	$(BIN)/python -m pipeline.letters.build_templates templates

samples: venv
	$(BIN)/python samples/make_samples.py

# The handbook's pictures, from the story that the tests tell by clicks.
handbook: venv
	PIPELINE_PICTURES=docs/pictures $(BIN)/python -m pytest -n 0 tests/web/test_story.py -k whole_story

# Debian packages that some tests use: LibreOffice (letters looked at, numbering compared), fonts, strace, gcc (crash points), file systems (power cuts), Chromium (pages), ripgrep (make bench).
system-deps:
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	  libreoffice-writer libreoffice-calc python3-uno fonts-noto-cjk poppler-utils strace gcc libc6-dev e2fsprogs xfsprogs chromium ripgrep

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache
