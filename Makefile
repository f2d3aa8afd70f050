# Two commands on a bare machine with Python 3.11+: `make video` and `make test`.
# Each sets up what is missing first; where nothing is missing, nothing is done.

READY := .venv/.ready

.PHONY: video test docs setup

video: $(READY)
	.venv/bin/pagereel render storyboards/01-the-quick-brown-fox.yaml

test: $(READY)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/pytest

docs: $(READY)  ## the reference, made from the code, and the pictures of the pages
	.venv/bin/python -m pagereel.documents

setup: $(READY)

$(READY): pyproject.toml requirements/build.txt requirements/develop.txt setup.sh
	@./setup.sh

-include conformance.mk
-include measure.mk
-include page.mk
-include hostile.mk
-include lock.mk
