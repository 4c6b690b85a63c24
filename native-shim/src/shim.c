/* The four functions of the ABI: arguments in, status out. */
#include "../include/codexpc_shim.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "connection.h"
#include "handles.h"
#include "value_reader.h"

uint32_t codexpc_abi_version(void) {
    return CODEXPC_ABI_VERSION;
}

int32_t codexpc_open(const char *service, int32_t *out_fd) {
    if (service == NULL || out_fd == NULL) return CODEXPC_ERROR_ARGUMENT;
    size_t length = strnlen(service, CODEXPC_MAX_SERVICE_BYTES + 1);
    if (length == 0 || length > CODEXPC_MAX_SERVICE_BYTES) return CODEXPC_ERROR_SERVICE;
    int32_t handle = handles_reserve();
    if (handle == 0) return CODEXPC_ERROR_TOO_MANY;
    int read_end;
    struct connection *connection = connection_open(service, &read_end);
    if (connection == NULL) {
        handles_unreserve(handle);
        return CODEXPC_ERROR_RESOURCES;
    }
    handles_assign(handle, connection);
    /* Through memcpy: a caller that passes bytes may not have them aligned. */
    int32_t fd = read_end;
    memcpy(out_fd, &fd, sizeof fd);
    return handle;
}

int32_t codexpc_send(int32_t handle, const uint8_t *message, uint32_t length, const uint8_t *tokens_u32le,
                     uint32_t token_count) {
    if ((message == NULL && length > 0) || (tokens_u32le == NULL && token_count > 0)) return CODEXPC_ERROR_ARGUMENT;
    uint64_t tokens_length = 4 * (uint64_t)token_count;
    if (length > CODEXPC_MAX_MESSAGE_BYTES || tokens_length > CODEXPC_MAX_MESSAGE_BYTES) return CODEXPC_ERROR_TOO_LARGE;
    struct connection *connection = handles_borrow(handle);
    if (connection == NULL) return CODEXPC_ERROR_HANDLE;
    const struct value_source source = {
        .bytes = message,
        .length = length,
        .has_tokens = true,
        .tokens = tokens_u32le,
        .tokens_length = (size_t)tokens_length,
        .refuse_ill_formed_text = true,
    };
    xpc_object_t dictionary;
    int32_t status = read_message(&source, &dictionary);
    if (status == CODEXPC_OK) {
        status = connection_send(connection, dictionary);
        xpc_release(dictionary);
    }
    connection_release(connection);
    return status;
}

int32_t codexpc_close(int32_t handle) {
    struct connection *connection = handles_remove(handle);
    if (connection == NULL) return CODEXPC_ERROR_HANDLE;
    connection_cancel(connection);
    connection_release(connection);
    return CODEXPC_OK;
}
