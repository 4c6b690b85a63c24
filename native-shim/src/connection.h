/* One XPC connection whose events go to an event socket. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <stdint.h>
#include <xpc/xpc.h>

struct connection;

/*
 * Opens and starts a connection. Returns it with one reference for the caller, and the reader's end of its event
 * socket in `*read_end`; or NULL without memory, file descriptors or threads.
 *
 * It lives on until its last event has been written, whether or not the caller keeps the reference.
 */
struct connection *connection_open(const char *service, int *read_end);

void connection_retain(struct connection *connection);
void connection_release(struct connection *connection);

/* Puts a dictionary into XPC's queue. Returns CODEXPC_OK or CODEXPC_ERROR_ENDED. */
int32_t connection_send(struct connection *connection, xpc_object_t message);

/* Asks for the end, which comes by itself once the event being written is through. */
void connection_cancel(struct connection *connection);

#endif
