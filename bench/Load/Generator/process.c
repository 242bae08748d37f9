/* See process.h, and proc(5). */
#include "process.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool read_text(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    size_t length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
    return length > 0;
}

static uint64_t number_behind(const char *text, const char *name)
{
    unsigned long long value = 0;
    const char *found = strstr(text, name);
    if (found != NULL)
        sscanf(found + strlen(name), "%llu", &value);
    return value;
}

bool process_read(int pid, process_use_t *use)
{
    char path[320], text[4096];
    *use = (process_use_t){ 0 };
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (!read_text(path, text, sizeof text))
        return false;
    /* Behind the name in parentheses: state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime. */
    const char *rest = strrchr(text, ')');
    unsigned long long minor, user, system;
    if (rest == NULL || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %llu %*u %*u %*u %llu %llu", &minor, &user, &system) != 3)
        return false;
    use->minor_faults = minor;
    use->user_ticks = user;
    use->system_ticks = system;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    if (!read_text(path, text, sizeof text))
        return false;
    use->resident_bytes = number_behind(text, "VmRSS:") * 1024;

    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    if (tasks == NULL)
        return false;
    for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
        if (!isdigit((unsigned char)task->d_name[0]))
            continue;
        unsigned long long ns;
        snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid, task->d_name);
        if (read_text(path, text, sizeof text) && sscanf(text, "%llu", &ns) == 1)
            use->cpu_ns += ns;
        snprintf(path, sizeof path, "/proc/%d/task/%s/status", pid, task->d_name);
        if (read_text(path, text, sizeof text))
            use->sleeps += number_behind(text, "\nvoluntary_ctxt_switches:");
    }
    closedir(tasks);
    return true;
}
