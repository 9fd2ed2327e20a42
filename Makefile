# Every target brings what it needs to a bare machine (see dev/); the second time that costs nothing.

DEV := python3 dev

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast lint format bench bench-pages setup clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  dev/odoo …      Odoo's own command line, dev/python … its Python"

demo:  ## Open a shop with the sandbox as its payment providers (DEMO_PORT=8069)
	@$(DEV) demo

test:  ## Run every test, e.g. make test ARGS="-k refund"
	@$(DEV) test $(ARGS)

test-fast:  ## Run the tests that need neither Odoo nor a database
	@$(DEV) test-fast $(ARGS)

lint:  ## Check style, boundaries, XML and translations
	@$(DEV) lint

format:  ## Mend the style where a program can
	@$(DEV) format

bench:  ## Measure how many notifications a second a shop takes
	@$(DEV) bench $(ARGS)

bench-pages:  ## Measure the booking pages of a clinic with 5,000 appointments
	@$(DEV) bench-pages $(ARGS)

setup:  ## Prepare everything, run nothing
	@$(DEV) setup

clean:  ## Stop this project's server and remove all that was prepared
	@$(DEV) clean
