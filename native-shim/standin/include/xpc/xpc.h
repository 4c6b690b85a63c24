/*
 * A small libxpc over Unix-domain sockets, for systems without Apple's and for talking to a simulated daemon.
 *
 * The declarations below are the part of Apple's <xpc/xpc.h> that the shim and a listener need, with the ownership
 * and ordering rules that Apple documents; what is said here is what is particular to the stand-in.
 *
 * Names. A service name that begins with '/' is the path of the service's socket. Any other is
 * <directory>/<name>.sock, with the directory in CODEXPC_STANDIN_DIR, by default /tmp/codexpc-standin-<uid>, which
 * has to belong to the user.
 *
 * Wire. Both directions carry frames: u32 little-endian length, then one dictionary in the tagged bytes of
 * codexpc_shim.h without the tokens tag. There is no handshake. A frame longer than 64 MiB, or one that is not
 * well-formed, ends the socket.
 *
 * A client's connection connects when it is activated. When nothing listens there, XPC_ERROR_CONNECTION_INVALID is
 * its one and last event. When an established peer goes away, XPC_ERROR_CONNECTION_INTERRUPTED is delivered after
 * everything the peer had sent, messages that were waiting are discarded, and the next message connects again. launchd
 * would start the service at that point. Nobody does here, so when connecting fails the message is answered by
 * another XPC_ERROR_CONNECTION_INTERRUPTED, as by a service that dies as it starts. A listener's peer connection ends
 * with XPC_ERROR_CONNECTION_INVALID when its client goes away.
 *
 * Every connection has one thread, which reads, writes and calls the event handler; so a handler that takes long
 * holds up its own connection alone. Without memory the process is aborted, as by Apple's.
 */
#ifndef XPC_STANDIN_XPC_H
#define XPC_STANDIN_XPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XPC_STANDIN 1

typedef void *xpc_object_t;
typedef const struct _xpc_type_s *xpc_type_t;
typedef struct _xpc_connection_s *xpc_connection_t;
/* There are no queues; it has to be NULL. */
typedef void *dispatch_queue_t;

struct _xpc_type_s {
    const char *name;
};

extern const struct _xpc_type_s _xpc_type_array;
extern const struct _xpc_type_s _xpc_type_bool;
extern const struct _xpc_type_s _xpc_type_connection;
extern const struct _xpc_type_s _xpc_type_data;
extern const struct _xpc_type_s _xpc_type_dictionary;
extern const struct _xpc_type_s _xpc_type_double;
extern const struct _xpc_type_s _xpc_type_error;
extern const struct _xpc_type_s _xpc_type_int64;
extern const struct _xpc_type_s _xpc_type_null;
extern const struct _xpc_type_s _xpc_type_string;
extern const struct _xpc_type_s _xpc_type_uint64;

#define XPC_TYPE_ARRAY (&_xpc_type_array)
#define XPC_TYPE_BOOL (&_xpc_type_bool)
#define XPC_TYPE_CONNECTION (&_xpc_type_connection)
#define XPC_TYPE_DATA (&_xpc_type_data)
#define XPC_TYPE_DICTIONARY (&_xpc_type_dictionary)
#define XPC_TYPE_DOUBLE (&_xpc_type_double)
#define XPC_TYPE_ERROR (&_xpc_type_error)
#define XPC_TYPE_INT64 (&_xpc_type_int64)
#define XPC_TYPE_NULL (&_xpc_type_null)
#define XPC_TYPE_STRING (&_xpc_type_string)
#define XPC_TYPE_UINT64 (&_xpc_type_uint64)

extern const struct _xpc_error_s _xpc_error_connection_interrupted;
extern const struct _xpc_error_s _xpc_error_connection_invalid;
extern const struct _xpc_error_s _xpc_error_termination_imminent;

/* Compare by address. The last of them is never delivered here. */
#define XPC_ERROR_CONNECTION_INTERRUPTED ((xpc_object_t)(&_xpc_error_connection_interrupted))
#define XPC_ERROR_CONNECTION_INVALID ((xpc_object_t)(&_xpc_error_connection_invalid))
#define XPC_ERROR_TERMINATION_IMMINENT ((xpc_object_t)(&_xpc_error_termination_imminent))

xpc_object_t xpc_retain(xpc_object_t object);
void xpc_release(xpc_object_t object);
xpc_type_t xpc_get_type(xpc_object_t object);
/* Text for people, to be freed. */
char *xpc_copy_description(xpc_object_t object);

xpc_object_t xpc_null_create(void);
xpc_object_t xpc_bool_create(bool value);
bool xpc_bool_get_value(xpc_object_t object);
xpc_object_t xpc_int64_create(int64_t value);
int64_t xpc_int64_get_value(xpc_object_t object);
xpc_object_t xpc_uint64_create(uint64_t value);
uint64_t xpc_uint64_get_value(xpc_object_t object);
xpc_object_t xpc_double_create(double value);
double xpc_double_get_value(xpc_object_t object);
xpc_object_t xpc_data_create(const void *bytes, size_t length);
size_t xpc_data_get_length(xpc_object_t object);
const void *xpc_data_get_bytes_ptr(xpc_object_t object);
xpc_object_t xpc_string_create(const char *string);
size_t xpc_string_get_length(xpc_object_t object);
const char *xpc_string_get_string_ptr(xpc_object_t object);

/* Setting and appending retain, getting doesn't. */
xpc_object_t xpc_array_create(const xpc_object_t *objects, size_t count);
void xpc_array_append_value(xpc_object_t array, xpc_object_t value);
size_t xpc_array_get_count(xpc_object_t array);
xpc_object_t xpc_array_get_value(xpc_object_t array, size_t index);

xpc_object_t xpc_dictionary_create(const char *const *keys, const xpc_object_t *values, size_t count);
/* A NULL value removes the key. */
void xpc_dictionary_set_value(xpc_object_t dictionary, const char *key, xpc_object_t value);
xpc_object_t xpc_dictionary_get_value(xpc_object_t dictionary, const char *key);
size_t xpc_dictionary_get_count(xpc_object_t dictionary);
bool xpc_standin_dictionary_apply(xpc_object_t dictionary,
                                  bool (*each)(void *context, const char *key, xpc_object_t value), void *context);

/* The getters give false, 0 or NULL for what is absent or of another type. */
void xpc_dictionary_set_bool(xpc_object_t dictionary, const char *key, bool value);
bool xpc_dictionary_get_bool(xpc_object_t dictionary, const char *key);
void xpc_dictionary_set_int64(xpc_object_t dictionary, const char *key, int64_t value);
int64_t xpc_dictionary_get_int64(xpc_object_t dictionary, const char *key);
void xpc_dictionary_set_uint64(xpc_object_t dictionary, const char *key, uint64_t value);
uint64_t xpc_dictionary_get_uint64(xpc_object_t dictionary, const char *key);
void xpc_dictionary_set_double(xpc_object_t dictionary, const char *key, double value);
double xpc_dictionary_get_double(xpc_object_t dictionary, const char *key);
void xpc_dictionary_set_string(xpc_object_t dictionary, const char *key, const char *value);
const char *xpc_dictionary_get_string(xpc_object_t dictionary, const char *key);
void xpc_dictionary_set_data(xpc_object_t dictionary, const char *key, const void *bytes, size_t length);
const void *xpc_dictionary_get_data(xpc_object_t dictionary, const char *key, size_t *length);

#define XPC_CONNECTION_MACH_SERVICE_LISTENER (1 << 0)

/* NULL without threads or file descriptors, which Apple's never returns. */
xpc_connection_t xpc_connection_create_mach_service(const char *name, dispatch_queue_t queue, uint64_t flags);
void xpc_standin_connection_set_event_handler(xpc_connection_t connection,
                                              void (*handler)(void *context, xpc_object_t event), void *context);
void xpc_connection_activate(xpc_connection_t connection);
/* The same as activating: connections can't be suspended here. */
void xpc_connection_resume(xpc_connection_t connection);
void xpc_connection_cancel(xpc_connection_t connection);
void xpc_connection_send_message(xpc_connection_t connection, xpc_object_t message);
void xpc_standin_connection_send_barrier(xpc_connection_t connection, void (*barrier)(void *context), void *context);

#endif
