/*
 * libre: what its UDP socket and SIP transport do with one datagram.
 *
 * udp_read (udp/udp.c) allocates an mbuf of 8192 bytes, receives into it and shrinks it to what came; udp_recv_handler
 * (sip/transp.c) calls sip_msg_decode and, after the listeners, drops both. sip_msg_decode parses the request URI, the
 * top Via, To, From, CSeq and Content-Type, and indexes every other header by name; request_handler and response_handler
 * decode nothing more. The memcpy stands for recvfrom; the driver measures it by itself and takes it off. The STUN probe
 * that udp_recv_handler makes first is left out: it is demultiplexing, and rejects a SIP message at its first byte.
 * SDP as an application answers an offer: a session, sdp_decode straight from the message's mbuf, and the session freed.
 */
#include "peer.h"

#include <stdbool.h>

#include <re.h>

/* UDP_RXSZ_DEFAULT of udp/udp.c. */
enum { RECEIVE_BYTES = 8192 };

/* Where the local side of the SDP session stands; sdp_session_alloc demands one. */
static struct sa local_address;

int peer_init(void)
{
    int err = libre_init();
    return err != 0 ? err : sa_set_str(&local_address, "192.0.2.1", 40000);
}

static inline struct sip_msg *receive(const char *message, size_t length)
{
    struct sip_msg *msg = NULL;
    struct mbuf *mb = mbuf_alloc(RECEIVE_BYTES);
    if (mb == NULL)
        return NULL;
    if (length <= mb->size) {
        memcpy(mb->buf, message, length);
        mb->pos = 0;
        mb->end = length;
        (void)mbuf_resize(mb, mb->end);
        if (sip_msg_decode(&msg, mb) != 0)
            msg = NULL;
    }
    mem_deref(mb);    /* the message holds its own reference */
    return msg;
}

static inline int full_once(const char *message, size_t length)
{
    struct sip_msg *msg = receive(message, length);
    if (msg == NULL)
        return -1;
    mem_deref(msg);
    return 0;
}

static inline struct sdp_session *decode_sdp(const char *body, size_t length)
{
    /* The body stays in the message's own buffer, as it does behind sip_msg_decode; sdp_decode only reads it. */
    struct mbuf mb = { .buf = (uint8_t *)body, .size = length, .pos = 0, .end = length };
    struct sdp_session *session = NULL;
    if (sdp_session_alloc(&session, &local_address) != 0)
        return NULL;
    if (sdp_decode(session, &mb, true) != 0)
        session = mem_deref(session);
    return session;
}

static inline int sdp_once(const char *body, size_t length)
{
    struct sdp_session *session = decode_sdp(body, length);
    if (session == NULL)
        return -1;
    mem_deref(session);
    return 0;
}

int peer_facts(const char *message, size_t length, struct peer_facts *facts)
{
    struct sip_msg *msg = receive(message, length);
    if (msg == NULL)
        return -1;

    int bad = 0;
    memset(facts, 0, sizeof *facts);
    facts->status = msg->scode;
    if (msg->req)
        bad |= peer_copy_text(facts->method, sizeof facts->method, msg->met.p, msg->met.l);
    facts->via_count = (int32_t)sip_msg_hdr_count(msg, SIP_HDR_VIA);
    facts->content_length = pl_isset(&msg->clen) ? (int32_t)pl_u32(&msg->clen) : -1;
    facts->body_bytes = (int32_t)mbuf_get_left(msg->mb);
    facts->cseq = msg->cseq.num;
    bad |= peer_copy_text(facts->cseq_method, sizeof facts->cseq_method, msg->cseq.met.p, msg->cseq.met.l);
    bad |= peer_copy_text(facts->call_id, sizeof facts->call_id, msg->callid.p, msg->callid.l);
    mem_deref(msg);
    return bad;
}

int peer_sdp_facts(const char *body, size_t length, struct peer_sdp_facts *facts)
{
    struct sdp_session *session = decode_sdp(body, length);
    if (session == NULL)
        return -1;
    const struct list *medial = sdp_session_medial(session, false);
    memset(facts, 0, sizeof *facts);
    facts->media_count = (int32_t)list_count(medial);
    if (facts->media_count > 0) {
        const struct sdp_media *media = list_ledata(list_head(medial));
        facts->first_port = sa_port(sdp_media_raddr(media));
        facts->first_format_count = (int32_t)list_count(sdp_media_format_lst(media, false));
    }
    mem_deref(session);
    return 0;
}

int64_t peer_full(const char *message, size_t length, int64_t iterations)
{
    return peer_time(full_once, message, length, iterations);
}

int64_t peer_sdp(const char *body, size_t length, int64_t iterations)
{
    return peer_time(sdp_once, body, length, iterations);
}
