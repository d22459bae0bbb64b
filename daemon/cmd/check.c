/* SPDX-License-Identifier: MIT */
/*
 * Shows what a daemon would start with: settings, domains, networks, and which log it would follow
 * and why, what the end of that log shows, and whether the service could do its work: as its user,
 * in its sandbox.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/settings_print.h"
#include "source/source_select.h"
#include "cmd/check_alerts.h"
#include "cmd/check_log.h"
#include "cmd/commands.h"
#include "cmd/reach.h"
#include "common/clock.h"
#include "common/complain.h"
#include "common/setup.h"
#include "show/print.h"
#include "site/site_hops.h"

enum { SHOWN_MAX = 40 };

/* As whom, under which unit, and what is wrong with that. */
struct judged {
    char user[64];
    struct service_unit unit;
    struct findings findings;
    struct check_sample sample;
    bool is_sampled; /* the log was looked at */
};

struct shown {
    const struct site *site;
    bool json;
    json_t *list;
    int count;
};

static void show_domain(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                        enum proof proof, uint8_t door)
{
    struct shown *shown = ctx;

    (void)proof;
    (void)door;
    if (shown->json) {
        json_array_append_new(shown->list,
                              json_pack("{s:s%, s:s, s:b}", "domain", domain.at, domain.len,
                                        "class", class_name(class), "subdomains", subdomains));
        return;
    }
    /* Beyond the maximum they are only counted, for "and N more". */
    if (shown->count++ >= SHOWN_MAX)
        return;
    printf("    ");
    print_safe(domain);
    printf("%s  %s\n", subdomains ? " and its subdomains" : "", class_name(class));
}

static void show_network(void *ctx, const struct network *net, bool trusted)
{
    struct shown *shown = ctx;
    size_t hosts = site_host_count(shown->site);
    char buf[NETWORK_TEXT_MAX];

    network_print(net, buf);
    if (shown->json) {
        json_t *row = json_pack("{s:s, s:b}", "network", buf, "trusted", trusted);
        if (hosts)
            json_object_set_new(row, "hosts",
                                json_integer((int)site_hosts_with(shown->site, net, trusted)));
        json_array_append_new(shown->list, row);
    } else if (shown->count++ < SHOWN_MAX) {
        printf("    %s%s", buf, trusted ? "" : "  not trusted");
        if (hosts)
            printf("  on %zu of %zu hosts", site_hosts_with(shown->site, net, trusted), hosts);
        putchar('\n');
    }
}

static void show_unlisted(void *ctx, struct span text)
{
    struct shown *shown = ctx;

    if (shown->json) {
        json_array_append_new(shown->list, json_stringn(text.at, text.len));
        return;
    }
    if (shown->count++ == 0)
        puts("tables that can't be listed (the log has to show which exits and copies they name):");
    printf("    ");
    print_safe(text);
    putchar('\n');
}

static void more(const struct shown *shown)
{
    if (shown->count > SHOWN_MAX)
        printf("    and %d more\n", shown->count - SHOWN_MAX);
    else if (shown->count == 0)
        puts("    none");
}

/* Prints the changed settings, indented so that one sees where they end. */
static void show_settings(const struct setup *setup)
{
    char *text = settings_print_changed(&setup->settings);
    struct span rest = span_str(text ? text : ""), line;

    printf("settings: %s%s\n", setup->config ? setup->config : "no file",
           rest.len ? ", and what is not at its default:" : ", all at their defaults");
    while (span_take_line(&rest, &line)) {
        if (!line.len)
            continue;
        printf("    ");
        print_safe(line);
        putchar('\n');
    }
    free(text);
}

static void check_text(const struct setup *setup, const struct source_choice *choice,
                       const struct judged *judged, bool color)
{
    const struct site *site = setup->site;
    struct shown domains = {site, .json = false}, networks = domains, unlisted = domains;

    show_settings(setup);
    printf("Postfix: %s%s\n",
           setup->postfix_answered ? "its settings were read" : "not asked, or not installed here",
           setup->dump ? " from a file" : "");
    printf("source: %s, %s\n", choice->text, choice->why);
    if (judged->is_sampled)
        check_sample_print(&judged->sample, clock_wall());
    printf("judged as: %s\n", judged->user);
    printf("memory: at most %u MiB for what is remembered, and a few for the rest\n",
           setup->settings.limits.memory);
    puts("own and relay domains:");
    site_each_domain(site, show_domain, &domains);
    more(&domains);
    puts("trusted networks:");
    site_each_network(site, show_network, &networks);
    more(&networks);
    site_each_unlisted(site, show_unlisted, &unlisted);
    findings_print(&judged->findings, false, color);
    for (size_t i = 0; i < site_warning_count(site); i++)
        print_warning(site_warning(site, i), color);
    if (site_warning_count(site) + judged->findings.list.count == 0)
        puts("no warnings");
}

static void check_json(const struct setup *setup, const struct source_choice *choice,
                       const struct judged *judged)
{
    const struct site *site = setup->site;
    struct shown domains = {site, .json = true, .list = json_array()};
    struct shown networks = {site, .json = true, .list = json_array()};
    struct shown unlisted = {site, .json = true, .list = json_array()};

    site_each_domain(site, show_domain, &domains);
    site_each_network(site, show_network, &networks);
    site_each_unlisted(site, show_unlisted, &unlisted);
    char *changed = settings_print_changed(&setup->settings);
    json_t *object =
        json_pack("{s:s, s:s?, s:s?, s:b, s:s, s:s, s:s, s:o, s:o, s:o, s:i}", "type", "check",
                  "settings", setup->config, "settings_changed", changed, "postfix",
                  setup->postfix_answered, "source", choice->text, "source_why", choice->why,
                  "judged_as", judged->user, "domains", domains.list, "networks", networks.list,
                  "unlisted", unlisted.list, "memory_mib", (int)setup->settings.limits.memory);
    if (judged->is_sampled)
        json_object_set_new(object, "log", check_sample_to_json(&judged->sample));
    print_json(object);
    free(changed);
    findings_print(&judged->findings, true, false);
    for (size_t i = 0; i < site_warning_count(site); i++)
        print_json(warning_to_json(site_warning(site, i)));
}

/* Settings that the caller may read and the service may not: it would not start. */
static void check_settings_file(const struct command_options *options, const struct setup *setup,
                                struct judged *judged)
{
    struct reach reach;

    if (!options->config && setup->config && !reach_file(setup->config, R_OK, judged->user, &reach))
        findings_add(&judged->findings, "settings-unreadable", reach.cure,
                     "The service can't read its settings: %s.", reach.text);
}

static int check(const struct command_options *options, struct setup *setup, struct judged *judged)
{
    struct source_choice choice;

    if (!source_select(&setup->settings, setup->postfix.maillog_file, &choice)) {
        complain("not enough memory");
        return EXIT_CANNOT;
    }
    if (!site_knows_domains(setup->site))
        site_warn(setup->site, "own-domains-unknown",
                  "Our own domains are unknown so far; what the log proves will be used. List "
                  "them in own_domains in [site].");
    if (choice.warning)
        site_warn(setup->site, "source", "%s", choice.warning);
    check_settings_file(options, setup, judged);
    /* A saved dump is another machine's, and so are its log and its service. */
    if (!options->postconf) {
        judged->is_sampled = check_sample_init(&judged->sample);
        if (judged->is_sampled)
            check_log(setup, &choice, &judged->unit, judged->user, &judged->sample,
                      &judged->findings);
        check_alerts(&setup->settings, &judged->unit, judged->user, &judged->findings);
    }
    if (options->json)
        check_json(setup, &choice, judged);
    else
        check_text(setup, &choice, judged, options->color);
    source_choice_done(&choice);
    return site_warning_count(setup->site) + judged->findings.list.count ? EXIT_FOUND : 0;
}

/* Files that are read with the settings, and may be as bad. */
static bool names_files(const struct settings *settings)
{
    return settings->site.postconf[0] || settings->site.own_domains_file[0] ||
           settings->site.postconf_directory[0];
}

/* What `systemctl reload` runs first, so that it fails if the daemon could not use the file. */
static int check_quietly(const struct command_options *options)
{
    struct setup setup;
    int status = setup_read_settings(&setup, options);

    if (status == 0 && names_files(&setup.settings))
        status = setup_build_site(&setup, options);
    if (status != 0)
        complain("the settings are bad");
    setup_done(&setup);
    return status;
}

/* The files that the caller names may be readable for the caller only, so they are read first. What
 * the service finds by itself, Postfix's settings too, is found as the service. */
static int judge(const struct command_options *options, struct setup *setup, struct judged *judged)
{
    char why[200] = "";
    int status =
        options->postconf ? setup_init(setup, options) : setup_read_settings(setup, options);

    if (status != 0)
        return status;
    service_unit_read(&judged->unit);
    if (!service_unit_become(&judged->unit, judged->user, why))
        findings_add(&judged->findings, "service", "systemd-sysusers", "%s", why);
    return options->postconf ? 0 : setup_build_site(setup, options);
}

int check_run(const struct command_options *options)
{
    struct setup setup;

    if (options->defaults) {
        char *text = settings_print_defaults();
        if (text)
            fputs(text, stdout);
        free(text);
        return 0;
    }
    if (options->quiet)
        return check_quietly(options);
    struct judged judged = {.user = ""};
    int status = judge(options, &setup, &judged);
    if (status == 0)
        status = check(options, &setup, &judged);
    if (judged.is_sampled)
        check_sample_done(&judged.sample);
    findings_done(&judged.findings);
    service_unit_done(&judged.unit);
    setup_done(&setup);
    return status;
}
