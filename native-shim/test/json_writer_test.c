#include "../src/json_writer.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../include/codexpc_shim.h"
#include "check.h"
#include "json_text.h"

/* Checks a value's JSON and gives its reference up. */
static void expect(xpc_object_t value, const char *json) {
    char *actual = json_of(value);
    CHECK_TEXT(actual, json);
    free(actual);
    xpc_release(value);
}

static void scalars(void) {
    expect(xpc_null_create(), "null");
    expect(xpc_bool_create(true), "true");
    expect(xpc_bool_create(false), "false");
    expect(xpc_int64_create(-7), "-7");
    expect(xpc_uint64_create(0), "0");
}

static void large_integers(void) {
    expect(xpc_int64_create(9007199254740991), "9007199254740991");
    expect(xpc_int64_create(9007199254740992), "\"9007199254740992\"");
    expect(xpc_int64_create(-9007199254740991), "-9007199254740991");
    expect(xpc_int64_create(-9007199254740992), "\"-9007199254740992\"");
    expect(xpc_int64_create(INT64_MIN), "\"-9223372036854775808\"");
    expect(xpc_uint64_create(9007199254740991), "9007199254740991");
    expect(xpc_uint64_create(9007199254740992), "\"9007199254740992\"");
    expect(xpc_uint64_create(UINT64_MAX), "\"18446744073709551615\"");
}

static void check_round_trip(double value) {
    xpc_object_t object = xpc_double_create(value);
    char *json = json_of(object);
    char *end;
    double back = strtod(json, &end);
    if (*end != '\0' || memcmp(&back, &value, sizeof value) != 0) CHECK_TEXT(json, "the same double");
    free(json);
    xpc_release(object);
}

static void doubles(void) {
    expect(xpc_double_create(0.1), "0.1");
    expect(xpc_double_create(1), "1");
    expect(xpc_double_create(-0.0), "-0");
    expect(xpc_double_create(1e300), "1e+300");
    expect(xpc_double_create(1.0 / 3), "0.3333333333333333");
    check_round_trip(DBL_MAX);
    check_round_trip(DBL_MIN);
    check_round_trip(DBL_TRUE_MIN);
    check_round_trip(DBL_EPSILON);
    uint64_t bits = 88172645463325252u;
    for (int count = 0; count < 100000; count++) {
        /* xorshift64. */
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value)) check_round_trip(value);
    }
}

static void not_finite(void) {
    expect(xpc_double_create((double)INFINITY), "null");
    expect(xpc_double_create(-(double)INFINITY), "null");
    expect(xpc_double_create((double)NAN), "null");
}

static void strings(void) {
    expect(xpc_string_create(""), "\"\"");
    expect(xpc_string_create("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
    expect(xpc_string_create("\n\r\t\b\f\x01\x1f\x7f"), "\"\\n\\r\\t\\u0008\\u000c\\u0001\\u001f\x7f\"");
    expect(xpc_string_create("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"),
           "\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80\"");
}

#define REPLACED "\xef\xbf\xbd"

static void ill_formed_strings(void) {
    expect(xpc_string_create("a\xff"
                             "b"),
           "\"a" REPLACED "b\"");
    expect(xpc_string_create("\xe2\x82"), "\"" REPLACED "\"");
    expect(xpc_string_create("\xed\xa0\x80"), "\"" REPLACED REPLACED REPLACED "\"");
    expect(xpc_string_create("\xc0\xaf\""), "\"" REPLACED REPLACED "\\\"\"");
}

static void data(void) {
    expect(xpc_data_create(NULL, 0), "{\"$data\":\"\"}");
    expect(xpc_data_create("f", 1), "{\"$data\":\"Zg==\"}");
    expect(xpc_data_create("fo", 2), "{\"$data\":\"Zm8=\"}");
    expect(xpc_data_create("foo", 3), "{\"$data\":\"Zm9v\"}");
    expect(xpc_data_create("foob", 4), "{\"$data\":\"Zm9vYg==\"}");
    expect(xpc_data_create("\xfb\xff\xbf\0", 4), "{\"$data\":\"+/+/AA==\"}");
}

static void containers(void) {
    xpc_object_t array = xpc_array_create(NULL, 0);
    xpc_array_append_value(array, xpc_bool_create(true));
    xpc_object_t inner = xpc_dictionary_create(NULL, NULL, 0);
    xpc_array_append_value(array, inner);
    xpc_release(inner);
    xpc_object_t dictionary = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_value(dictionary, "a\n\xff", array);
    xpc_release(array);
    xpc_dictionary_set_uint64(dictionary, "b", 2);
    expect(dictionary, "{\"a\\n" REPLACED "\":[true,{}],\"b\":2}");
}

static xpc_object_t nested_arrays(unsigned depth) {
    xpc_object_t value = xpc_array_create(NULL, 0);
    for (unsigned level = 1; level < depth; level++) {
        xpc_object_t outer = xpc_array_create(&value, 1);
        xpc_release(value);
        value = outer;
    }
    return value;
}

static void depth(void) {
    char expected[2 * CODEXPC_MAX_DEPTH + 5] = "";
    memset(expected, '[', CODEXPC_MAX_DEPTH);
    memset(expected + CODEXPC_MAX_DEPTH, ']', CODEXPC_MAX_DEPTH);
    expect(nested_arrays(CODEXPC_MAX_DEPTH), expected);
    memcpy(expected + CODEXPC_MAX_DEPTH, "null", 4);
    memset(expected + CODEXPC_MAX_DEPTH + 4, ']', CODEXPC_MAX_DEPTH);
    expect(nested_arrays(CODEXPC_MAX_DEPTH + 1), expected);
}

static void limit(void) {
    xpc_object_t value = xpc_string_create("0123456789");
    struct json_text text = {.limit = 12};
    json_append_value(&text, value);
    CHECK(!text.failed);
    json_free(&text);
    text.limit = 11;
    json_append_value(&text, value);
    CHECK(text.failed);
    CHECK(text.length <= 11);
    json_free(&text);
    xpc_release(value);
    value = xpc_data_create("0123456789", 10);
    text.limit = 20;
    json_append_value(&text, value);
    CHECK(text.failed);
    json_free(&text);
    xpc_release(value);
}

static void other_locale(void) {
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "ps_AF"};
    bool set = false;
    for (size_t index = 0; index < sizeof names / sizeof *names && !set; index++) {
        set = setlocale(LC_NUMERIC, names[index]) != NULL;
    }
    if (!set) printf("# no locale with a decimal comma is installed; checked in the C locale\n");
    expect(xpc_double_create(0.5), "0.5");
    expect(xpc_double_create(-1.25e-7), "-1.25e-07");
    setlocale(LC_NUMERIC, "C");
}

int main(void) {
    run_test("scalars have their JSON", scalars);
    run_test("integers beyond 2^53 - 1 are decimal strings", large_integers);
    run_test("finite doubles read back as the same double", doubles);
    run_test("doubles that are not finite are null", not_finite);
    run_test("strings are escaped", strings);
    run_test("ill-formed UTF-8 becomes U+FFFD", ill_formed_strings);
    run_test("data is base64 in an object", data);
    run_test("arrays and dictionaries nest", containers);
    run_test("what is nested too deeply is null", depth);
    run_test("the text never gets longer than its limit", limit);
    run_test("a decimal comma of the locale does not get into the JSON", other_locale);
    return finish_tests();
}
