# The habits of the developers; `make` alone lists them. The two commands for everyone else are
# scripts/run and scripts/test, which need no make.
.DEFAULT_GOAL := help
.PHONY: help run test check lint lock vendor screenshots bench messages

help:  ## List what can be made.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run:  ## Start everything on this machine with the made-up district.
	scripts/run

test:  ## Run all tests, those in the browser included.
	scripts/test

check: lint  ## What a change must pass: formatting, lints, types and tests.
	scripts/test

lint: .venv/.installed-test  ## Check formatting, lints and types, without the tests.
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

lock:  ## Write both lock files anew; `make lock UPGRADE=1` takes newer versions. Run uses one, tests the other.
	scripts/lock $(if $(UPGRADE),--upgrade)

vendor:  ## Fetch and bundle the browser libraries into webapp/static/vendor, with licences and hashes; needs node.
	scripts/vendor

screenshots: .venv/.installed-test  ## Take every picture of the documentation anew, from a `make run` in another terminal.
	.venv/bin/python scripts/screenshots

bench: .venv/.installed-test  ## Measure gridmap beside its peers, one line of figures each.
	.venv/bin/gridmap bench

messages: .venv/.installed-test  ## Collect the sentences to translate into the catalogues.
	.venv/bin/python scripts/messages.py

.venv/.installed-test: pyproject.toml requirements-dev.lock
	scripts/install test
