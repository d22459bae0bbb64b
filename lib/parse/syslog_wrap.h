/* SPDX-License-Identifier: MIT */
/*
 * Does:         knows what container runtimes and small loggers put around a syslog line.
 * Doesn't know: dates, or what the line inside says.
 * Owns:         constant tables.
 * Time:         timeless.
 * Fails:        what is not there is not skipped; the functions say whether it was.
 */
#ifndef RELAYWATCH_PARSE_SYSLOG_WRAP_H
#define RELAYWATCH_PARSE_SYSLOG_WRAP_H

#include "base/span.h"

/* "5c1e77a0b9d2": Docker names a container by the first digits of its ID, in logs and as its host,
 * unless it is given a name. */
bool syslog_wrap_is_container_id(struct span name);

/* Whether a container runtime logs under this tag: "docker", "docker/mail", "5c1e77a0b9d2". */
bool syslog_wrap_tag(struct span tag);

/* Docker compose's "smtp_1  | " and kubectl's "[pod/postfix-0/postfix] ". */
bool syslog_wrap_skip_container(struct span *s);

/* Kubernetes' "stdout F ", which follows the date. */
bool syslog_wrap_skip_stream(struct span *s);

/* "mail.info " */
bool syslog_wrap_skip_priority(struct span *s);

#endif
