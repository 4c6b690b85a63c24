/*
 * The open connections by handle. A handle is a slot and that slot's generation, so a stale one names nothing, not
 * its slot's next connection. All functions may be called from any thread.
 */
#ifndef HANDLES_H
#define HANDLES_H

#include <stdint.h>

#include "connection.h"

/* Reserves a handle (> 0) that names nothing yet, or returns 0 when all are taken. */
int32_t handles_reserve(void);

/* Lets a reserved handle name a connection, taking over the caller's reference. */
void handles_assign(int32_t handle, struct connection *connection);

/* The connection with a new reference for the caller, or NULL. */
struct connection *handles_borrow(int32_t handle);

/* Frees the handle. Returns its connection with the table's reference, or NULL when it names none. */
struct connection *handles_remove(int32_t handle);

/* Frees a handle that was reserved and not assigned. */
void handles_unreserve(int32_t handle);

#endif
