#include "target.h"

#include <stdio.h>
#include <stdlib.h>

void promise(int kept, const char *what, const char *file, int line) {
    if (kept) return;
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
    abort();
}
