/*
 * codexpc_shim: XPC for a process that can call plain C functions and read a socket, and nothing more.
 *
 * Messages go out through codexpc_send() as tagged bytes that map one to one to XPC values. Events come back as
 * frames of JSON on a socket that codexpc_open() hands over. The shim knows no message type of any daemon.
 *
 *     int32_t events;
 *     int32_t handle = codexpc_open("com.yourorg.codexpc", &events);     // > 0
 *     codexpc_send(handle, message, message_length, tokens, token_count);
 *     ... read frames from `events` ...
 *     codexpc_close(handle);
 *     ... read on until "$closed" and the end of file, then close(events) ...
 *
 * THREADS. Every function may be called from any thread at any time. None of them waits for the peer, for the reader
 * of the events or for another connection's work: each returns after a bounded amount of work in memory. No function
 * is ever called back. Event frames are written by the connection's own serial context, a thread of the shim's side.
 *
 * MEMORY. The shim keeps no pointer that it was given beyond the call. Nothing it returns has to be freed but the
 * event socket.
 *
 * UNLOADING. Never unload the library: its threads may still be running code in it.
 *
 * MESSAGES (codexpc_send). One value that fills the bytes exactly. A value is one tag byte and its payload; integers
 * and doubles are little-endian:
 *
 *     0x00 null
 *     0x01 false
 *     0x02 true
 *     0x03 int64        8 bytes
 *     0x04 uint64       8 bytes
 *     0x05 double       8 bytes, IEEE 754
 *     0x06 string       u32 byte length, UTF-8 without NUL
 *     0x07 data         u32 byte length, bytes
 *     0x08 array        u32 count, that many values
 *     0x09 dictionary   u32 count, that many of: u32 byte length of the key, UTF-8 key without NUL, value
 *     0x0a tokens       no payload; stands for the `tokens` argument, which is sent as data. At most once.
 *
 * The outermost value is a dictionary. A key that comes twice has its last value.
 *
 * EVENTS (the event socket). Frames of: u32 little-endian byte length, then that many bytes of JSON (UTF-8):
 *
 *     { ... }           a message from the peer
 *     "$interrupted"    the peer is gone with everything that was asked of it; nothing more comes for what it had got.
 *                       The connection stays usable: the next message reaches the restarted service, or brings
 *                       another "$interrupted" when there is none. A message that was sent when the peer was gone
 *                       already, but before this frame was read, may have reached the restarted service; who needs to
 *                       know that nothing runs there closes the connection and opens another
 *     "$closed"         the last frame; the end of file follows. There is no such service, or codexpc_close() was
 *                       called, or the peer sent what can't be told: a message over CODEXPC_MAX_MESSAGE_BYTES as JSON
 *
 * In a message: dictionary → object (the order of its keys is not kept), array → array, string → string (ill-formed
 * UTF-8 becomes U+FFFD), bool → true or false, null → null, int64 and uint64 → number, or decimal string beyond
 * 2^53 - 1, double → number that reads back as the same double, or null when it is not finite, data →
 * {"$data":"<base64>"}. Values of other XPC types and values nested deeper than CODEXPC_MAX_DEPTH are null.
 *
 * A reader that doesn't read slows its own connection down and no other: frames wait in the socket (about
 * CODEXPC_EVENT_SOCKET_BYTES), then with the peer. Messages that are sent meanwhile may wait as long.
 */
#ifndef CODEXPC_SHIM_H
#define CODEXPC_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Goes up with every change that an existing caller would notice. */
#define CODEXPC_ABI_VERSION 1u

/* Deepest nesting of arrays and dictionaries, the outermost counted. */
#define CODEXPC_MAX_DEPTH 32u

/* Largest message with its tokens, and largest event frame, in bytes. */
#define CODEXPC_MAX_MESSAGE_BYTES (64u * 1024u * 1024u)

/* Connections that can be open at once. */
#define CODEXPC_MAX_CONNECTIONS 1024u

/* Longest service name in bytes. */
#define CODEXPC_MAX_SERVICE_BYTES 1023u

/* Size that is asked for each of the event socket's two buffers. */
#define CODEXPC_EVENT_SOCKET_BYTES (256 * 1024)

/* What the functions return. The values are part of the ABI; they are never errno values. */
enum codexpc_status {
    /* Done; for codexpc_send: taken over, which says nothing about its arrival. */
    CODEXPC_OK = 0,
    /* A pointer is NULL that must not be. A fault in the caller. */
    CODEXPC_ERROR_ARGUMENT = -1,
    /* The service name is empty or longer than CODEXPC_MAX_SERVICE_BYTES. */
    CODEXPC_ERROR_SERVICE = -2,
    /* No open connection has this handle: it was closed, or never given out. */
    CODEXPC_ERROR_HANDLE = -3,
    /* The bytes are not one dictionary: cut off, bytes left over, an unknown tag, a second tokens marker, or tokens
       without a marker. */
    CODEXPC_ERROR_MALFORMED = -4,
    /* A string or key holds a NUL or is not UTF-8. */
    CODEXPC_ERROR_TEXT = -5,
    /* Nested deeper than CODEXPC_MAX_DEPTH. */
    CODEXPC_ERROR_TOO_DEEP = -6,
    /* Larger than CODEXPC_MAX_MESSAGE_BYTES, the tokens counted. */
    CODEXPC_ERROR_TOO_LARGE = -7,
    /* The connection has ended by itself ("$closed" has been or is being written); only codexpc_close() is left. */
    CODEXPC_ERROR_ENDED = -8,
    /* CODEXPC_MAX_CONNECTIONS are open. */
    CODEXPC_ERROR_TOO_MANY = -9,
    /* The system has no memory, file descriptor or thread left for this. */
    CODEXPC_ERROR_RESOURCES = -10,
};

#if defined(__GNUC__)
#define CODEXPC_EXPORT __attribute__((visibility("default")))
#else
#define CODEXPC_EXPORT
#endif

/* CODEXPC_ABI_VERSION of the library that was loaded. To be compared before anything else is called. */
CODEXPC_EXPORT uint32_t codexpc_abi_version(void);

/*
 * Opens a connection to a service. It succeeds whether or not there is such a service: its absence is told by
 * "$closed", since the name is looked up afterwards.
 *
 * service  NUL-terminated name. Borrowed for the call.
 * out_fd   receives the reading end of the event socket (blocking, close-on-exec), which is the caller's from then
 *          on: read it to the end of file and close it. Untouched on failure. Closing it early is allowed; the
 *          connection then ends at its next event, and still has to be closed.
 *
 * Returns a handle, which is > 0 and has to be given to codexpc_close() once, or a negative status:
 * CODEXPC_ERROR_ARGUMENT, _SERVICE, _TOO_MANY or _RESOURCES.
 */
CODEXPC_EXPORT int32_t codexpc_open(const char *service, int32_t *out_fd);

/*
 * Sends one message. Messages of one connection leave in the order of the calls. They wait in memory, without limit,
 * while the peer doesn't take them.
 *
 * message       `length` bytes as described above. May be NULL when `length` is 0, which is malformed. Borrowed for the
 *               call.
 * tokens_u32le  4 * `token_count` bytes, in no particular alignment; may be NULL when `token_count` is 0. Borrowed
 *               for the call.
 *
 * Returns CODEXPC_OK, or a negative status after which nothing was sent: CODEXPC_ERROR_ARGUMENT, _HANDLE, _MALFORMED,
 * _TEXT, _TOO_DEEP, _TOO_LARGE, _ENDED or _RESOURCES.
 */
CODEXPC_EXPORT int32_t codexpc_send(int32_t handle, const uint8_t *message, uint32_t length,
                                    const uint8_t *tokens_u32le, uint32_t token_count);

/*
 * Gives a handle back and ends its connection. The end is asynchronous: what the peer sent last may still come, then
 * "$closed" and the end of file. Messages that have not left yet are discarded. The handle is stale at once.
 *
 * The connection's thread and file descriptor are freed when the reader has read to the end or closed its socket.
 *
 * Returns CODEXPC_OK or CODEXPC_ERROR_HANDLE.
 */
CODEXPC_EXPORT int32_t codexpc_close(int32_t handle);

#ifdef __cplusplus
}
#endif

#endif
