# Thousands of hostile files, kills at any moment, losses of power, full disks, damaged caches. Included from the Makefile.
# Another SEED is another campaign: one is drawn, and printed, where none is given.

CASES ?= 2000
DISASTERS ?= $(shell expr $(CASES) / 50)

.PHONY: hostile

hostile: $(READY)  ## what breaks it: nothing should
	.venv/bin/python tests/hostile/campaign.py --cases $(CASES) $(if $(SEED),--seed $(SEED))
	PYTHONPATH=tests .venv/bin/python tests/hostile/disasters.py \
		--kills $(DISASTERS) --damages $(DISASTERS) --power $(DISASTERS) --full $(DISASTERS) $(if $(SEED),--seed $(SEED))
