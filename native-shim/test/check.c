#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static unsigned passed;
static unsigned failed;
static unsigned failures_here;

void check_that(bool condition, const char *what, const char *file, int line) {
    if (condition) return;
    failures_here++;
    printf("# %s:%d: not so: %s\n", file, line, what);
}

void check_int(int64_t actual, int64_t expected, const char *what, const char *file, int line) {
    if (actual == expected) return;
    failures_here++;
    printf("# %s:%d: %s is %" PRId64 ", not %" PRId64 "\n", file, line, what, actual, expected);
}

void check_text(const char *actual, const char *expected, const char *what, const char *file, int line) {
    if (actual != NULL && strcmp(actual, expected) == 0) return;
    failures_here++;
    printf("# %s:%d: %s is %s\n#   not %s\n", file, line, what, actual == NULL ? "NULL" : actual, expected);
}

void run_test(const char *sentence, void (*test)(void)) {
    failures_here = 0;
    alarm(60);
    test();
    alarm(0);
    if (failures_here == 0) passed++;
    else failed++;
    printf("%s - %s\n", failures_here == 0 ? "ok" : "not ok", sentence);
    fflush(stdout);
}

int finish_tests(void) {
    printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
