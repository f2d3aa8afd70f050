# Locks with hashes, and the list of what is installed (SBOM). Included from the Makefile.

TOOLS := .venv-tools
PINNED := -q -c constraints.txt --universal --python-version 3.11 --generate-hashes --no-annotate --no-header
COMPILE := $(TOOLS)/bin/uv pip compile $(PINNED)

$(TOOLS)/.ready: requirements/tools.txt
	python3 -m venv $(TOOLS)
	$(TOOLS)/bin/pip install -q --disable-pip-version-check --require-hashes -r $<
	touch $@

.PHONY: lock sbom

lock: $(TOOLS)/.ready  ## the hashes anew, for the versions that constraints.txt and the .in files name
	$(COMPILE) requirements/build.in -o requirements/build.txt
	$(COMPILE) requirements/tools.in -o requirements/tools.txt
	$(COMPILE) pyproject.toml --group dev -o requirements/develop.txt
	$(COMPILE) --no-deps measurements/engine-cpu.in -o measurements/engine-cpu.txt
	$(COMPILE) --override requirements/absent.txt measurements/requirements-cpu.in \
		-o measurements/requirements-cpu.txt

sbom: $(READY) $(TOOLS)/.ready  ## what .venv holds, as CycloneDX: output/pagereel.cdx.json
	$(TOOLS)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--spec-version 1.6 --output-file output/pagereel.cdx.json .venv/bin/python
