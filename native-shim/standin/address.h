/* Where a service's socket is. */
#ifndef STANDIN_ADDRESS_H
#define STANDIN_ADDRESS_H

#include <stdbool.h>
#include <sys/un.h>

struct address {
    /* An empty path when the name gives one that is too long for a socket. */
    struct sockaddr_un socket;
    /* It lies in the directory that is used when none is named, which others could have made first. */
    bool in_default_directory;
};

/* Reads the environment, so it has to run on a thread that may. */
struct address address_of(const char *service);

enum connect_result { CONNECTED, BUSY, ABSENT };

/* Connects a new socket. BUSY: somebody listens but hasn't accepted earlier connections yet. */
enum connect_result address_connect(const struct address *address, int *connected);

/* Begins to listen; a socket file that nobody listens on any more is replaced. Returns -1 when that can't be. */
int address_listen(const struct address *address);

/* Removes the socket file of one's own listening. */
void address_forget(const struct address *address);

#endif
