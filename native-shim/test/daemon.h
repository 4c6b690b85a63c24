/*
 * A daemon's double, written against the XPC API: it listens at a socket and does what a message's `type` says.
 *
 *   echo    sends the message back
 *   flood   sends `count` messages {index, payload} with payloads of `size` bytes
 *   escape  sends a message with a string of `size` control characters, which take 6 bytes each in JSON
 *   ill     sends a message whose string is not UTF-8
 *   die     sends "last words" and drops the connection
 */
#ifndef DAEMON_H
#define DAEMON_H

#include <stdint.h>

struct daemon;

/* Listens at once. `path` has to outlive it. */
struct daemon *daemon_start(const char *path);

/* Drops every connection and frees it. Returns when all of it has ended. */
void daemon_stop(struct daemon *daemon);

/* Waits until the daemon has exactly that many connections. */
void daemon_wait_for_peers(struct daemon *daemon, unsigned count);

/* Waits until the daemon has got that many messages since it was started. */
void daemon_wait_for_messages(struct daemon *daemon, uint64_t count);

#endif
