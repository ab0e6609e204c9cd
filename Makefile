# Two commands matter: make figures, make test. Each sets up .venv by itself.
PYTHON ?= python3
PRESET ?= quick
BIN := .venv/bin
RUN := $(BIN)/python -m
OPTIONS ?=
# Snakemake takes one --config only, so a user's own joins ours.
WITH_PRESET = $(if $(filter --config -C,$(OPTIONS)),$(patsubst -C,--config preset=$(PRESET),$(patsubst --config,--config preset=$(PRESET),$(OPTIONS))),$(OPTIONS) --config preset=$(PRESET))
RUNS ?= 3
RULES ?=
BASE ?=
HEAD ?= results/$(PRESET)
SINGLE ?=

# Snakemake and matplotlib keep caches below the home; where that cannot be written they go into the project.
CACHE := $$(printf '%s' "$${XDG_CACHE_HOME:-$$HOME/.cache}")
ifneq ($(shell mkdir -p "$(CACHE)" 2> /dev/null && test -w "$(CACHE)" && echo yes),yes)
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/cache
export MPLCONFIGDIR := $(CURDIR)/.snakemake/cache/matplotlib
endif

.PHONY: help figures site plan why test test-slow test-slurm check drift reference format bench readme scales lock licences archive clean

help:            ## List the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

figures: .venv/ready   ## Figures, claims, scorecard and site of a preset (PRESET=quick)
	@$(RUN) snakemake $(WITH_PRESET)

site: .venv/ready      ## Copy what is to be published into site/, for any static host (PRESET=quick, SINGLE=1: one page, to be mailed)
	@$(RUN) scripts.publish.site "$(HEAD)" $(if $(SINGLE),--single)

plan: .venv/ready      ## What a preset costs: time, jobs, memory, disk (PRESET=paper, RULES=1 for every rule)
	@$(RUN) scripts.publish.plan $(PRESET) $(if $(RULES),--rules)

why: .venv/ready       ## What the next run would do, why, and what it costs (PRESET=quick)
	@$(RUN) scripts.publish.why $(PRESET)

test: .venv/dev        ## All tests but the slow ones and those of Slurm
	$(RUN) pytest -n auto

test-slow: .venv/dev   ## The slow tests: whole runs in odd situations, trainings, all pages of the last run
	$(RUN) pytest -n auto -m "slow and not slurm"

test-slurm: .venv/dev  ## The Slurm profile on a Slurm of one node, installed and started here: as root
	$(RUN) pytest -m slurm tests/slurm

check: .venv/dev       ## Format, lint and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(RUN) snakefmt --check --compact-diff Snakefile workflow/rules
	$(RUN) mypy
	$(RUN) snakemake --lint --config preset=smoke
	$(RUN) check_jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

drift: .venv/ready     ## What changed since the reference, a commit or a folder (BASE=main, HEAD=results/quick)
	@$(RUN) scripts.publish.drift --base "$(BASE)" --head "$(HEAD)"

reference: .venv/ready ## Take the results of a preset, of the papers that were run, as the reference of make drift (HEAD=results/quick)
	@$(RUN) scripts.publish.reference "$(HEAD)"

format: .venv/dev      ## Format everything
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
	$(RUN) snakefmt Snakefile workflow/rules

bench: .venv/ready     ## Time smoke, quick, an idle run and a style change; refresh README.md
	@$(RUN) scripts.publish.bench --runs $(RUNS)

readme: .venv/ready    ## Refresh figure, picture of all figures and scorecard in README.md (HEAD=results/quick)
	@$(RUN) scripts.publish.readme "$(HEAD)"

scales: .venv/ready    ## Refresh the verdicts of the published scale in README.md, from reference/
	@$(RUN) scripts.publish.readme scales

lock:            ## Pin what requirements.in and requirements-dev.in resolve to, in a fresh environment
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet --requirement requirements.in
	.venv-lock/bin/pip freeze | sed 's/+cpu$$//' > requirements.lock
	.venv-lock/bin/pip install --quiet --constraint requirements.lock --requirement requirements-dev.in
	.venv-lock/bin/pip freeze | sed 's/+cpu$$//' | grep -vxFf requirements.lock > requirements-dev.lock
	rm -rf .venv-lock

licences: .venv/ready  ## List the licences of all that requirements.lock installs, in docs/licences.md
	@$(RUN) scripts.publish.licences

archive: .venv/dev     ## Code, tables, figures and verdicts of a run in one file that verifies itself (HEAD=results/quick)
	@$(RUN) scripts.publish.archive "$(HEAD)"

clean:           ## Remove results and logs; data and .venv stay
	rm -rf results/smoke* results/quick* results/paper* logs benchmarks/*/ .snakemake

.venv/ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11")'
	@command -v nvidia-smi > /dev/null || [ -n "$$PIP_EXTRA_INDEX_URL" ] || [ "$$(uname)" != Linux ] || \
	    echo "No GPU seen. The CPU build of torch is gigabytes smaller: see 'Two commands' in README.md."
	$(PYTHON) -m venv .venv
	PIP_USER=0 $(RUN) pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@touch $@

.venv/dev: .venv/ready requirements-dev.lock
	PIP_USER=0 $(RUN) pip install --quiet --disable-pip-version-check --requirement requirements-dev.lock
	@touch $@
