/* The thread of a client's or a peer's connection: reading, delivering, writing, and what happens when the peer goes.
 */
#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "../include/codexpc_shim.h"
#include "../src/value_reader.h"
#include "descriptor.h"

/* Milliseconds after which a listener that was busy is tried again; there is no event to wait for. */
enum { busy_retry = 5 };

/* Returns false when nothing listens there, or when the connection is cancelled meanwhile. */
static bool connect_client(xpc_connection_t connection) {
    while (!connection_is_cancelled(connection)) {
        switch (address_connect(&connection->address, &connection->socket)) {
        case CONNECTED: return true;
        case ABSENT: return false;
        case BUSY: connection_wait(connection, 0, busy_retry); break;
        }
    }
    return false;
}

static struct outgoing *first_outgoing(xpc_connection_t connection) {
    pthread_mutex_lock(&connection->lock);
    struct outgoing *first = connection->outgoing.first;
    pthread_mutex_unlock(&connection->lock);
    return first;
}

/* Takes the first one out and frees it, running it when it is a barrier. */
static void finish_first(xpc_connection_t connection) {
    pthread_mutex_lock(&connection->lock);
    struct outgoing *item = outgoing_take(&connection->outgoing);
    pthread_mutex_unlock(&connection->lock);
    if (item->barrier != NULL) item->barrier(item->context);
    free(item);
}

/* The first frame that waits, after running the barriers before it; NULL when nothing is left. */
static struct outgoing *next_frame(xpc_connection_t connection) {
    struct outgoing *item = first_outgoing(connection);
    while (item != NULL && item->barrier != NULL) {
        finish_first(connection);
        item = first_outgoing(connection);
    }
    return item;
}

/* Sends what the socket takes. Returns false when the peer takes nothing any more. */
static bool send_waiting(xpc_connection_t connection) {
    struct outgoing *item;
    while ((item = next_frame(connection)) != NULL && !connection_is_cancelled(connection)) {
        ssize_t sent = descriptor_send(connection->socket, item->bytes + item->sent, item->length - item->sent);
        if (sent < 0) return errno == EAGAIN || errno == EINTR;
        item->sent += (size_t)sent;
        if (item->sent == item->length) finish_first(connection);
    }
    return true;
}

/* Delivers the whole frames there are. Returns false at one that is no message. */
static bool deliver_frames(xpc_connection_t connection) {
    while (!connection_is_cancelled(connection)) {
        struct value_source source = {0};
        switch (incoming_frame(&connection->incoming, &source.bytes, &source.length)) {
        case PART_OF_FRAME: return true;
        case FRAME_TOO_LARGE: return false;
        case WHOLE_FRAME: break;
        }
        xpc_object_t message;
        if (read_message(&source, &message) != CODEXPC_OK) return false;
        connection_deliver(connection, message);
        xpc_release(message);
    }
    return true;
}

/* Reads once and delivers. NOTHING_YET when there was nothing to read, ENDED when the peer is gone or talks nonsense.
 */
static enum receive_result receive(xpc_connection_t connection) {
    enum receive_result result = incoming_receive(&connection->incoming, connection->socket);
    if (result == RECEIVED && !deliver_frames(connection)) return ENDED;
    return result;
}

/* Moves bytes once, in both directions, when the socket is ready for it. Returns false when the peer is gone. */
static bool exchange(xpc_connection_t connection) {
    short events = next_frame(connection) != NULL ? POLLIN | POLLOUT : POLLIN;
    short ready = connection_wait(connection, events, -1);
    if (connection_is_cancelled(connection)) return true;
    if ((ready & (POLLIN | POLLHUP | POLLERR)) != 0 && receive(connection) == ENDED) return false;
    if ((ready & POLLOUT) == 0 || send_waiting(connection)) return true;
    /* The peer has closed; what it said before is still there to be read. */
    while (!connection_is_cancelled(connection) && receive(connection) == RECEIVED) {
    }
    return false;
}

static void interrupt(xpc_connection_t connection) {
    if (connection->socket >= 0) close(connection->socket);
    connection->socket = -1;
    incoming_clear(&connection->incoming);
    pthread_mutex_lock(&connection->lock);
    struct outgoing_queue unsent = connection->outgoing;
    connection->outgoing = (struct outgoing_queue){0};
    pthread_mutex_unlock(&connection->lock);
    outgoing_unwind(&unsent);
    if (!connection_is_cancelled(connection)) connection_deliver(connection, XPC_ERROR_CONNECTION_INTERRUPTED);
}

void converse(xpc_connection_t connection) {
    if (connection->role == CLIENT && !connect_client(connection)) return;
    while (!connection_is_cancelled(connection)) {
        if (connection->socket >= 0) {
            if (exchange(connection)) continue;
            if (connection->role == PEER) return;
            interrupt(connection);
        } else if (next_frame(connection) == NULL) {
            connection_wait(connection, 0, -1);
        } else if (!connect_client(connection)) {
            interrupt(connection);
        }
    }
}
