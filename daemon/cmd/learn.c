/* SPDX-License-Identifier: MIT */
#include "cmd/learn.h"

#include <stdio.h>

/* Their domains and networks would be alleged, or excused, for another host's mail. */
static void drop_settings(struct setup *setup, struct span host, struct span myhostname)
{
    char name[256];

    snprintf(name, sizeof(name), "%.*s", SPAN_ARG(myhostname));
    if (!setup_without_postfix(setup))
        return;
    site_warn(setup->site, "settings-of-another-host",
              "The log is of a host called %.100s, and Postfix's settings are of %.100s: they are "
              "not used. Give that host's with --postconf FILE (what `postconf` prints there), or "
              "name its domains in own_domains of [site].",
              host.len ? host.at : "?", name);
}

struct learner *learn_from(struct setup *setup, struct input *input)
{
    struct learner *l = learner_new(setup->site, local_zone, NULL);

    if (!l || learner_has_enough(l))
        return l;
    input_learn(input, l, setup->settings.source.journal_check_sender);
    if (learner_settings_are_anothers(l))
        drop_settings(setup, learner_host(l), site_settings_host(setup->site));
    return l;
}
