# Measures with the real engines. Included from the Makefile; needs about 3 GB on a CPU, 11 GB on a
# GPU. `make measure` is for a GPU, `make measure-cpu` for none.

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

# What a GPU needs, as `pagereel measure --check` names it; PRESET: full, 8b, short or quick.
GPU_ENGINES := vllm==0.32.0 transformers==5.17.0 nvidia-ml-py==13.615.71
PRESET ?= full

engines/.ready:
	python3 -m venv engines
	engines/bin/pip install -q --disable-pip-version-check $(GPU_ENGINES)
	touch $@

.PHONY: measure measure-cpu

measure: $(READY) engines/.ready  ## on a GPU: the engines, what there is, and the preset
	.venv/bin/pagereel measure --check --python engines/bin/python --preset $(PRESET)
	.venv/bin/pagereel measure --python engines/bin/python --preset $(PRESET)

measure-cpu: $(READY) $(MEASURE)/.ready  ## the cpu preset with the real engines, into measurements/results
	.venv/bin/pagereel measure --preset cpu
