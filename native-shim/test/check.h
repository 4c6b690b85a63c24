/* Tests are functions named by sentences; checks inside them name the line that failed. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)
#define CHECK_INT(actual, expected) check_int((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_TEXT(actual, expected) check_text((actual), (expected), #actual, __FILE__, __LINE__)

void check_that(bool condition, const char *what, const char *file, int line);
void check_int(int64_t actual, int64_t expected, const char *what, const char *file, int line);
void check_text(const char *actual, const char *expected, const char *what, const char *file, int line);

/* Runs one test and prints its line. A test that hangs ends the program after a minute. */
void run_test(const char *sentence, void (*test)(void));

/* Prints "N passed, N failed"; returns the exit code. */
int finish_tests(void);

#endif
