#include "connection.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../include/codexpc_shim.h"
#include "event_socket.h"
#include "json_writer.h"
#include "xpc_adapter.h"

/* Text buffers up to this size are kept for the next event. */
static const size_t kept_text_bytes = 1024 * 1024;

/*
 * `references` counts the handle's, those of calls in progress, and one that stands for XPC, which is given up after
 * the last event. So neither the XPC connection nor the context of its handler is freed before that event.
 */
struct connection {
    atomic_uint references;
    xpc_connection_t xpc;
    /* The last event has come. */
    atomic_bool ended;

    /* The following belong to the serial context of the XPC connection. */

    int write_end;
    /* The reader has closed its end. */
    bool unread;
    struct json_text frame;
};

enum { frame_header_bytes = 4 };

/* Writes the frame that was begun. What can't be written ends the connection: a reader never misses an event. */
static void write_frame(struct connection *connection) {
    struct json_text *frame = &connection->frame;
    if (frame->failed) {
        xpc_connection_cancel(connection->xpc);
    } else {
        uint32_t length = (uint32_t)(frame->length - frame_header_bytes);
        memcpy(frame->bytes, &length, frame_header_bytes);
        if (!event_socket_write(connection->write_end, frame->bytes, frame->length)) {
            connection->unread = true;
            xpc_connection_cancel(connection->xpc);
        }
    }
    if (frame->capacity > kept_text_bytes) json_free(frame);
}

static void begin_frame(struct connection *connection) {
    connection->frame.length = 0;
    connection->frame.failed = false;
    json_append(&connection->frame, "\0\0\0\0", frame_header_bytes);
}

static void tell(struct connection *connection, const char *json) {
    if (connection->unread) return;
    begin_frame(connection);
    json_append(&connection->frame, json, strlen(json));
    write_frame(connection);
}

static void tell_message(struct connection *connection, xpc_object_t message) {
    if (connection->unread) return;
    begin_frame(connection);
    json_append_value(&connection->frame, message);
    write_frame(connection);
}

static void on_end(struct connection *connection) {
    atomic_store(&connection->ended, true);
    tell(connection, "\"$closed\"");
    close(connection->write_end);
    json_free(&connection->frame);
    connection_release(connection);
}

static void on_event(void *context, xpc_object_t event) {
    struct connection *connection = context;
    if (IS_XPC_ERROR(event, XPC_ERROR_CONNECTION_INVALID)) {
        on_end(connection);
    } else if (IS_XPC_ERROR(event, XPC_ERROR_CONNECTION_INTERRUPTED)) {
        tell(connection, "\"$interrupted\"");
    } else if (xpc_get_type(event) == XPC_TYPE_DICTIONARY) {
        tell_message(connection, event);
    }
    /* The other errors (termination is imminent, a code signing requirement) are followed by one of the above. */
}

struct connection *connection_open(const char *service, int *read_end) {
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) return NULL;
    struct event_socket events;
    if (!event_socket_open(&events)) {
        free(connection);
        return NULL;
    }
    connection->xpc = xpc_connection_create_mach_service(service, NULL, 0);
    if (connection->xpc == NULL) {
        close(events.write_end);
        close(events.read_end);
        free(connection);
        return NULL;
    }
    atomic_init(&connection->references, 2);
    connection->write_end = events.write_end;
    connection->frame.limit = frame_header_bytes + (size_t)CODEXPC_MAX_MESSAGE_BYTES;
    *read_end = events.read_end;
    set_event_handler(connection->xpc, on_event, connection);
    xpc_connection_resume(connection->xpc);
    return connection;
}

void connection_retain(struct connection *connection) {
    atomic_fetch_add(&connection->references, 1);
}

void connection_release(struct connection *connection) {
    if (atomic_fetch_sub(&connection->references, 1) > 1) return;
    xpc_release(connection->xpc);
    free(connection);
}

int32_t connection_send(struct connection *connection, xpc_object_t message) {
    if (atomic_load(&connection->ended)) return CODEXPC_ERROR_ENDED;
    xpc_connection_send_message(connection->xpc, message);
    return CODEXPC_OK;
}

void connection_cancel(struct connection *connection) {
    xpc_connection_cancel(connection->xpc);
}
