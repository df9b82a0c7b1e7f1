# Commands of this project. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

$(READY): requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found on the PATH. Install it, or say PYTHON=/path/to/python3."; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $(READY)

.PHONY: setup
setup: $(READY) ## Set up .venv with the pinned dependencies

.PHONY: lock
lock: ## Resolve pyproject.toml into requirements.lock again
	@$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/python -m pip install --quiet uv
	@$(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
		--no-header --group dev pyproject.toml -o requirements.lock

# --- Athena without AWS
.PHONY: trino
trino: $(READY) ## Get Trino, which the Athena tests run on (once, 450 MB through mvn)
	@$(BIN)/python scripts/get_trino.py

.PHONY: local-aws
local-aws: $(READY) ## Run the local stand-in for Athena until Ctrl-C
	@$(BIN)/python scripts/get_trino.py >&2
	@PYTHONPATH=tests:scripts exec $(BIN)/python -m local_aws
# --- end

# --- Use it
DEMO_LOGS := sample_logs
DEMO_WAREHOUSE := warehouse/demo.duckdb
# Unit tests check the SQL with rows of their own, whatever the logs hold: `make test` runs them.
DATA_ONLY := --exclude-resource-type unit_test
COMMA := ,
WINDOW_VARS := $(if $(START),start_date: "$(START)"$(COMMA) )$(if $(END),end_date: "$(END)")

.PHONY: demo
demo: $(READY) ## Make a week of sample logs, run the whole project on DuckDB, print what it found
	@$(BIN)/python scripts/generate_sample_logs.py $(DEMO_LOGS)
	@rm -f $(DEMO_WAREHOUSE) $(DEMO_WAREHOUSE).wal
	@echo "Building and testing all models on DuckDB (every step: logs/dbt.log)"
	@LOGS=$(DEMO_LOGS) WAREHOUSE=$(DEMO_WAREHOUSE) $(BIN)/dbt --quiet build $(DATA_ONLY) --vars "$$(cat $(DEMO_LOGS)/variables.yml)"
	@$(BIN)/python scripts/print_findings.py $(DEMO_WAREHOUSE)

.PHONY: fetch
fetch: $(READY) ## Copy the logs of some days from S3: FROM="s3://bucket/prefix .." TO=folder START=2026-11-01 END=2026-11-07
	@test -n "$(FROM)" -a -n "$(TO)" -a -n "$(START)" -a -n "$(END)" || { echo "Say where from, where to and which days: make fetch FROM=\"s3://bucket/prefix ..\" TO=folder START=YYYY-MM-DD END=YYYY-MM-DD"; exit 2; }
	@$(BIN)/python scripts/fetch_logs.py $(FROM) "$(TO)" --start "$(START)" --end "$(END)"

.PHONY: build
build: $(READY) ## Run the project over your logs: LOGS=/path [START=2026-11-01 END=2026-11-07] [WAREHOUSE=file]
	@test -n "$(LOGS)" || { echo "Say where the logs are: make build LOGS=/path/to/logs [START=YYYY-MM-DD END=YYYY-MM-DD]"; exit 2; }
	@LOGS="$(LOGS)" $(BIN)/dbt build $(DATA_ONLY) --vars '{$(WINDOW_VARS)}'

.PHONY: findings
findings: $(READY) ## Print what the marts of a warehouse say: WAREHOUSE=file
	@$(BIN)/python scripts/print_findings.py "$(or $(WAREHOUSE),warehouse/aws_internet_traffic.duckdb)"

.PHONY: report
report: $(READY) ## Write what the marts say as one HTML file: [WAREHOUSE=file] [REPORT=file.html] [START=..] [END=..]
	@$(BIN)/python scripts/make_report.py "$(or $(WAREHOUSE),warehouse/aws_internet_traffic.duckdb)" $(if $(REPORT),"$(REPORT)") \
		$(if $(START),--start "$(START)") $(if $(END),--end "$(END)")

# What a person types goes through the environment, unread by make and by the shell: an address may be copied from a log.
unexport Q START END ADDRESS FORMAT LIMIT TO
.PHONY: ask
ask: export ASK_QUESTION := $(value Q)
ask: export ASK_START := $(value START)
ask: export ASK_END := $(value END)
ask: export ASK_ADDRESS := $(value ADDRESS)
ask: export ASK_FORMAT := $(value FORMAT)
ask: export ASK_LIMIT := $(value LIMIT)
ask: $(READY) ## Answer a question of analyses/: [Q=name] [START= END=] [ADDRESS=] [FORMAT=csv] [LIMIT=0] [HUMAN=1]; without Q list them
	@$(BIN)/python scripts/ask.py "$$ASK_QUESTION" --start "$$ASK_START" --end "$$ASK_END" --address "$$ASK_ADDRESS" \
		$(if $(value FORMAT),--format "$$ASK_FORMAT") $(if $(value LIMIT),--limit "$$ASK_LIMIT") $(if $(value HUMAN),--human)

.PHONY: export
export: export EXPORT_FOLDER := $(or $(value TO),exported_marts)
export: $(READY) ## Write the marts as Parquet files, by day, for BI tools: [TO=folder] [WAREHOUSE=file]
	@$(BIN)/python scripts/export_marts.py "$$EXPORT_FOLDER"

.PHONY: doctor
doctor: $(READY) ## Check versions, logs, formats, vars and warehouse before a run: [LOGS=/path] [VARS='{..}']
	@$(BIN)/python scripts/check_setup.py --target local $(if $(VARS),--vars '$(VARS)')

.PHONY: check-athena
check-athena: $(READY) ## Check credentials, work group, buckets and logs before a run on Athena: [VARS='{..}']
	@$(BIN)/python scripts/check_setup.py --target athena $(if $(VARS),--vars '$(VARS)')

.PHONY: query-costs
query-costs: $(READY) ## Print what the last run scanned on Athena and what it cost, by model: [KEEP=folder or s3://bucket/prefix]
	@$(BIN)/python scripts/query_costs.py $(if $(KEEP),--keep "$(KEEP)")

.PHONY: docs
docs: $(READY) ## Write dbt's documentation pages to target/ and say how to look at them
	@$(BIN)/dbt --quiet docs generate --static
	@echo "Open target/static_index.html in a browser."

.PHONY: sweep
sweep: $(READY) ## List S3 data that no Athena table shows any more (APPLY=1 deletes it)
	@$(BIN)/python scripts/sweep_retired_data.py --data "$(ATHENA_DATA)" --schema "$(ATHENA_SCHEMA)" $(if $(APPLY),--apply)

# --- Reference data (docs/reference_data.md)
IP_RANGES_URL := https://ip-ranges.amazonaws.com/ip-ranges.json
DRY_RUN := $(if $(APPLY),,--dry-run)

.PHONY: refresh-ip-ranges
refresh-ip-ranges: $(READY) ## Print what AWS's list of addresses would change in the seeds: [FROM=file or URL] (APPLY=1 changes it)
	@$(BIN)/python scripts/refresh_ip_ranges.py "$(or $(FROM),$(IP_RANGES_URL))" $(DRY_RUN)

.PHONY: refresh-prices
refresh-prices: $(READY) ## Print what offers of the AWS Price List would change in the seeds: FROM="file or URL .." (APPLY=1 changes it)
	@test -n "$(FROM)" || { echo "Say which offers: make refresh-prices FROM=\"file or URL ..\" [APPLY=1]; docs/reference_data.md lists them"; exit 2; }
	@$(BIN)/python scripts/refresh_prices.py $(FROM) $(DRY_RUN)
# --- end of use

# --- Lint
.PHONY: lint
lint: $(READY) ## Lint SQL as DuckDB and as Athena read it, Python and YAML
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint-sql-duckdb lint-sql-athena
	@echo "Python:"; $(BIN)/ruff check scripts plugins tests bench && $(BIN)/ruff format --check scripts plugins tests bench
	@echo "YAML:"; $(BIN)/yamllint -s . && echo "All checks passed!"

.PHONY: lint-sql-duckdb lint-sql-athena
lint-sql-duckdb lint-sql-athena: lint-sql-%: $(READY)
	@echo "SQL, as $* reads it:"; $(BIN)/python scripts/lint_sql.py $*
# --- end of lint

.PHONY: bench
bench: $(READY) ## Compare the project with bare DuckDB and with itself, in an hour: [ONLY="whole_build .."] [SCALE=0.1] [COUNT=3]
	@PYTHONPATH=tests/python $(BIN)/python bench $(ONLY) $(if $(SCALE),--scale $(SCALE)) $(if $(COUNT),--count $(COUNT))

.PHONY: chromium
chromium: ## Get Chromium, which the tests of the report look at it with (Debian's package, where none is installed)
	@command -v chromium || command -v chromium-browser || command -v google-chrome || command -v google-chrome-stable || \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes chromium fonts-dejavu-core; }

.PHONY: test
test: $(READY) lint ## Lint, dbt's unit and data tests, pytest; the last lines say what was skipped and why
	@$(BIN)/python -m pytest tests/python -n 2 --dist loadfile --no-loadscope-reorder
