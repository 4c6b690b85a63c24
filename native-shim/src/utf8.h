/* UTF-8 as Unicode defines it: no surrogates, no overlong forms, nothing past U+10FFFF. */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Looks at the sequence that begins at `bytes`, of which `length` (> 0) are there.
 *
 * Returns its length when it is well-formed, else 0. `*step` is then how many bytes one U+FFFD replaces (the longest
 * beginning of a sequence, at least one byte), as in the WHATWG Encoding Standard.
 */
size_t utf8_sequence(const uint8_t *bytes, size_t length, size_t *step);

/* Whether all of it is well-formed and free of NUL. */
bool utf8_is_text(const uint8_t *bytes, size_t length);

#endif
