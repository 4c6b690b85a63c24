#include "utf8.h"

size_t utf8_sequence(const uint8_t *bytes, size_t length, size_t *step) {
    uint8_t first = bytes[0];
    size_t needed;
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    *step = 1;
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) {
        needed = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
        needed = 3;
        if (first == 0xe0) low = 0xa0;
        if (first == 0xed) high = 0x9f;
    } else if (first >= 0xf0 && first <= 0xf4) {
        needed = 4;
        if (first == 0xf0) low = 0x90;
        if (first == 0xf4) high = 0x8f;
    } else {
        return 0;
    }
    for (size_t at = 1; at < needed; at++) {
        if (at >= length || bytes[at] < low || bytes[at] > high) return 0;
        /* Only the second byte has a narrower range. */
        low = 0x80;
        high = 0xbf;
        *step = at + 1;
    }
    return needed;
}

bool utf8_is_text(const uint8_t *bytes, size_t length) {
    size_t at = 0;
    while (at < length) {
        if (bytes[at] == 0) return false;
        size_t step;
        size_t size = utf8_sequence(bytes + at, length - at, &step);
        if (size == 0) return false;
        at += size;
    }
    return true;
}
