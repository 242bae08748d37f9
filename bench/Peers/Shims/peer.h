/*
 * What every shim exports, so that the benchmark driver can time four libraries through one pair of calls.
 *
 * A shim exists because the libraries' receive paths need C: macros, struct layouts, memory homes. It holds the timing
 * loop too, so that no managed-to-native transition is charged to a peer. Each shim is its own shared object, opened
 * with local symbol scope: the libraries use the same short names (sdp_*, msg_*, list_*) and would otherwise collide.
 */
#ifndef PEER_H
#define PEER_H

#include <stdint.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#define PEER_EXPORT __attribute__((visibility("default")))

/* Longest method and Call-ID that the checks compare; the corpus stays far below, and longer ones fail the check. */
enum { PEER_METHOD_MAX = 32, PEER_CALL_ID_MAX = 128 };

/* What a peer says it parsed: read back from its own structures, never from the text. */
struct peer_facts {
    int32_t status;                      /* 0 for a request */
    int32_t via_count;
    int32_t content_length;              /* the header's value; -1 when the peer has none */
    int32_t body_bytes;                  /* what the peer holds as the body */
    uint32_t cseq;
    char method[PEER_METHOD_MAX];        /* of the start line; empty for a response */
    char cseq_method[PEER_METHOD_MAX];
    char call_id[PEER_CALL_ID_MAX];
};

struct peer_sdp_facts {
    int32_t media_count;
    int32_t first_port;
    int32_t first_format_count;
};

/* Prepares the library once, as an application would at start. 0, or an error of the library's own. */
PEER_EXPORT int peer_init(void);

/* Parses once and reads the result back. 0, or nonzero when the library rejects the input. */
PEER_EXPORT int peer_facts(const char *message, size_t length, struct peer_facts *facts);
PEER_EXPORT int peer_sdp_facts(const char *body, size_t length, struct peer_sdp_facts *facts);

/*
 * Parses and frees `iterations` times; total nanoseconds of the monotonic clock, or -1 at the first rejection.
 * The byte at [length] is a NUL that the caller provides: osip2's SDP parser takes a C string.
 */
PEER_EXPORT int64_t peer_full(const char *message, size_t length, int64_t iterations);
PEER_EXPORT int64_t peer_sdp(const char *body, size_t length, int64_t iterations);

static inline int64_t peer_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The one loop of all peers; inlined, so `once` is a direct call. */
static inline __attribute__((always_inline)) int64_t peer_time(
    int (*once)(const char *, size_t), const char *bytes, size_t length, int64_t iterations)
{
    int64_t start = peer_now_ns();
    for (int64_t i = 0; i < iterations; i++)
        if (once(bytes, length) != 0)
            return -1;
    return peer_now_ns() - start;
}

/* Copies `length` bytes as a C string; nonzero when they do not fit. */
static inline int peer_copy_text(char *to, size_t capacity, const char *from, size_t length)
{
    if (from == NULL || length >= capacity)
        return -1;
    memcpy(to, from, length);
    to[length] = 0;
    return 0;
}

#endif
