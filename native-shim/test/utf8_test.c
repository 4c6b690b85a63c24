#include "../src/utf8.h"

#include <string.h>

#include "check.h"

static bool is_text(const char *bytes) {
    return utf8_is_text((const uint8_t *)bytes, strlen(bytes));
}

static void well_formed(void) {
    CHECK(is_text(""));
    CHECK(is_text("plain"));
    CHECK(is_text("\xc2\x80 \xdf\xbf"));
    CHECK(is_text("\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf"));
    CHECK(is_text("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
}

static void ill_formed(void) {
    static const char *const cases[] = {
        "\x80",             /* a continuation alone */
        "\xc0\x80",         /* overlong NUL */
        "\xc1\xbf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xed\xa0\x80",     /* surrogate */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xf4\x90\x80\x80", /* past U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3",         /* cut off */
        "\xe2\x82",     /* cut off */
        "\xf0\x9f\x98", /* cut off */
        "a\xe2\x82z",
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        if (is_text(cases[index])) CHECK_INT((int64_t)index, -1);
    }
    CHECK(!utf8_is_text((const uint8_t *)"a\0b", 3));
}

/* Every code point by its definition, and every surrogate. */
static void every_code_point(void) {
    for (uint32_t point = 1; point <= 0x10ffff; point++) {
        uint8_t bytes[4];
        size_t length;
        if (point < 0x80) {
            length = 1;
            bytes[0] = (uint8_t)point;
        } else if (point < 0x800) {
            length = 2;
            bytes[0] = (uint8_t)(0xc0 | point >> 6);
        } else if (point < 0x10000) {
            length = 3;
            bytes[0] = (uint8_t)(0xe0 | point >> 12);
        } else {
            length = 4;
            bytes[0] = (uint8_t)(0xf0 | point >> 18);
        }
        for (size_t at = 1; at < length; at++) bytes[at] = (uint8_t)(0x80 | ((point >> 6 * (length - 1 - at)) & 63));
        size_t step;
        bool surrogate = point >= 0xd800 && point <= 0xdfff;
        size_t expected = surrogate ? 0 : length;
        if (utf8_sequence(bytes, length, &step) != expected) CHECK_INT(point, -1);
    }
}

static size_t step_of(const char *bytes, size_t length) {
    size_t step = 0;
    CHECK_INT((int64_t)utf8_sequence((const uint8_t *)bytes, length, &step), 0);
    return step;
}

static void replaced_lengths(void) {
    CHECK_INT((int64_t)step_of("\xe2\x82z", 3), 2);
    CHECK_INT((int64_t)step_of("\xf0\x9f\x98", 3), 3);
    CHECK_INT((int64_t)step_of("\xf0\x8f\xbf\xbf", 4), 1);
    CHECK_INT((int64_t)step_of("\xed\xa0\x80", 3), 1);
    CHECK_INT((int64_t)step_of("\xff\xff", 2), 1);
}

int main(void) {
    run_test("well-formed text is accepted", well_formed);
    run_test("ill-formed text and NUL are refused", ill_formed);
    run_test("every code point is accepted and every surrogate refused", every_code_point);
    run_test("an ill-formed sequence is replaced as far as it began well", replaced_lengths);
    return finish_tests();
}
