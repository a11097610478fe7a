# The commands of the project. Each does all it needs: packages, build, servers for the tests.

.PHONY: build run test bench lint format sanitize coverage fuzz clean

build:
	scripts/bootstrap build
	cmake --preset release >/dev/null
	cmake --build --preset release

# A running Trunkline with a first simulated call.
run: build
	build/release/trunkline serve --demo

test:
	scripts/bootstrap build test
	scripts/test dev

bench:
	scripts/bootstrap build bench
	scripts/bench

lint:
	scripts/bootstrap build test lint
	scripts/lint

format:
	scripts/bootstrap lint
	scripts/format

sanitize:
	scripts/bootstrap build test
	scripts/test asan
	scripts/test tsan

coverage:
	scripts/bootstrap build test coverage
	scripts/coverage

# Each fuzz target for a minute, or as many seconds as SECONDS says.
fuzz:
	scripts/bootstrap build fuzz
	scripts/fuzz $(or $(SECONDS),60)

clean:
	rm -rf build
