/* What a connection holds; its API is in connection.c, its thread's work in conversation.c and listener.c. */
#ifndef STANDIN_CONNECTION_H
#define STANDIN_CONNECTION_H

#include <pthread.h>

#include "address.h"
#include "incoming.h"
#include "object.h"
#include "outgoing.h"

/* A client connects to a name, a listener waits at one, a peer is what a listener accepted. */
enum role { CLIENT, LISTENER, PEER };

/* Referred to by its users and, until after the last event, by its thread. */
struct _xpc_connection_s {
    struct object object;
    enum role role;
    struct address address;
    /* A byte in this pipe wakes the thread. */
    int wake_read;
    int wake_write;

    pthread_mutex_t lock;

    /* Guarded by the lock. */

    bool active;
    bool cancelled;
    void (*handler)(void *context, xpc_object_t event);
    void *handler_context;
    struct outgoing_queue outgoing;

    /* The thread's own. */

    /* -1 while there is none. */
    int socket;
    struct incoming incoming;
};

/* A connection for its creator, or NULL without threads or file descriptors. Takes `socket` over when it succeeds. */
xpc_connection_t connection_create(enum role role, const struct address *address, int socket);

/* The following are for the connection's thread. */

bool connection_is_cancelled(xpc_connection_t connection);
void connection_deliver(xpc_connection_t connection, xpc_object_t event);

/*
 * Waits until there may be something new: the connection was woken, `timeout` milliseconds are over (-1: no limit) or
 * the socket, if there is one, is ready for one of `events`. Returns what the socket is ready for.
 */
short connection_wait(xpc_connection_t connection, short events, int timeout);

/* The work of a client's or peer's thread from activation to the last event, and of a listener's. */
void converse(xpc_connection_t connection);
void listen_for_peers(xpc_connection_t connection);

#endif
