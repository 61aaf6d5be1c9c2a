# Each target sets up what it needs. YES=1 installs missing packages without asking.
SHELL := /bin/bash
.DEFAULT_GOAL := help


.PHONY: help run test drill check lint format build release install deb peers clean prerequisites

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

run: ## Show the whole thing working: sites, daemon and stand-in for the operator
	@scripts/prerequisites run
	@scripts/run

test: ## Run every test: units, simulation, real processes, real peers
	@scripts/prerequisites test
	@scripts/test

drill: ## Kill the daemon hundreds of times and let the operator fail in every way, ten minutes long
	@scripts/prerequisites test
	@scripts/peers
	@swift build --no-color-diagnostics
	@KILLS=600 ROUNDS=3 .build-peers/bin/python -m pytest -q -s \
	  Tests/EndToEnd/test_stop_points.py Tests/EndToEnd/test_faults.py Tests/EndToEnd/test_kill.py

check: ## The quick check before each commit: format, core tests
	@scripts/prerequisites build
	@$(MAKE) --no-print-directory lint
	@CORE_ONLY=1 swift test --disable-xctest --scratch-path .build-core

lint: ## Check the format
	@swift format lint --strict --parallel --recursive Sources Tests Package.swift

format: ## Mend the format
	@swift format format --in-place --parallel --recursive Sources Tests Package.swift

build: ## Build for development
	@scripts/prerequisites build
	@swift build --no-color-diagnostics

release: ## Build for use, with the Swift runtime within
	@scripts/prerequisites build
	@swift build -c release --static-swift-stdlib --scratch-path .build-release --no-color-diagnostics

install: ## Put what `make release` built where Debian has it, below DESTDIR
	@scripts/install

deb: release ## Make a Debian package, in dist/
	@scripts/prerequisites deb
	@scripts/deb

clean: ## Remove what was built
	@rm -rf .build .build-core .build-release dist run
