/* The stand-in's values: Apple's rules of ownership and types that the shim relies on. */
#include <stdio.h>
#include <xpc/xpc.h>

#include "check.h"

static void getting_borrows(void) {
    xpc_object_t string = xpc_string_create("kept");
    xpc_object_t dictionary = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_value(dictionary, "k", string);
    xpc_release(string);
    CHECK(xpc_dictionary_get_value(dictionary, "k") == string);
    CHECK_TEXT(xpc_dictionary_get_string(dictionary, "k"), "kept");
    xpc_object_t array = xpc_array_create(&string, 1);
    xpc_retain(string);
    xpc_release(dictionary);
    xpc_release(array);
    CHECK_TEXT(xpc_string_get_string_ptr(string), "kept");
    xpc_release(string);
}

static void typed_getters(void) {
    xpc_object_t dictionary = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_int64(dictionary, "int64", -1);
    xpc_dictionary_set_uint64(dictionary, "uint64", 1);
    xpc_dictionary_set_bool(dictionary, "bool", true);
    xpc_dictionary_set_double(dictionary, "double", 0.5);
    CHECK_INT(xpc_dictionary_get_int64(dictionary, "int64"), -1);
    CHECK_INT((int64_t)xpc_dictionary_get_uint64(dictionary, "uint64"), 1);
    CHECK(xpc_dictionary_get_bool(dictionary, "bool"));
    CHECK(xpc_dictionary_get_double(dictionary, "double") == 0.5);
    /* A number of another type reads as absent, as with Apple's. */
    CHECK_INT((int64_t)xpc_dictionary_get_uint64(dictionary, "int64"), 0);
    CHECK_INT(xpc_dictionary_get_int64(dictionary, "uint64"), 0);
    CHECK(xpc_dictionary_get_string(dictionary, "bool") == NULL);
    xpc_release(dictionary);
}

static void removing(void) {
    xpc_object_t dictionary = xpc_dictionary_create(NULL, NULL, 0);
    char key[8];
    for (unsigned index = 0; index < 40; index++) {
        snprintf(key, sizeof key, "%u", index);
        xpc_dictionary_set_uint64(dictionary, key, index);
    }
    for (unsigned index = 0; index < 40; index += 2) {
        snprintf(key, sizeof key, "%u", index);
        xpc_dictionary_set_value(dictionary, key, NULL);
    }
    CHECK_INT((int64_t)xpc_dictionary_get_count(dictionary), 20);
    for (unsigned index = 0; index < 40; index++) {
        snprintf(key, sizeof key, "%u", index);
        CHECK_INT((int64_t)xpc_dictionary_get_uint64(dictionary, key), index % 2 == 0 ? 0 : index);
    }
    xpc_dictionary_set_value(dictionary, "absent", NULL);
    xpc_release(dictionary);
}

int main(void) {
    run_test("setting retains and getting borrows", getting_borrows);
    run_test("a getter of another type reads as absent", typed_getters);
    run_test("a NULL value removes its key", removing);
    return finish_tests();
}
