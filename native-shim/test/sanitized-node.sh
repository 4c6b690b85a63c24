#!/bin/sh
# Runs the tests that go through node's FFI with a stand-in library under ASan and UBSan. Leaks are not looked for
# here: V8 leaves many at exit, and `make sanitize` looks for the shim's.
set -eu
cd "$(dirname "$0")/../.."

skip() {
  echo "skipped: $1"
  exit 0
}

[ "$(uname -s)" = Linux ] || skip "a sanitizer's runtime can be put before node on Linux only"
command -v node > /dev/null || skip "there is no node"
[ -f node_modules/vitest/vitest.mjs ] || skip "vitest is not installed"

compiler=${CC:-cc}
if "$compiler" --version | grep -q clang; then
  runtime=$("$compiler" -print-file-name="libclang_rt.asan-$(uname -m).so")
  flags="-shared-libsan"
else
  runtime=$("$compiler" -print-file-name=libasan.so)
  flags=""
fi
[ -f "$runtime" ] || skip "$compiler has no shared runtime for -fsanitize=address"
export ASAN_OPTIONS=detect_leaks=0
LD_PRELOAD=$runtime node -e 0 > /dev/null 2>&1 || skip "node doesn't run with $runtime"

make --no-print-directory -s -C native-shim B=build/asan-node CC="$compiler" \
  INSTRUMENT="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer $flags"
export CODEXPC_TEST_SHIM="$PWD/native-shim/build/asan-node/libcodexpc_shim_standin.so"
LD_PRELOAD=$runtime exec node node_modules/vitest/vitest.mjs run test/native
