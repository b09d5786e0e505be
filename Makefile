# SPDX-License-Identifier: Apache-2.0
# A thin door to meson and ninja: it sets up, builds into build/ and names the everyday
# tasks. Everything about how a file is built stands in the meson.build files.
BUILD ?= build
# The front end is clang 19, so the build needs no second compiler; KASURI_CC=gcc
# KASURI_CXX=g++ (before the first make) picks another one.
KASURI_CC ?= clang-19
KASURI_CXX ?= clang++-19
MESON_FLAGS ?=

.PHONY: all setup run test fuzz litmus bench fmt fmt-check clean help
all: build-only

help:
	@echo "make          set up and build into $(BUILD)/"
	@echo "make run      compile and run examples/mandelbrot.cu"
	@echo "make test     run every test"
	@echo "make fuzz     run random kernels, twice TIME=60 seconds from SEED=1000 on"
	@echo "make litmus   run the litmus tests, RUNS=1000000 times each"
	@echo "make bench    run the benchmarks"
	@echo "make fmt      lay the sources out by .clang-format"
	@echo "make clean    remove $(BUILD)/"

setup:
	@scripts/setup

$(BUILD)/build.ninja: | setup
	CC="$(KASURI_CC)" CXX="$(KASURI_CXX)" meson setup $(BUILD) $(MESON_FLAGS)

.PHONY: build-only
build-only: setup $(BUILD)/build.ninja
	@ninja -C $(BUILD)

run: build-only
	@$(BUILD)/kasuri run --time examples/mandelbrot.cu $(BUILD)/mandelbrot.png

test: build-only
	@scripts/run-tests $(BUILD)

TIME ?= 60
SEED ?= 1000
fuzz: build-only
	@ninja -C $(BUILD) tests/ptxrun
	@python3 tests/fuzz/kernels.py $(BUILD) --time $(TIME) --seed $(SEED)
	@python3 tests/fuzz/launches.py $(BUILD) --time $(TIME) --seed $(SEED)

RUNS ?= 1000000
litmus: build-only
	@python3 tests/tools/litmus.py $(BUILD) --runs $(RUNS)

bench: build-only
	@python3 bench/run.py $(BUILD)

fmt:
	@scripts/fmt

fmt-check:
	@scripts/fmt --check

clean:
	rm -rf $(BUILD)
