# Two commands matter: make figures, make test. Each sets up .venv by itself.
PYTHON ?= python3
PRESET ?= quick
BIN := .venv/bin
SNAKEMAKE := $(BIN)/snakemake --cores all
OPTIONS ?=
RUNS ?= 3
BASE ?=
HEAD ?= results/$(PRESET)

.PHONY: help figures plan test test-slurm check drift reference format bench lock clean

help:            ## List the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

figures: .venv/ready   ## Figures, claims, scorecard and page of a preset (PRESET=quick)
	$(SNAKEMAKE) --quiet rules $(OPTIONS) --config preset=$(PRESET)

plan: .venv/ready      ## What a preset costs: jobs, hours, memory, disk (PRESET=paper)
	@$(BIN)/python -m scripts.publish.plan $(PRESET)

test: .venv/ready      ## All tests but those of Slurm
	$(BIN)/pytest -n auto

test-slurm: .venv/ready   ## The Slurm profile on a Slurm of one node, installed and started here: as root
	$(BIN)/pytest -m slurm tests/slurm

check: .venv/ready     ## Format, lint and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/snakefmt --check --compact-diff Snakefile workflow/rules
	$(BIN)/mypy
	$(BIN)/snakemake --lint --config preset=smoke
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

drift: .venv/ready     ## What changed since the reference, a commit or a folder (BASE=main, HEAD=results/quick)
	@$(BIN)/python -m scripts.publish.drift --base "$(BASE)" --head "$(HEAD)"

reference: .venv/ready ## Take the results of a preset as the reference of make drift (HEAD=results/quick)
	@$(BIN)/python -m scripts.publish.reference "$(HEAD)"

format: .venv/ready    ## Format everything
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
	$(BIN)/snakefmt Snakefile workflow/rules

bench: .venv/ready     ## Time smoke, quick, an idle run and a style change; refresh the numbers in README.md
	$(BIN)/python -m scripts.publish.bench --runs $(RUNS)

lock:            ## Pin what requirements.in resolves to, in a fresh environment
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet --requirement requirements.in
	.venv-lock/bin/pip freeze | sed 's/+cpu$$//' > requirements.lock
	rm -rf .venv-lock

clean:           ## Remove results and logs; data and .venv stay
	rm -rf results/smoke* results/quick* results/paper* logs benchmarks .snakemake

.venv/ready: requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	touch $@
