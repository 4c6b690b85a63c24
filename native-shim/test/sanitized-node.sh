#!/bin/sh
# Runs the tests that go through node's FFI, and the chaos test (or those that are named behind the sanitizer), with a
# stand-in library under a sanitizer:
#
#     sanitized-node.sh address    ASan and UBSan. Leaks are not looked for here: V8 leaves many at exit, and
#                                  `make sanitize` looks for the shim's.
#     sanitized-node.sh thread     TSan. Node and its other addons are not instrumented, so their locks are unknown and
#                                  they are full of what looks like races: only what the shim does is looked at, and
#                                  reports without the shim in them don't count.
set -eu
cd "$(dirname "$0")/../.."
sanitizer=$1
shift
[ $# -gt 0 ] || set -- test/native test/faults/chaos.test.ts

skip() {
  echo "skipped: $1"
  exit 0
}

[ "$(uname -s)" = Linux ] || skip "a sanitizer's runtime can be put before node on Linux only"
command -v node > /dev/null || skip "there is no node"
[ -f node_modules/vitest/vitest.mjs ] || skip "vitest is not installed"

case $sanitizer in
  address) short=asan; instrument="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer" ;;
  thread) short=tsan; instrument="-fsanitize=thread -fno-omit-frame-pointer" ;;
esac
compiler=${CC:-cc}
if "$compiler" --version | grep -q clang; then
  runtime=$("$compiler" -print-file-name="libclang_rt.$short-$(uname -m).so")
  instrument="$instrument -shared-libsan"
  family=clang
else
  runtime=$("$compiler" -print-file-name="lib$short.so")
  family=gcc
fi
[ -f "$runtime" ] || skip "$compiler has no shared runtime for -fsanitize=$sanitizer"

# What one compiler made can't be loaded with the other's runtime.
build=build/$short-node-$family
reports=$PWD/native-shim/$build/reports
rm -rf "$reports"
mkdir -p "$reports"
export ASAN_OPTIONS=detect_leaks=0
export TSAN_OPTIONS="log_path=$reports/report:exitcode=0:ignore_noninstrumented_modules=1"
LD_PRELOAD=$runtime node -e 0 > /dev/null 2>&1 || skip "node doesn't run with $runtime"

make --no-print-directory -s -C native-shim B="$build" CC="$compiler" INSTRUMENT="$instrument"
export CODEXPC_TEST_SHIM="$PWD/native-shim/$build/libcodexpc_shim_standin.so"
status=0
# The test runner is slowed down, too, by a multiple. One worker: the gate runs both sanitizers at the same time.
LD_PRELOAD=$runtime node node_modules/vitest/vitest.mjs run --maxWorkers=1 --testTimeout=300000 --hookTimeout=300000 "$@" || status=$?

# The thread sanitizer's files have one report after the other, each between lines of this kind.
for file in "$reports"/*; do
  [ -f "$file" ] || continue
  awk -v RS='==================\n' '/libcodexpc_shim/ { print; found = 1 } END { exit found }' "$file" && continue
  echo "the reports above are on the shim"
  status=1
done
exit $status
