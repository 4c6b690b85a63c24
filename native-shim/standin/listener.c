/* The thread of a listener's connection: accepting. */
#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "descriptor.h"

/* Milliseconds to wait when a connection can't be accepted for want of file descriptors or threads. */
enum { exhausted_retry = 10 };

void listen_for_peers(xpc_connection_t connection) {
    connection->socket = address_listen(&connection->address);
    if (connection->socket < 0) return;
    while (!connection_is_cancelled(connection)) {
        if ((connection_wait(connection, POLLIN, -1) & POLLIN) == 0) continue;
        int accepted = descriptor_accept(connection->socket);
        xpc_connection_t peer = accepted >= 0 ? connection_create(PEER, NULL, accepted) : NULL;
        if (peer != NULL) {
            connection_deliver(connection, peer);
            xpc_release(peer);
        } else {
            bool exhausted = accepted >= 0 || errno == EMFILE || errno == ENFILE || errno == ENOMEM;
            if (accepted >= 0) close(accepted);
            if (exhausted) connection_wait(connection, 0, exhausted_retry);
        }
    }
    address_forget(&connection->address);
}
