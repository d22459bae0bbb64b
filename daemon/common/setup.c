/* SPDX-License-Identifier: MIT */
/*
 * The configuration file is handed to lib/ as text, so that parsing it needs no files. Errors go to
 * standard error as FILE:LINE: SENTENCE, even during a reload, where the journal collects them.
 */
#include "common/setup.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/complain.h"
#include "common/complaints.h"
#include "common/domains_file.h"
#include "common/host_name.h"
#include "common/postconf_directory.h"
#include "common/subprocess.h"
#include "site/site_settings.h"

enum { CONFIG_MAX = 1024 * 1024 };

/* "[local-abuse www-data]": lib/ compares numbers, so user names become uids here. */
static bool resolve_users(struct settings *settings, const char *path)
{
    bool good = true;

    for (size_t i = 0; i < settings->override_count; i++) {
        struct override *override = &settings->overrides[i];
        struct passwd *user;
        if (override->kind != KIND_LOCAL_ABUSE || override->uid >= 0 ||
            strchr(override->subject, '@')) /* a sender */
            continue;
        user = getpwnam(override->subject);
        if (!user)
            complain("%s:%d: [local-abuse %s]: no such user", path, override->line,
                     override->subject);
        good &= user != NULL;
        override->uid = user ? (int64_t)user->pw_uid : -1;
    }
    return good;
}

/* Not left to the source: a reload to it would end the daemon. */
static bool journal_is_built(const struct settings *settings, const char *path)
{
    if (RELAYWATCH_SYSTEMD ||
        (settings->source.type != SOURCE_JOURNAL && !settings->source.journal_directory[0] &&
         !settings->source.journal_namespace[0]))
        return true;
    complain("%s: [source] asks for the journal, which this relaywatch can't read: it was built "
             "without libsystemd",
             path);
    return false;
}

/* Whoever names topics must say where they are. */
static bool kafka_is_whole(const struct settings *settings, const char *path)
{
    bool topics = settings->source.kafka_topics[0] != '\0';
    bool where = settings->source.kafka_brokers[0] || settings->source.kafka_config[0];

    if (settings->source.type != SOURCE_KAFKA && !(settings->source.type == SOURCE_AUTO && topics))
        return true;
    if (!topics)
        complain("%s: [source] type = kafka needs kafka_topics", path);
    if (!where)
        complain("%s: [source] reads Kafka, and needs kafka_brokers, or kafka_config with "
                 "bootstrap.servers",
                 path);
    return topics && where;
}

/* A missing default file means defaults; a missing file that the user named is an error. */
static int read_settings(struct setup *setup, const struct command_options *options)
{
    const char *path = options->config ? options->config : COMMAND_CONFIG;
    struct complaints errors = {.path = path};
    struct buf text;

    if (!settings_init(&setup->settings)) {
        complain("not enough memory");
        return EXIT_CANNOT;
    }
    int r = subprocess_read_file(path, true, CONFIG_MAX, &text);
    if (r == -ENOENT && !options->config)
        return 0; /* nobody asked for this file: the defaults will do */
    if (r < 0) {
        complain("%s: %s", path, strerror(-r));
        return EXIT_CANNOT;
    }
    bool ok = settings_parse_all(&setup->settings, buf_span(&text), complaints_add, &errors);
    buf_done(&text);
    complaints_end(&errors);
    if (!ok)
        return EXIT_CANNOT;
    setup->config = path;
    return resolve_users(&setup->settings, path) && journal_is_built(&setup->settings, path) &&
                   kafka_is_whole(&setup->settings, path)
               ? 0
               : EXIT_CANNOT;
}

/* Postfix was asked on this machine, so the machine's name in the log is this host's, too. */
static void name_machine(struct site *site)
{
    char buf[HOST_NAME_SIZE];
    struct span name = host_name(buf);

    if (name.len)
        site_set_machine(site, name);
}

/* Where the caller found the name of the dump is said, too: both places may have one. */
static int read_dump(struct setup *setup, bool named_here)
{
    int r = postfix_read_dump(setup->dump, setup->site, &setup->postfix);

    if (r < 0)
        complain("%s%s%s: %s", named_here ? "" : setup->config,
                 named_here ? "" : ": [site] postconf = ", setup->dump, postfix_dump_error(r));
    return r;
}

/* All of [site] but Postfix's settings. */
static bool apply_settings(const struct setup *setup, struct site *site)
{
    const char *domains = setup->settings.site.own_domains_file;
    struct inifile_error err;

    if (site_apply_settings(site, &setup->settings, &err))
        return !domains[0] || domains_file_read(domains, site);
    complain("%s: %s", setup->config ? setup->config : "settings", err.text);
    return false;
}

/* A dump that cannot be read is the user's mistake and fatal; a Postfix that does not answer is
 * only a warning, because the log alone is enough to go on. */
int setup_build_site(struct setup *setup, const struct command_options *options)
{
    const char *directory = setup->settings.site.postconf_directory;
    int r = -ENOENT;

    setup->site = site_new();
    if (!setup->site) {
        complain("not enough memory");
        return EXIT_CANNOT;
    }
    if (!apply_settings(setup, setup->site))
        return EXIT_CANNOT;
    if (directory[0] && !options->postconf && setup->dump) {
        complain("%s: [site] has postconf and postconf_directory; allowed: one of them",
                 setup->config);
        return EXIT_CANNOT;
    }
    if (setup->dump) {
        r = read_dump(setup, options->postconf);
        if (r < 0)
            return EXIT_CANNOT;
    } else if (directory[0]) {
        if (!postconf_directory_read(directory, setup->site))
            return EXIT_CANNOT;
        r = 0;
    } else if (setup->settings.site.ask_postfix) {
        r = postfix_ask(setup->site, &setup->postfix);
        name_machine(setup->site);
        if (r < 0 && r != -ENOENT)
            site_warn(setup->site, "postfix-not-asked",
                      "Could not read Postfix's settings with postconf: %s", postfix_ask_error(r));
    }
    setup->postfix_answered = r >= 0;
    return 0;
}

bool setup_without_postfix(struct setup *setup)
{
    struct site *site = site_new();

    if (!site || !apply_settings(setup, site)) {
        site_free(site);
        return false;
    }
    site_free(setup->site);
    setup->site = site;
    setup->postfix_answered = false;
    return true;
}

int setup_read_settings(struct setup *setup, const struct command_options *options)
{
    *setup = (struct setup){.site = NULL};
    int status = read_settings(setup, options);

    if (options->postconf)
        setup->dump = options->postconf;
    else if (status == 0 && setup->settings.site.postconf[0])
        setup->dump = setup->settings.site.postconf;
    return status;
}

int setup_init(struct setup *setup, const struct command_options *options)
{
    int status = setup_read_settings(setup, options);

    return status ? status : setup_build_site(setup, options);
}

void setup_done(struct setup *setup)
{
    site_free(setup->site);
    postfix_paths_done(&setup->postfix);
    settings_done(&setup->settings);
    *setup = (struct setup){.site = NULL};
}
