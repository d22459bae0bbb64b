/* SPDX-License-Identifier: MIT */
/*
 * relaywatch-kafka: reads the topics of [source] for relaywatch, which has no network. systemd
 * starts one for each connection to its socket, which is standard input and output, as inetd does.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "kafka/hand_over.h"

#define CONFIG "/etc/relaywatch/relaywatch.conf"

enum { CONFIG_MAX = 1 << 20 };

static const char help[] =
    "usage: relaywatch-kafka [--config FILE]\n"
    "\n"
    "Reads what [source] of relaywatch's settings says of Kafka, and hands the lines to "
    "relaywatch,\n"
    "which is at its standard input and output: relaywatch-kafka.socket starts it.\n"
    "\n"
    "  --config FILE  instead of " CONFIG "\n"
    "  --help, --version\n";

/* False, and it was answered. */
static bool read_settings(const char *path, struct settings *ret)
{
    FILE *file = fopen(path, "re");
    struct buf text = buf_new(CONFIG_MAX);
    struct inifile_error err = {0, ""};
    char block[4096];
    size_t n;

    while (file && (n = fread(block, 1, sizeof(block), file)) > 0)
        buf_add(&text, span_of(block, n));
    bool good = file && !ferror(file) && !text.failed && settings_init(ret);
    if (!good)
        answer_error("%s: %s", path, text.failed ? "too large" : strerror(errno));
    if (good && !settings_parse(ret, buf_span(&text), &err)) {
        answer_error("%s:%d: %s", path, err.line, err.text);
        good = false;
    }
    if (good && !ret->source.kafka_topics[0]) {
        answer_error("%s: there are no kafka_topics in [source]", path);
        good = false;
    }
    if (file)
        fclose(file);
    buf_done(&text);
    return good;
}

static int serve(const char *config)
{
    struct settings settings;
    struct cluster cluster;
    struct request request;

    answer("relaywatch-kafka %d", KAFKA_VERSION);
    if (!request_read(&request) || !read_settings(config, &settings) ||
        !cluster_open(&settings, &cluster) ||
        !cluster_begin(&cluster, settings.source.kafka_topics, &request))
        return EXIT_FAILURE;
    hand_over(&cluster, settings.source.kafka_topics);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'v'},
                                            {NULL, 0, NULL, 0}};
    const char *config = CONFIG;

    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'h')
            return fputs(help, stdout) < 0;
        if (c == 'v')
            return puts("relaywatch-kafka " RELAYWATCH_VERSION) < 0;
        if (c != 'c')
            return 2;
        config = optarg;
    }
    if (optind < argc || isatty(STDIN_FILENO)) {
        fputs(help, stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    int status = serve(config);
    /* Not exit(): librdkafka's threads are still at work, and closing takes seconds. */
    _exit(status);
}
