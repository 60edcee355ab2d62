# make demo [VIDEO=path-or-URL]   a video through Airflow to timed text; without VIDEO a sample of 30 seconds
# make stack                      the distributed system without Docker: Celery workers per queue, Redis, S3 (docs/fleet.md)
# make stack-status               what of it runs, how well, and what waits
# make down                       stop everything that demo or stack left running (data stay)
# make compose-test               docker-compose.yaml run for real, in containers under podman (docs/fleet.md)
# make browser                    the pages in a real browser: Debian's chromium (CHROMIUM=/path/to/another)
# make fuzz-api                   thousands of odd requests to the API, by its own description (SECONDS=1200)
# make test | check               all tests | what CI asks of every change
# make bench                      videos an hour through the whole system, and where each CPU-second goes
# make bench-media                what screen text and sound cost: the old way against ours, on films it makes
# make bench-screen               no text lost, none repeated: films with known text (more with ../shared)
# make bench-speech               how well and how cheaply speech is heard (needs ../shared)
# make bench-search               how fast what was said or shown is found among a million passages (ARGS="--rows …")
# make bench-pages                how fast the search page and the library answer 20 people
# make bench-merge                the same result whatever the chunks' length (needs ../shared)
# make bench-publish              what publishing a video of 65 minutes costs
# make install | lock             the virtual environment | new locks from requirements*.txt

PYTHON := .venv/bin/python
export VIDEO
export PYTHONPATH := $(CURDIR):$(CURDIR)/plugins
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo stack stack-status down compose-test browser fuzz-api test check bench bench-media bench-screen bench-speech bench-search bench-pages bench-merge bench-publish install install-dev lock
.DEFAULT_GOAL := demo

demo: install
	@exec $(PYTHON) -m include.local.demo $${VIDEO:+"$$VIDEO"}

stack: install-dev
	@exec $(PYTHON) -m include.local.stack up

stack-status:
	@[ ! -x $(PYTHON) ] || exec $(PYTHON) -m include.local.stack status

down:
	@[ ! -x $(PYTHON) ] || exec $(PYTHON) -m include.local.down

compose-test: install-dev
	@PYTHONPATH=$(PYTHONPATH):tests exec $(PYTHON) tests/compose/compose_test.py

fuzz-api: install-dev
	@PYTHONPATH=$(PYTHONPATH):tests exec $(PYTHON) tests/api/fuzz.py --seconds $(or $(SECONDS),1200)

browser: install-dev
	@exec $(PYTHON) -m pytest tests/browser -m "not e2e"

test: install-dev
	@exec $(PYTHON) -m pytest

check: install-dev
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	$(PYTHON) -m pytest -m "not slow and not e2e"

bench: install-dev
	@PYTHONPATH=$(PYTHONPATH):tests exec $(PYTHON) tests/bench/fleet.py $(ARGS)

bench-media: install-dev
	@PYTHONPATH=$(PYTHONPATH):tests exec $(PYTHON) tests/bench/media.py $(ARGS)

bench-screen: install-dev
	@PYTHONPATH=$(PYTHONPATH):tests exec $(PYTHON) tests/bench/screen.py $(ARGS)

bench-speech: install-dev
	@PYTHONPATH=$(PYTHONPATH):tests exec $(PYTHON) tests/bench/speech.py $(ARGS)

bench-search: install-dev
	@PYTHONPATH=$(PYTHONPATH):tests exec $(PYTHON) tests/bench/search.py $(ARGS)

bench-pages: install-dev
	@PYTHONPATH=$(PYTHONPATH):tests exec $(PYTHON) tests/bench/pages.py $(ARGS)

bench-merge: install-dev
	@PYTHONPATH=$(PYTHONPATH):tests exec $(PYTHON) tests/bench/merge.py $(ARGS)

bench-publish: install-dev
	@PYTHONPATH=$(PYTHONPATH):tests exec $(PYTHON) tests/bench/publish.py $(ARGS)

install:
	@deploy/local/install.sh

install-dev:
	@deploy/local/install.sh --dev

# Universal: one lock for every Python and platform we support. Pins stay where they are unless they must move.
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile --quiet --universal --python-version 3.11.2 --no-annotate

lock:
	$(LOCK) requirements.txt -o constraints.txt
	$(LOCK) requirements-dev.txt -c constraints.txt -o constraints-dev.txt
