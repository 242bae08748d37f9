/*
 * The floor: returns every datagram to where it came from, by two system calls, and knows nothing of what is in it. No server in user space that
 * receives and sends one at a time can cost less. With --batch it takes and sends up to 32 by one call each, as far as they have come.
 */
#define _GNU_SOURCE /* sendmmsg, recvmmsg */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 32, MAX_DATAGRAM = 65536, RECEIVE_BUFFER = 4 << 20 };

static char octets[BATCH][MAX_DATAGRAM];
static struct sockaddr_in peers[BATCH];
static struct iovec parts[BATCH];
static struct mmsghdr messages[BATCH];

static void echo_one_by_one(int fd)
{
    while (1) {
        socklen_t peer_length = sizeof peers[0];
        ssize_t length = recvfrom(fd, octets[0], MAX_DATAGRAM, 0, (struct sockaddr *)&peers[0], &peer_length);
        if (length >= 0)
            (void)!sendto(fd, octets[0], (size_t)length, 0, (struct sockaddr *)&peers[0], peer_length);
    }
}

static void echo_in_batches(int fd)
{
    while (1) {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){ .iov_base = octets[i], .iov_len = MAX_DATAGRAM };
            messages[i].msg_hdr = (struct msghdr){ .msg_name = &peers[i], .msg_namelen = sizeof peers[i], .msg_iov = &parts[i], .msg_iovlen = 1 };
        }
        int received = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < received; i++)
            parts[i].iov_len = messages[i].msg_len;
        if (received > 0)
            (void)sendmmsg(fd, messages, (unsigned)received, 0);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("echo PORT [--batch]\n", stderr);
        return 2;
    }
    struct sockaddr_in ours = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)atoi(argv[1])) };
    int fd = socket(AF_INET, SOCK_DGRAM, 0), buffer = RECEIVE_BUFFER;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (fd < 0 || bind(fd, (struct sockaddr *)&ours, sizeof ours) < 0) {
        perror("echo");
        return 1;
    }
    if (argc > 2 && strcmp(argv[2], "--batch") == 0)
        echo_in_batches(fd);
    echo_one_by_one(fd);
}
