/* What the server under load has used: processor time and memory, from /proc. */
#ifndef LOAD_PROCESS_H
#define LOAD_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    /* Nanoseconds on a processor, all threads (schedstat, which is exact while they sleep). */
    uint64_t cpu_ns;
    /* The same in user and kernel mode, by clock ticks: good for their ratio only. */
    uint64_t user_ticks;
    uint64_t system_ticks;
    uint64_t resident_bytes;
    uint64_t minor_faults;
    /* How often a thread went to sleep by itself: how often the server had nothing left to do. */
    uint64_t sleeps;
} process_use_t;

/* False where there is no such process any more. */
bool process_read(int pid, process_use_t *use);

#endif
