#ifndef FUZZ_ROUND_TRIP_H
#define FUZZ_ROUND_TRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../src/value_reader.h"

/*
 * Reads a message. Promised: it is refused with one of the statuses that its header names, or read; what was read is
 * written in no more bytes than it came in, in the same bytes when there are as many; and those are read as a value
 * that is written in the same bytes again.
 */
void check_round_trip(const struct value_source *source);

#endif
