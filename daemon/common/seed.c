/* SPDX-License-Identifier: MIT */
#include "common/seed.h"

#include <sys/random.h>
#include <unistd.h>

#include "common/clock.h"

uint64_t seed_draw(void)
{
    uint64_t seed;

    if (getrandom(&seed, sizeof(seed), 0) == sizeof(seed))
        return seed;
    return (uint64_t)clock_wall() ^ (uint64_t)getpid() << 32;
}
