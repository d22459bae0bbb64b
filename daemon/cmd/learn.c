/* SPDX-License-Identifier: MIT */
#include "cmd/learn.h"

#include <stdio.h>

#include "common/clock.h"
#include "common/seed.h"

/* Judging another host's mail by these domains and networks would accuse, or excuse, the wrong
 * people. */
static void drop_settings(struct setup *setup, struct span host, struct span myhostname)
{
    char name[256];

    snprintf(name, sizeof(name), "%.*s", SPAN_ARG(myhostname));
    if (!setup_without_postfix(setup))
        return;
    site_warn(setup->site, "settings-of-another-host",
              "The log is from a host called %.100s, but Postfix's settings are from %.100s, so "
              "they are not used. Pass that host's settings with --postconf FILE (what "
              "`postconf` prints there), or list its domains in own_domains in [site].",
              host.len ? host.at : "?", name);
}

static void lines_to_learner(void *ctx, const char *data, size_t len)
{
    learner_lines(ctx, data, len);
}

static void entry_to_learner(void *ctx, const struct syslog_header *header)
{
    learner_entry(ctx, header);
}

static void reference_to_learner(void *ctx, wall_us reference)
{
    learner_set_reference(ctx, reference);
}

static bool learner_enough(void *ctx)
{
    return learner_has_enough(ctx);
}

struct learner *learn_from(struct setup *setup, struct input *input)
{
    uint64_t seed = site_seed(setup->site) ? site_seed(setup->site) : seed_draw();
    site_set_seed(setup->site, seed);
    struct learner *l = learner_new(setup->site, clock_local_zone, NULL);

    /* Complete settings leave nothing to learn, unless they may be another host's. */
    if (!l || learner_has_enough(l))
        return l;
    const struct input_sink sink = {lines_to_learner, entry_to_learner, reference_to_learner,
                                    learner_enough, l};
    /* Errors are reported when the input is read again to be judged. */
    input_read(input, &sink, setup->settings.source.journal_check_sender, true, NULL, NULL);
    if (learner_settings_are_anothers(l)) {
        drop_settings(setup, learner_host(l), site_settings_host(setup->site));
        learner_set_site(l, setup->site);
    }
    site_set_seed(setup->site, seed);
    return l;
}
