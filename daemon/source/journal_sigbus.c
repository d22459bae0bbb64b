/* SPDX-License-Identifier: MIT */
#include "source/journal_sigbus.h"

#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* The only way a signal handler can report anything. */
static volatile sig_atomic_t happened;
static uintptr_t page_bytes;

static void on_sigbus(int signal, siginfo_t *info, void *context)
{
    uintptr_t page = (uintptr_t)info->si_addr & ~(page_bytes - 1);

    (void)context;
    /* mmap(2) is not on the list of async-signal-safe functions, but it is a plain system call, and
     * the fault comes from a read in our own thread, never from inside the allocator. */
    if (info->si_code == BUS_ADRERR &&
        mmap((void *)page, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
            MAP_FAILED) {
        happened = 1;
        return;
    }
    /* The fault recurs at once, and now kills. */
    sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
}

void journal_sigbus_install(void)
{
    struct sigaction action = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO};

    page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}

bool journal_sigbus_happened(void)
{
    bool was = happened != 0;

    happened = 0;
    return was;
}
