/* See messages.h. A number is eight hexadecimal digits wherever it stands, so a template's places never move. */
#define _GNU_SOURCE /* memmem */
#include "messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Stands for the digits of a call's number in a template, and is as long. */
#define NUMBER "########"
enum { DIGITS = sizeof(NUMBER) - 1, MAX_PLACES = 4 };

/* Stands for ";tag=" and the peer's tag. */
#define TAG_PLACE '$'

typedef struct {
    char text[MAX_MESSAGE];
    size_t length;
    size_t places[MAX_PLACES];
    unsigned place_count;
    /* Where the tag goes in, or the length where it has none. */
    size_t tag_at;
    bool has_tag;
} template_t;

static template_t templates[REQUESTS];
static const char *const names[REQUESTS] = { "INVITE", "ACK", "BYE", "OPTIONS" };
static const unsigned sequences[REQUESTS] = { 1, 1, 2, 1 };

/* What a response must repeat, with a number in it. */
static template_t branches[REQUESTS];
static template_t from_tag;
static template_t call_id;

/* Finds the places of a template whose text was written with this length. */
static void settle(template_t *template, int length)
{
    if (length < 0 || length >= MAX_MESSAGE)
        abort();
    template->length = (size_t)length;
    template->tag_at = template->length;
    for (size_t i = 0; i < template->length; i++) {
        if (strncmp(template->text + i, NUMBER, DIGITS) == 0) {
            if (template->place_count == MAX_PLACES)
                abort();
            template->places[template->place_count++] = i;
            i += DIGITS - 1;
        } else if (template->text[i] == TAG_PLACE) {
            template->tag_at = i;
            template->has_tag = true;
        }
    }
}

void messages_start(const char *our_address, unsigned our_port, const char *server_address, unsigned server_port, uint32_t run, bool has_timer)
{
    static const char offer[] =
        "v=0\r\n"
        "o=user1 53655765 2353687637 IN IP4 127.0.0.1\r\n"
        "s=-\r\n"
        "c=IN IP4 127.0.0.1\r\n"
        "t=0 0\r\n"
        "m=audio 6000 RTP/AVP 0\r\n"
        "a=rtpmap:0 PCMU/8000\r\n";
    static const char timer[] = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE\r\nSupported: timer\r\nSession-Expires: 1800\r\n";
    settle(&from_tag, snprintf(from_tag.text, MAX_MESSAGE, NUMBER "SIPpTag00"));
    settle(&call_id, snprintf(call_id.text, MAX_MESSAGE, NUMBER "-%08x@%s", run, our_address));
    for (request_t request = 0; request < REQUESTS; request++) {
        bool has_body = request == INVITE;
        bool in_dialog = request == ACK || request == BYE;
        /* The ACK of a 200 is a transaction of its own (RFC 3261 section 13.2.2.4), so every request has its branch. */
        settle(&branches[request], snprintf(branches[request].text, MAX_MESSAGE, "z9hG4bK-%08x-" NUMBER "-%u", run, (unsigned)request));
        settle(&templates[request], snprintf(templates[request].text, MAX_MESSAGE,
            "%s sip:service@%s:%u SIP/2.0\r\n"
            "Via: SIP/2.0/UDP %s:%u;branch=%s\r\n"
            "From: load <sip:load@%s:%u>;tag=%s\r\n"
            "To: service <sip:service@%s:%u>%s\r\n"
            "Call-ID: %s\r\n"
            "CSeq: %u %s\r\n"
            "Contact: sip:load@%s:%u\r\n"
            "Max-Forwards: 70\r\n"
            "Subject: Performance Test\r\n"
            "%s%sContent-Length: %zu\r\n\r\n%s",
            names[request], server_address, server_port,
            our_address, our_port, branches[request].text,
            our_address, our_port, from_tag.text,
            server_address, server_port, in_dialog ? "$" : "",
            call_id.text,
            sequences[request], names[request],
            our_address, our_port,
            has_timer && request == INVITE ? timer : "",
            has_body ? "Content-Type: application/sdp\r\n" : "", has_body ? sizeof offer - 1 : 0, has_body ? offer : ""));
    }
}

static void write_number(char *at, uint32_t number)
{
    for (int i = DIGITS - 1; i >= 0; i--, number >>= 4)
        at[i] = "0123456789abcdef"[number & 15];
}

static bool read_number(const char *at, uint32_t *number)
{
    *number = 0;
    for (int i = 0; i < DIGITS; i++) {
        char c = at[i];
        if (c >= '0' && c <= '9')
            *number = *number << 4 | (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            *number = *number << 4 | (uint32_t)(c - 'a' + 10);
        else
            return false;
    }
    return true;
}

size_t message_write(char *at, request_t request, uint32_t number, const to_tag_t *tag)
{
    const template_t *template = &templates[request];
    memcpy(at, template->text, template->tag_at);
    for (unsigned i = 0; i < template->place_count && template->places[i] < template->tag_at; i++)
        write_number(at + template->places[i], number);
    if (!template->has_tag)
        return template->length;
    static const char name[] = ";tag=";
    char *end = at + template->tag_at;
    memcpy(end, name, sizeof name - 1);
    end += sizeof name - 1;
    memcpy(end, tag->text, tag->length);
    end += tag->length;
    size_t rest = template->tag_at + 1;
    memcpy(end, template->text + rest, template->length - rest);
    for (unsigned i = 0; i < template->place_count; i++)
        if (template->places[i] > rest)
            write_number(end + (template->places[i] - rest), number);
    return (size_t)(end - at) + template->length - rest;
}

/* True where `text` is what the template makes of `number`. */
static bool is_of(const template_t *template, uint32_t number, const char *text, size_t length)
{
    if (length != template->length)
        return false;
    size_t at = template->places[0];
    char digits[DIGITS];
    write_number(digits, number);
    return memcmp(text, template->text, at) == 0 && memcmp(text + at, digits, DIGITS) == 0
        && memcmp(text + at + DIGITS, template->text + at + DIGITS, length - at - DIGITS) == 0;
}

/* The value of a parameter: from behind `name` to the next separator. */
static bool parameter_of(const char *text, const char *end, const char *name, const char **value, size_t *length)
{
    const char *found = memmem(text, (size_t)(end - text), name, strlen(name));
    if (found == NULL)
        return false;
    *value = found + strlen(name);
    const char *at = *value;
    while (at < end && *at != ';' && *at != ' ' && *at != '>' && *at != ',')
        at++;
    *length = (size_t)(at - *value);
    return true;
}

static bool is_named(const char *line, const char *colon, const char *name)
{
    size_t length = strlen(name);
    return (size_t)(colon - line) == length && strncasecmp(line, name, length) == 0;
}

/* Decimal digits from `at` on; -1 where there is none. */
static long read_decimal(const char *at, const char *end, const char **behind)
{
    long value = at < end && *at >= '0' && *at <= '9' ? 0 : -1;
    for (; at < end && *at >= '0' && *at <= '9' && value < 1000000000; at++)
        value = value * 10 + (*at - '0');
    *behind = at;
    return value;
}

bool response_read(const char *text, size_t length, response_t *response, const char **why)
{
    static const char version[] = "SIP/2.0 ";
    enum { SEEN_VIA = 1, SEEN_FROM = 2, SEEN_TO = 4, SEEN_CALL_ID = 8, SEEN_CSEQ = 16, SEEN_LENGTH = 32, SEEN_ALL = 63 };
    const char *end = text + length, *behind;
    *why = "status-line";
    if (length < sizeof version + 3 || memcmp(text, version, sizeof version - 1) != 0)
        return false;
    long status = read_decimal(text + sizeof version - 1, end, &behind);
    if (status < 100 || status > 699 || *behind != ' ')
        return false;
    response->status = (unsigned)status;
    response->to_tag.length = 0;

    const char *branch = NULL, *from = NULL, *id = NULL;
    size_t branch_length = 0, from_length = 0, id_length = 0;
    long body_length = -1;
    unsigned seen = 0;
    const char *line = memchr(text, '\n', length);
    while (true) {
        *why = "no-end-of-the-header";
        if (line == NULL || ++line >= end)
            return false;
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        if (line_end == NULL || line_end[-1] != '\r')
            return false;
        const char *value_end = line_end - 1;
        if (value_end == line) {
            line = line_end + 1;
            break;
        }
        const char *colon = memchr(line, ':', (size_t)(value_end - line));
        if (colon == NULL)
            return false;
        const char *value = colon + 1;
        while (value < value_end && *value == ' ')
            value++;
        unsigned now = 0;
        if (is_named(line, colon, "Via")) {
            now = SEEN_VIA;
            *why = "Via";
            if (!parameter_of(value, value_end, ";branch=", &branch, &branch_length) || memchr(value, ',', (size_t)(value_end - value)) != NULL)
                return false;
        } else if (is_named(line, colon, "From")) {
            now = SEEN_FROM;
            *why = "From";
            if (!parameter_of(value, value_end, ";tag=", &from, &from_length))
                return false;
        } else if (is_named(line, colon, "To")) {
            now = SEEN_TO;
            const char *tag;
            size_t tag_length;
            if (parameter_of(value, value_end, ";tag=", &tag, &tag_length)) {
                *why = "To-tag-of-that-length";
                if (tag_length == 0 || tag_length > MAX_TAG)
                    return false;
                response->to_tag.length = (uint8_t)tag_length;
                memcpy(response->to_tag.text, tag, tag_length);
            }
        } else if (is_named(line, colon, "Call-ID")) {
            now = SEEN_CALL_ID;
            id = value;
            id_length = (size_t)(value_end - value);
        } else if (is_named(line, colon, "CSeq")) {
            now = SEEN_CSEQ;
            *why = "CSeq";
            long sequence = read_decimal(value, value_end, &behind);
            response->request = REQUESTS;
            for (request_t request = 0; request < REQUESTS; request++)
                if ((size_t)(value_end - behind) == strlen(names[request]) + 1 && *behind == ' '
                    && memcmp(behind + 1, names[request], strlen(names[request])) == 0 && sequence == (long)sequences[request])
                    response->request = request;
            if (response->request == REQUESTS)
                return false;
        } else if (is_named(line, colon, "Content-Length")) {
            now = SEEN_LENGTH;
            body_length = read_decimal(value, value_end, &behind);
        }
        *why = "a-header-twice";
        if ((seen & now) != 0)
            return false;
        seen |= now;
        line = line_end;
    }
    *why = "a-header-is-missing";
    if (seen != SEEN_ALL)
        return false;
    *why = "Content-Length";
    if (body_length != end - line)
        return false;
    *why = "Call-ID";
    if (id_length < DIGITS || !read_number(id, &response->number) || !is_of(&call_id, response->number, id, id_length))
        return false;
    *why = "From-tag";
    if (!is_of(&from_tag, response->number, from, from_length))
        return false;
    *why = "branch";
    return is_of(&branches[response->request], response->number, branch, branch_length);
}

bool echo_read(const char *text, size_t length, request_t *request, uint32_t *number)
{
    for (*request = 0; *request < REQUESTS; (*request)++) {
        const template_t *template = &templates[*request];
        size_t at = template->places[0];
        if (length >= template->length && memcmp(text, names[*request], strlen(names[*request])) == 0)
            return read_number(text + at, number);
    }
    return false;
}
