#!/bin/sh
# Builds the client package and tests all of it: run.sh [BUILD_DIR]
#
#   TRUNKLINE_BINARY         the server for the end-to-end test; default build/dev/trunkline
#   TRUNKLINE_SDK_CXX_FLAGS  further compiler flags, such as -fsanitize=address,undefined
#   TRUNKLINE_SDK_JOBS       compilations at a time; default 2
set -eu

sdk=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
root=$(dirname -- "$sdk")
build=${1:-$root/build/sdk}
mkdir -p "$build"
build=$(CDPATH='' cd -- "$build" && pwd)
flags=${TRUNKLINE_SDK_CXX_FLAGS:-}
jobs=${TRUNKLINE_SDK_JOBS:-2}
export TRUNKLINE_BINARY="${TRUNKLINE_BINARY:-$root/build/dev/trunkline}"
log=$build/run.log
# The tests' servers are on this machine.
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1

# Quiet unless it fails. The step runs in a shell of its own, which ends at its first failing command.
step() {
  echo "sdk: $1"
  shift
  set +e
  (set -e; "$@") >"$log" 2>&1
  status=$?
  set -e
  [ $status -eq 0 ] || { cat "$log"; echo "sdk: FAILED"; exit 1; }
}

configure() {
  generator=Ninja
  [ ! -f "$build/CMakeCache.txt" ] || generator=$(sed -n 's/^CMAKE_GENERATOR:INTERNAL=//p' "$build/CMakeCache.txt")
  cmake -S "$sdk" -B "$build" -G "$generator" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS="$flags" \
    -DTRUNKLINE_SDK_TESTS=ON -DBUILD_SHARED_LIBS="$1" -DCMAKE_INSTALL_PREFIX="$build/prefix-$2"
}

# Installs one kind of the libraries and uses them from a project elsewhere.
consume() {
  rm -rf "$build/prefix-$1" "$build/consumer-$1"
  cmake --install "$build"
  PKG_CONFIG_PATH=$(dirname "$(find "$build/prefix-$1" -name trunkline-voice.pc)")
  export PKG_CONFIG_PATH
  cmake -S "$sdk/tests/consumer" -B "$build/consumer-$1" -G Ninja -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_CXX_FLAGS="$flags" -DCMAKE_PREFIX_PATH="$build/prefix-$1"
  cmake --build "$build/consumer-$1" -j "$jobs"
  for program in consumer_20 consumer_23 consumer_pkg_config; do "$build/consumer-$1/$program"; done
}

step "configuring, shared" configure ON shared
step "building, shared" cmake --build "$build" -j "$jobs" \
  --target trunkline_sdk_core trunkline_sdk_voice trunkline_sdk_engagement
step "a project that uses the shared libraries" consume shared
step "configuring, static" configure OFF static
step "building, static" cmake --build "$build" -j "$jobs"
step "unit tests" ctest --test-dir "$build" --output-on-failure
grep -h "tests passed" "$log"
step "a project that uses the static libraries" consume static
step "the examples against a real server" python3 "$sdk/tests/end_to_end.py" "$build"
grep -c "  ok: " "$log" | sed 's/.*/sdk: & end-to-end checks passed/'
echo "sdk: all passed"
