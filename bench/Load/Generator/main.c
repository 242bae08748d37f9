/*
 * A load generator for a SIP server on the loopback: one socket, one thread, batches of datagrams.
 *
 * A call is INVITE, 180, 200, ACK, BYE, 200 (RFC 3261 section 24.2 without the proxies). Calls are begun evenly, at a rate; every response is held to
 * what was sent (messages.h); a request without its response is sent again after 500 ms, 1, 2 and 4 s (timers A and E of RFC 3261, without T2) and
 * given up 4 s later. The server's processor time is read before and after, while it has nothing to do.
 *
 * Other work, by the same means: sessions, which are calls whose INVITE asks for a session timer; held ones, which are never hung up; OPTIONS (a transaction
 * without a call); and an echo: the requests of a call sent to a server that returns every datagram, which is the floor under any server.
 *
 * Prints one line of name=value and returns 0 where no call failed, 1 where one did, 2 where there was nothing to measure.
 *
 * note [looking now and then]
 * The generator looks at its socket every 20 µs and does not sleep in between. Would it sleep, the server would pay for waking it with every response;
 * would it look all the time, the server would wait for the lock of the receive queue.
 */
#define _GNU_SOURCE /* sendmmsg, recvmmsg */
#include "messages.h"
#include "process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Datagrams by one system call. */
enum { BATCH = 64 };

/* Calls begun at once at most, when the generator is late: more would be a burst and not a rate. */
enum { MAX_BURST = 16 };

/* Calls that have not ended: at 100,000 calls a second those of 650 ms, so that even a stalled server shows by its timeouts. */
enum { CALLS = 1 << 16 };

/* Waits of 0.5, 1, 2, 4 and once more 4 s. */
enum { LEVELS = 5 };

static const uint64_t NS_PER_SECOND = 1000000000;
static const uint64_t LOOK_EVERY_NS = 20000;
static const uint64_t FIRST_WAIT_NS = 500000000;

typedef enum { FREE, INVITED, HUNG_UP, ASKED } state_t;

typedef struct {
    uint32_t number;
    uint8_t state;
    uint8_t level;
    bool has_rung;
    bool is_repeated;
    uint64_t begun_ns;
    uint64_t sent_ns;
    /* Neighbours in the list of those that wait as long. */
    int32_t next, previous;
    to_tag_t tag;
} call_t;

typedef enum { CALL_WORK, SESSION_WORK, HELD_WORK, OPTIONS_WORK, ECHO_WORK, WORKS } work_t;

static const char *const work_names[WORKS] = { "calls", "sessions", "held", "options", "echo" };

static call_t calls[CALLS];
static int32_t first_waiting[LEVELS], last_waiting[LEVELS];

static int fd;
static work_t work = CALL_WORK;

/* Datagrams to be sent. */
static char outgoing[BATCH][MAX_MESSAGE];
static struct iovec outgoing_parts[BATCH];
static struct mmsghdr outgoing_headers[BATCH];
static unsigned outgoing_count;

static char incoming[BATCH][MAX_MESSAGE];
static struct iovec incoming_parts[BATCH];
static struct mmsghdr incoming_headers[BATCH];

/* Counts since the last zeroing; the histogram of setup times has steps of 1 µs up to its end. */
enum { SETUP_STEPS = 100000 };
static struct {
    uint64_t begun, ended, failed, live, timeouts, refused, wrong, stray;
    uint64_t repeated_calls, sent_again, answered_again, without_ringing, late, send_errors;
    uint64_t sent, received;
    uint32_t setup_us[SETUP_STEPS + 1];
} counts;
static const char *first_wrong = "-";

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "generator: %s: %s\n", what, strerror(errno));
    exit(2);
}

/* ---- Sending ---------------------------------------------------------------------------------------------------------------- */

static void flush(void)
{
    unsigned done = 0;
    while (done < outgoing_count) {
        int sent = sendmmsg(fd, outgoing_headers + done, outgoing_count - done, 0);
        if (sent < 0) {
            if (errno == EINTR)
                continue;
            /* One that cannot be sent is lost like any other datagram, and sent again in time. */
            counts.send_errors++;
            sent = 1;
        }
        done += (unsigned)sent;
    }
    counts.sent += done;
    outgoing_count = 0;
}

static void send_request(const call_t *call, request_t request)
{
    if (outgoing_count == BATCH)
        flush();
    outgoing_parts[outgoing_count].iov_len = message_write(outgoing[outgoing_count], request, call->number, &call->tag);
    outgoing_count++;
}

/* ---- Waiting ---------------------------------------------------------------------------------------------------------------- */

static void stop_waiting(call_t *call)
{
    unsigned level = call->level;
    if (call->previous < 0)
        first_waiting[level] = call->next;
    else
        calls[call->previous].next = call->next;
    if (call->next < 0)
        last_waiting[level] = call->previous;
    else
        calls[call->next].previous = call->previous;
}

static void wait_for(call_t *call, unsigned level, uint64_t now)
{
    int32_t index = (int32_t)(call - calls);
    call->level = (uint8_t)level;
    call->sent_ns = now;
    call->next = -1;
    call->previous = last_waiting[level];
    if (call->previous < 0)
        first_waiting[level] = index;
    else
        calls[call->previous].next = index;
    last_waiting[level] = index;
}

static uint64_t wait_of(unsigned level)
{
    return FIRST_WAIT_NS << (level < LEVELS - 1 ? level : LEVELS - 2);
}

static void end_call(call_t *call, bool is_failure)
{
    stop_waiting(call);
    call->state = FREE;
    counts.live--;
    counts.ended++;
    counts.failed += is_failure;
    counts.repeated_calls += call->is_repeated;
}

static request_t pending_request(const call_t *call)
{
    return call->state == INVITED ? INVITE : call->state == ASKED ? OPTIONS : BYE;
}

/* The oldest of a level waits shortest, so only the heads are looked at. */
static void expire(uint64_t now)
{
    for (unsigned level = 0; level < LEVELS; level++) {
        while (first_waiting[level] >= 0 && now - calls[first_waiting[level]].sent_ns >= wait_of(level)) {
            call_t *call = &calls[first_waiting[level]];
            if (level == LEVELS - 1) {
                counts.timeouts++;
                end_call(call, true);
                continue;
            }
            stop_waiting(call);
            wait_for(call, level + 1, now);
            call->is_repeated = true;
            counts.sent_again++;
            send_request(call, pending_request(call));
        }
    }
}

/* ---- Calls ------------------------------------------------------------------------------------------------------------------ */

static bool begin(uint32_t number, uint64_t now)
{
    call_t *call = &calls[number % CALLS];
    if (call->state != FREE)
        return false;
    *call = (call_t){ .number = number, .state = work == OPTIONS_WORK ? ASKED : INVITED, .begun_ns = now };
    wait_for(call, 0, now);
    counts.begun++;
    counts.live++;
    send_request(call, pending_request(call));
    return true;
}

static void hang_up(call_t *call, uint64_t now)
{
    uint64_t setup_us = (now - call->begun_ns) / 1000;
    counts.setup_us[setup_us < SETUP_STEPS ? setup_us : SETUP_STEPS]++;
    send_request(call, ACK);
    if (work == HELD_WORK) {
        end_call(call, false);
        return;
    }
    stop_waiting(call);
    call->state = HUNG_UP;
    wait_for(call, 0, now);
    send_request(call, BYE);
}

static void note_wrong(const char *why)
{
    if (counts.wrong++ == 0)
        first_wrong = why;
}

static bool has_tag(const call_t *call, const response_t *response)
{
    return call->tag.length == response->to_tag.length && memcmp(call->tag.text, response->to_tag.text, call->tag.length) == 0;
}

static void handle_response(const char *text, size_t length, uint64_t now)
{
    response_t response;
    const char *why;
    if (!response_read(text, length, &response, &why)) {
        note_wrong(why);
        return;
    }
    call_t *call = &calls[response.number % CALLS];
    if (call->number != response.number || call->state == FREE) {
        counts.stray++;
        return;
    }
    request_t pending = pending_request(call);
    if (response.request != pending) {
        /* The 200 again while the BYE is on its way: the ACK was lost (RFC 3261 section 13.2.2.4). */
        if (pending == BYE && response.request == INVITE && response.status == 200) {
            counts.answered_again++;
            call->is_repeated = true;
            send_request(call, ACK);
        } else
            counts.stray++;
        return;
    }
    if (response.status == 100)
        return;
    if (response.to_tag.length == 0) {
        note_wrong("no-To-tag");
        return;
    }
    if (response.status == 180 && pending == INVITE) {
        call->has_rung = true;
        call->tag = response.to_tag;
        return;
    }
    if (response.status != 200) {
        counts.refused++;
        end_call(call, true);
        return;
    }
    if (call->tag.length != 0 && !has_tag(call, &response)) {
        note_wrong("another-To-tag");
        return;
    }
    if (pending == INVITE) {
        counts.without_ringing += !call->has_rung;
        call->tag = response.to_tag;
        hang_up(call, now);
    } else
        end_call(call, false);
}

static void handle_echo(const char *text, size_t length, uint64_t now)
{
    request_t request;
    uint32_t number;
    if (!echo_read(text, length, &request, &number)) {
        note_wrong("not-what-was-sent");
        return;
    }
    call_t *call = &calls[number % CALLS];
    if (call->number != number || call->state == FREE) {
        counts.stray++;
        return;
    }
    if (call->state == INVITED && request == INVITE) {
        call->tag = (to_tag_t){ .length = 16, .text = "0123456789abcdef" };
        hang_up(call, now);
    } else if (call->state == HUNG_UP && request == BYE)
        end_call(call, false);
}

static bool receive(uint64_t now)
{
    int received = recvmmsg(fd, incoming_headers, BATCH, MSG_DONTWAIT, NULL);
    if (received <= 0)
        return false;
    counts.received += (uint64_t)received;
    for (int i = 0; i < received; i++) {
        size_t length = incoming_headers[i].msg_len;
        if ((incoming_headers[i].msg_hdr.msg_flags & MSG_TRUNC) != 0)
            note_wrong("too-long");
        else if (work == ECHO_WORK)
            handle_echo(incoming[i], length, now);
        else
            handle_response(incoming[i], length, now);
        incoming_headers[i].msg_hdr.msg_flags = 0;
    }
    return received == BATCH;
}

/* A run that has shown what it was to show ends early: so many calls that needed a second request, or failed, are enough. */
static uint64_t patience = UINT64_MAX;

/* Begins `number_of_calls` calls at `rate` a second and returns when all have ended; the time that beginning them took. */
static uint64_t run(uint32_t *next_number, uint64_t number_of_calls, double rate)
{
    uint64_t start = now_ns(), begun = 0, last_begun = start, next_look = start;
    while (begun < number_of_calls || counts.live > 0) {
        uint64_t now = now_ns();
        if (now < next_look)
            continue;
        if (counts.sent_again + counts.failed > patience)
            break;
        next_look = now + LOOK_EVERY_NS;
        while (receive(now))
            flush();
        expire(now);
        uint64_t due = (uint64_t)((double)(now - start) * rate / (double)NS_PER_SECOND) + 1;
        if (due > number_of_calls)
            due = number_of_calls;
        if (begun < due && due - begun > MAX_BURST)
            counts.late++;
        for (unsigned burst = 0; begun < due && burst < MAX_BURST; burst++) {
            if (!begin(*next_number, now))
                break;
            ++*next_number;
            begun++;
            last_begun = now;
        }
        flush();
    }
    return last_begun - start;
}

/* ---- Start and report ------------------------------------------------------------------------------------------------------- */

static uint32_t setup_quantile(double quantile)
{
    uint64_t all = 0, sum = 0;
    for (unsigned i = 0; i <= SETUP_STEPS; i++)
        all += counts.setup_us[i];
    for (uint32_t i = 0; i <= SETUP_STEPS; i++) {
        sum += counts.setup_us[i];
        if (sum > 0 && (double)sum >= quantile * (double)all)
            return i;
    }
    return 0;
}

static void open_socket(const char *server, unsigned port, unsigned *our_port)
{
    struct sockaddr_in ours = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_in theirs = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    if (inet_pton(AF_INET, server, &theirs.sin_addr) != 1)
        die(server);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    /* What arrives while the generator is off the processor for some milliseconds must not be lost on its side. */
    int octets = 16 << 20;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets) < 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &octets, sizeof octets);
    socklen_t length = sizeof ours;
    if (fd < 0 || bind(fd, (struct sockaddr *)&ours, sizeof ours) < 0 || connect(fd, (struct sockaddr *)&theirs, sizeof theirs) < 0
        || getsockname(fd, (struct sockaddr *)&ours, &length) < 0)
        die("socket");
    *our_port = ntohs(ours.sin_port);
    for (unsigned i = 0; i < BATCH; i++) {
        outgoing_parts[i].iov_base = outgoing[i];
        outgoing_headers[i].msg_hdr = (struct msghdr){ .msg_iov = &outgoing_parts[i], .msg_iovlen = 1 };
        incoming_parts[i] = (struct iovec){ .iov_base = incoming[i], .iov_len = MAX_MESSAGE };
        incoming_headers[i].msg_hdr = (struct msghdr){ .msg_iov = &incoming_parts[i], .msg_iovlen = 1 };
    }
}

/* A number above 0, or the end. */
static double positive(const char *text, double most)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value > 0) || value > most) {
        fprintf(stderr, "generator: '%s' is no number above 0 and up to %.0f\n", text, most);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        { "server", required_argument, NULL, 's' }, { "port", required_argument, NULL, 'p' }, { "rate", required_argument, NULL, 'r' },
        { "calls", required_argument, NULL, 'c' },  { "warm", required_argument, NULL, 'w' }, { "work", required_argument, NULL, 'k' },
        { "pid", required_argument, NULL, 'i' },    { "patience", required_argument, NULL, 'e' }, { NULL, 0, NULL, 0 },
    };
    const char *server = "127.0.0.1";
    /* Bounded, so that a typing error does not run for a day: a million calls a second, a thousand million calls. */
    double port = 5060, rate = 1000, number_of_calls = 1000, warm = 0;
    int pid = 0;
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (option) {
        case 's': server = optarg; break;
        case 'p': port = positive(optarg, 65535); break;
        case 'r': rate = positive(optarg, 1e6); break;
        case 'c': number_of_calls = positive(optarg, 1e9); break;
        case 'w': warm = positive(optarg, 1e9); break;
        case 'i': pid = (int)positive(optarg, 1e9); break;
        case 'e': patience = (uint64_t)positive(optarg, 1e9); break;
        case 'k':
            for (work = 0; work < WORKS && strcmp(optarg, work_names[work]) != 0;)
                work++;
            if (work == WORKS)
                return 2;
            break;
        default:
            fputs("generator [--server ADDRESS] [--port N] [--rate CALLS_A_SECOND] [--calls N] [--warm N] [--work calls|sessions|held|options|echo]\n"
                  "          [--pid N] [--patience N]\n"
                  "  --warm: calls before the measured ones; --pid: the server, whose processor time is read; --patience: end after so many\n"
                  "  requests that were sent again, or calls that failed\n", stderr);
            return 2;
        }
    }
    for (unsigned level = 0; level < LEVELS; level++)
        first_waiting[level] = last_waiting[level] = -1;
    unsigned our_port;
    open_socket(server, (unsigned)port, &our_port);
    messages_start("127.0.0.1", our_port, server, (unsigned)port, (uint32_t)now_ns(), work == SESSION_WORK || work == HELD_WORK);

    uint32_t number = 0;
    uint64_t began_in = warm > 0 ? run(&number, (uint64_t)warm, rate) : 0;
    process_use_t before = { 0 }, after = { 0 };
    /* Who fails while warming is not measured: what is printed is how it failed. */
    if (counts.live == 0 && counts.failed == 0 && counts.wrong == 0) {
        memset(&counts, 0, sizeof counts);
        if (pid != 0 && !process_read(pid, &before))
            return 2;
        began_in = run(&number, (uint64_t)number_of_calls, rate);
        if (pid != 0 && !process_read(pid, &after))
            return 2;
    }

    /* What has not ended when patience did is not in the figures, but for having been sent again. */
    double ended = counts.ended > 0 ? (double)counts.ended : 1;
    uint64_t ticks = after.user_ticks + after.system_ticks - before.user_ticks - before.system_ticks;
    printf("calls=%lu failed=%lu timeouts=%lu refused=%lu wrong=%lu first_wrong=%s unfinished=%lu repeated_calls=%lu sent_again=%lu answered_again=%lu stray=%lu "
           "without_ringing=%lu late=%lu send_errors=%lu rate=%.1f sent=%.4f received=%.4f setup_p50_us=%u setup_p99_us=%u cpu_us=%.4f user_part=%.2f "
           "sleeps=%.3f faults=%.3f resident_before=%lu resident_after=%lu\n",
        counts.ended, counts.failed, counts.timeouts, counts.refused, counts.wrong, first_wrong, counts.live, counts.repeated_calls, counts.sent_again,
        counts.answered_again, counts.stray, counts.without_ringing, counts.late, counts.send_errors,
        began_in == 0 ? 0 : (double)(counts.begun - 1) * (double)NS_PER_SECOND / (double)began_in, (double)counts.sent / ended,
        (double)counts.received / ended, setup_quantile(0.5), setup_quantile(0.99), (double)(after.cpu_ns - before.cpu_ns) / 1000 / ended,
        ticks == 0 ? 0 : (double)(after.user_ticks - before.user_ticks) / (double)ticks, (double)(after.sleeps - before.sleeps) / ended,
        (double)(after.minor_faults - before.minor_faults) / ended, before.resident_bytes, after.resident_bytes);
    return counts.failed == 0 && counts.wrong == 0 && counts.live == 0 ? 0 : 1;
}
