/*
 * The messages of a call, as the generator sends and expects them.
 *
 * They are those of sipp's built-in uac scenario (sipp -sd uac), so that a server gets the same octets whoever drives it: an INVITE with a small
 * offer, an ACK, a BYE. OPTIONS is there for
 * transactions without a call. A message is a template into which a call's number
 * is written at fixed places; only the peer's tag has no fixed length.
 */
#ifndef LOAD_MESSAGES_H
#define LOAD_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An INVITE is some 560 octets, 640 with a session timer; a 200 with an answer some 700. */
enum { MAX_MESSAGE = 2048 };

/* RFC 3261 asks for 32 bits of randomness in a tag; peers use up to 40 characters. */
enum { MAX_TAG = 63 };

typedef enum { INVITE, ACK, BYE, OPTIONS, REQUESTS } request_t;

/* What a call knows of the other side. */
typedef struct {
    uint8_t length;
    char text[MAX_TAG];
} to_tag_t;

/*
 * Writes the templates once: our address, the server's, and a number that tells this run's calls from those of others. With `has_timer` an INVITE asks for a
 * session timer (RFC 4028 section 7.1), as those of today's telephones do.
 */
void messages_start(const char *our_address, unsigned our_port, const char *server_address, unsigned server_port, uint32_t run, bool has_timer);

/* Writes a request of call `number` and returns its length. */
size_t message_write(char *at, request_t request, uint32_t number, const to_tag_t *tag);

/* What a response says, as far as its call is concerned. */
typedef struct {
    unsigned status;
    request_t request;
    uint32_t number;
    to_tag_t to_tag;
} response_t;

/*
 * Reads a response and holds it to what was sent: the status line, exactly one Via with the branch of its request, From with our tag, To, the whole Call-ID,
 * CSeq's number and method, Content-Length against what follows. On failure `why` is the name of what was wrong.
 */
bool response_read(const char *text, size_t length, response_t *response, const char **why);

/* The number of the call whose request came back from an echo. */
bool echo_read(const char *text, size_t length, request_t *request, uint32_t *number);

#endif
