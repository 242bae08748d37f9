/*
 * sofia-sip: what its own stack does with one datagram.
 *
 * The steps are those of tport_recv_dgram, tport_recv_iovec and tport_parse (tport_type_udp.c, tport.c): a message made as
 * nta_msg_create_for_transport makes it (sip_default_mclass, MSG_DO_CANONIC, 2 MB maximum: nta.c), a buffer of exactly
 * the datagram's size from the message, the bytes, commit, extract. msg_extract parses every header it knows. The memcpy
 * stands for recvmsg; the driver measures it by itself and takes it off.
 * SDP as soa.c parses a remote description: sdp_parse with sdp_f_mode_0000 and sdp_f_anynet on the session's home.
 */
#include "peer.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_buffer.h>
#include <sofia-sip/sdp.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/su.h>
#include <sofia-sip/su_alloc.h>

/* nta.c's sa_maxsize. */
enum { MAX_MESSAGE_BYTES = 2 * 1024 * 1024 };

/* Stands for soa's session home, which lives as long as a call. */
static su_home_t session_home[1] = { SU_HOME_INIT(session_home) };

int peer_init(void)
{
    return su_init() != 0 || su_home_init(session_home) != 0;
}

/* NULL when the library rejects the message or marks any header as bad. */
static inline msg_t *receive(const char *message, size_t length)
{
    msg_iovec_t iovec[msg_n_fragments] = {{ 0 }};
    msg_t *msg = msg_create(sip_default_mclass(), MSG_DO_CANONIC);
    if (msg == NULL)
        return NULL;
    msg_maxsize(msg, MAX_MESSAGE_BYTES);

    if (msg_recv_iovec(msg, iovec, msg_n_fragments, length, 1) != 1)
        goto rejected;
    memcpy(iovec[0].mv_base, message, length);
    msg_recv_commit(msg, length, 1);

    /* 1 is a complete message; nta answers 400 to one with extraction errors, so they count as a rejection. */
    if (msg_extract(msg) != 1 || msg_has_error(msg) || msg_extract_errors(msg) != 0)
        goto rejected;
    return msg;

rejected:
    msg_destroy(msg);
    return NULL;
}

static inline int full_once(const char *message, size_t length)
{
    msg_t *msg = receive(message, length);
    if (msg == NULL)
        return -1;
    msg_destroy(msg);
    return 0;
}

static inline sdp_parser_t *parse_sdp(const char *body, size_t length)
{
    return sdp_parse(session_home, body, (issize_t)length, sdp_f_mode_0000 | sdp_f_anynet);
}

static inline int sdp_once(const char *body, size_t length)
{
    sdp_parser_t *parser = parse_sdp(body, length);
    int rejected = sdp_session(parser) == NULL;
    sdp_parser_free(parser);
    return rejected;
}

int peer_facts(const char *message, size_t length, struct peer_facts *facts)
{
    msg_t *msg = receive(message, length);
    if (msg == NULL)
        return -1;

    int bad = 1;
    sip_t *sip = sip_object(msg);
    if (sip == NULL || sip->sip_error != NULL || sip->sip_call_id == NULL || sip->sip_cseq == NULL)
        goto out;

    memset(facts, 0, sizeof *facts);
    bad = 0;
    if (sip->sip_status != NULL)
        facts->status = sip->sip_status->st_status;
    else if (sip->sip_request != NULL)
        bad |= peer_copy_text(facts->method, sizeof facts->method, sip->sip_request->rq_method_name,
                              strlen(sip->sip_request->rq_method_name));
    for (sip_via_t *via = sip->sip_via; via != NULL; via = via->v_next)
        facts->via_count++;
    facts->content_length = sip->sip_content_length != NULL ? (int32_t)sip->sip_content_length->l_length : -1;
    facts->body_bytes = sip->sip_payload != NULL ? (int32_t)sip->sip_payload->pl_len : 0;
    facts->cseq = sip->sip_cseq->cs_seq;
    bad |= peer_copy_text(facts->cseq_method, sizeof facts->cseq_method, sip->sip_cseq->cs_method_name,
                          strlen(sip->sip_cseq->cs_method_name));
    bad |= peer_copy_text(facts->call_id, sizeof facts->call_id, sip->sip_call_id->i_id, strlen(sip->sip_call_id->i_id));
out:
    msg_destroy(msg);
    return bad;
}

int peer_sdp_facts(const char *body, size_t length, struct peer_sdp_facts *facts)
{
    sdp_parser_t *parser = parse_sdp(body, length);
    sdp_session_t *session = sdp_session(parser);
    memset(facts, 0, sizeof *facts);
    if (session != NULL) {
        for (sdp_media_t *media = session->sdp_media; media != NULL; media = media->m_next)
            facts->media_count++;
        if (session->sdp_media != NULL) {
            facts->first_port = (int32_t)session->sdp_media->m_port;
            /* sofia keeps the formats of an RTP medium as rtpmaps, static payload types included. */
            for (sdp_rtpmap_t *map = session->sdp_media->m_rtpmaps; map != NULL; map = map->rm_next)
                facts->first_format_count++;
        }
    }
    sdp_parser_free(parser);
    return session == NULL;
}

int64_t peer_full(const char *message, size_t length, int64_t iterations)
{
    return peer_time(full_once, message, length, iterations);
}

int64_t peer_sdp(const char *body, size_t length, int64_t iterations)
{
    return peer_time(sdp_once, body, length, iterations);
}
