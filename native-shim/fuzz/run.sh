#!/bin/sh
# make fuzz and make fuzz-minimise, by clang's libFuzzer. What is found grows in build/libfuzzer/found/NAME; an input that
# breaks a promise is left as build/libfuzzer/NAME-crash-….
set -eu
cd "$(dirname "$0")/.."
task=$1
shift
runs=${RUNS:-1000000}

compiler=
for candidate in "$CC" "clang$LLVM" clang; do
  if command -v "$candidate" > /dev/null && "$candidate" --version | grep -q clang; then compiler=$candidate; break; fi
done
probe=build/libfuzzer/probe
mkdir -p build/libfuzzer
echo 'int LLVMFuzzerTestOneInput(const char *input, long length) { return input == 0 && length > 0; }' > $probe.c
if [ -z "$compiler" ] || ! "$compiler" -fsanitize=fuzzer,address,undefined $probe.c -o $probe 2> $probe.log; then
  echo "skipped: no clang with libFuzzer; make fuzz-replay needs none"
  exit 0
fi

make --no-print-directory -s B=build/libfuzzer CC="$compiler" FUZZ_MAIN= LDFLAGS=-fsanitize=fuzzer fuzz-programs \
  INSTRUMENT="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"

[ $# -gt 0 ] || set -- frames json message
for name in "$@"; do
  program=build/libfuzzer/fuzz/${name}_fuzz
  found=build/libfuzzer/found/$name
  kept=fuzz/corpus/$name
  mkdir -p "$found" "$kept"
  if [ "$task" = fuzz ]; then
    echo "# $name: $runs runs"
    # Structure is what matters, which short inputs have as well; and stacks of every allocation cost four fifths of
    # the time. An input that was found is run again by fuzz-replay under `make sanitize`, which tells all.
    ASAN_OPTIONS=malloc_context_size=0:quarantine_size_mb=8 \
    "$program" -runs="$runs" -max_len=256 -timeout=10 -verbosity=0 -print_final_stats=1 \
      -artifact_prefix="build/libfuzzer/$name-" "$found" "$kept"
  else
    # By edges alone, without how often each is passed: a few dozen inputs instead of hundreds.
    rm -rf "build/libfuzzer/minimal"
    mkdir -p "build/libfuzzer/minimal"
    "$program" -set_cover_merge=1 -use_counters=0 -max_len=256 -verbosity=0 build/libfuzzer/minimal "$kept" "$found"
    rm -rf "$kept"
    mv build/libfuzzer/minimal "$kept"
    echo "$name: $(find "$kept" -type f | wc -l) inputs"
  fi
done
