/* Sockets and pipes that don't block, aren't inherited and raise no SIGPIPE. All return -1 or false on failure. */
#ifndef STANDIN_DESCRIPTOR_H
#define STANDIN_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

int descriptor_unix_socket(void);
int descriptor_accept(int listening);
bool descriptor_pipe(int ends[2]);
/* send(2) without SIGPIPE. */
ssize_t descriptor_send(int socket, const void *bytes, size_t length);

#endif
