/*
 * osip2: what osip_parse (osip2/osip.h) does with one datagram, without the event object around it: osip_message_init,
 * osip_message_parse, osip_message_free, after one parser_init for the process. osip_message_parse takes its own copy of
 * the buffer, parses every header in its table, keeps the others as text, and splits off the body.
 * SDP as its users parse a body: sdp_message_init, sdp_message_parse on the NUL-terminated body, sdp_message_free.
 */
#include "peer.h"

#include <stdarg.h>
#include <stdlib.h>

#include <osipparser2/osip_message.h>
#include <osipparser2/osip_parser.h>
#include <osipparser2/sdp_message.h>

static void ignore_trace(const char *file, int line, osip_trace_level_t level, const char *format, va_list arguments)
{
    (void)file;
    (void)line;
    (void)level;
    (void)format;
    (void)arguments;
}

int peer_init(void)
{
    /* Without this its first error, the rejection that the driver provokes, sets up a trace on standard output. */
    osip_trace_initialize_func(TRACE_LEVEL0, ignore_trace);
    return parser_init();
}

static inline int full_once(const char *message, size_t length)
{
    osip_message_t *sip;
    if (osip_message_init(&sip) != 0)
        return -1;
    int rejected = osip_message_parse(sip, message, length);
    osip_message_free(sip);
    return rejected;
}

static inline int sdp_once(const char *body, size_t length)
{
    (void)length;
    sdp_message_t *sdp;
    if (sdp_message_init(&sdp) != 0)
        return -1;
    int rejected = sdp_message_parse(sdp, body);
    sdp_message_free(sdp);
    return rejected;
}

static int read_facts(osip_message_t *sip, struct peer_facts *facts)
{
    if (sip->call_id == NULL || sip->cseq == NULL || sip->cseq->number == NULL || sip->cseq->method == NULL)
        return -1;

    int bad = 0;
    facts->status = sip->status_code;
    if (MSG_IS_REQUEST(sip))
        bad |= peer_copy_text(facts->method, sizeof facts->method, sip->sip_method, strlen(sip->sip_method));
    facts->via_count = osip_list_size(&sip->vias);
    facts->content_length = sip->content_length != NULL ? atoi(sip->content_length->value) : -1;
    osip_body_t *body = osip_list_get(&sip->bodies, 0);
    facts->body_bytes = body != NULL ? (int32_t)body->length : 0;
    facts->cseq = (uint32_t)strtoul(sip->cseq->number, NULL, 10);
    bad |= peer_copy_text(facts->cseq_method, sizeof facts->cseq_method, sip->cseq->method, strlen(sip->cseq->method));

    char *call_id = NULL;
    if (osip_call_id_to_str(sip->call_id, &call_id) != 0)
        return -1;
    bad |= peer_copy_text(facts->call_id, sizeof facts->call_id, call_id, strlen(call_id));
    osip_free(call_id);
    return bad;
}

int peer_facts(const char *message, size_t length, struct peer_facts *facts)
{
    osip_message_t *sip;
    if (osip_message_init(&sip) != 0)
        return -1;
    memset(facts, 0, sizeof *facts);
    int bad = osip_message_parse(sip, message, length) != 0 || read_facts(sip, facts) != 0;
    osip_message_free(sip);
    return bad;
}

int peer_sdp_facts(const char *body, size_t length, struct peer_sdp_facts *facts)
{
    (void)length;
    sdp_message_t *sdp;
    if (sdp_message_init(&sdp) != 0)
        return -1;
    memset(facts, 0, sizeof *facts);
    int bad = sdp_message_parse(sdp, body);
    if (bad == 0) {
        facts->media_count = osip_list_size(&sdp->m_medias);
        sdp_media_t *media = osip_list_get(&sdp->m_medias, 0);
        if (media != NULL) {
            facts->first_port = media->m_port != NULL ? atoi(media->m_port) : 0;
            facts->first_format_count = osip_list_size(&media->m_payloads);
        }
    }
    sdp_message_free(sdp);
    return bad;
}

int64_t peer_full(const char *message, size_t length, int64_t iterations)
{
    return peer_time(full_once, message, length, iterations);
}

int64_t peer_sdp(const char *body, size_t length, int64_t iterations)
{
    return peer_time(sdp_once, body, length, iterations);
}
