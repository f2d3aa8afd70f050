# Measures on a CPU with the real engines. Included from the Makefile; needs about 3 GB.

MEASURE := .venv-measure
# A CPU build of torch. Where pip would take a CUDA build, tell pip itself where CPU builds are
# (PIP_FIND_LINKS), or name a wheel: make measure-cpu TORCH=./torch-2.13.0+cpu-....whl
TORCH ?= torch==2.13.0

$(MEASURE)/.ready: measurements/engine-cpu.txt measurements/requirements-cpu.txt
	python3 -m venv $(MEASURE)
	$(MEASURE)/bin/pip install -q --disable-pip-version-check $(TORCH)
	$(MEASURE)/bin/pip install -q --disable-pip-version-check --no-deps --require-hashes \
		-r measurements/engine-cpu.txt -r measurements/requirements-cpu.txt
	touch $@

.PHONY: measure-cpu

measure-cpu: $(READY) $(MEASURE)/.ready  ## the cpu preset with the real engines, into measurements/results
	.venv/bin/pagereel measure --preset cpu
