/*
 * The shim's reader of messages: tagged bytes, with tokens beside them, to XPC values.
 *
 * The first byte says how strict the reader is and whether there are tokens, the second how many of the bytes that
 * follow are the tokens; the rest is the message.
 */
#include "round_trip.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length) {
    if (length < 2) return 0;
    struct value_source source = {.refuse_ill_formed_text = input[0] & 1, .has_tokens = input[0] & 2};
    size_t tokens = source.has_tokens ? input[1] : 0;
    input += 2;
    length -= 2;
    if (tokens > length) tokens = length;
    source.tokens = input;
    source.tokens_length = tokens;
    source.bytes = input + tokens;
    source.length = length - tokens;
    check_round_trip(&source);
    return 0;
}
