/* SPDX-License-Identifier: MIT */
/*
 * Does:         recognises and skips what container runtimes and small loggers put around a syslog
 *               line.
 * Doesn't know: what the line inside says.
 * Owns:         constant tables.
 * Time:         timeless.
 * Fails:        returns false, and skips nothing, if it isn't there.
 */
#ifndef RELAYWATCH_PARSE_SYSLOG_WRAP_H
#define RELAYWATCH_PARSE_SYSLOG_WRAP_H

#include "base/span.h"

/* "5c1e77a0b9d2": the first digits of the ID by which Docker names a container, in logs and as host
 * name, unless it was given a name. */
bool syslog_wrap_is_container_id(struct span name);

/* True if a container runtime logs under this tag: "docker", "docker/mail", "5c1e77a0b9d2". */
bool syslog_wrap_tag(struct span tag);

/* Docker compose's "smtp_1  | " and kubectl's "[pod/postfix-0/postfix] ". */
bool syslog_wrap_skip_container(struct span *s);

/* What is not a part of the line: blanks before it, its number, the name of the file that grep
 * found it in, stern's "postfix-0 postfix ", a table's time, and what syslog_wrap_skip_socklog
 * skips. */
bool syslog_wrap_skip_other(struct span *s);

/* socklog's "mail.info: ", before the line that it got. */
bool syslog_wrap_skip_socklog(struct span *s);

/* "INFO", "WARNING": rsyslog's severities in upper case, which some containers log instead of the
 * host's name. */
bool syslog_wrap_is_severity(struct span word);

/* Kubernetes' "stdout F ", which follows the date. */
bool syslog_wrap_skip_stream(struct span *s);
/* Its "stdout P ", where the line goes on in another. */
bool syslog_wrap_is_cut(struct span s);

/* What stands between a collector's date and the line's: logcli's {job="mail"}, the log stream of
 * `aws logs tail`, the task of `docker service logs -t`. */
bool syslog_wrap_skip_stream_name(struct span *s);

/* Whether that is nothing but a time, in figures. */
bool syslog_wrap_is_time(struct span text);

/* Whether a relay's name or address may look so. */
bool syslog_wrap_is_host(struct span word);

/* The text in rsyslog's "message repeated 2 times: [ ... ]", and behind Solaris' "[ID 1 mail.info]
 * ". */
struct span syslog_wrap_text(struct span text);

/* The same; nearly all texts begin with something else. */
static inline struct span syslog_wrap_within(struct span text)
{
    bool may_wrap = text.len && (text.at[0] == 'm' || text.at[0] == '[');

    return may_wrap ? syslog_wrap_text(text) : text;
}

/* "mail.info " */
bool syslog_wrap_skip_priority(struct span *s);

/* "mail:info ", which AIX's syslogd puts between host and tag. */
bool syslog_wrap_skip_aix(struct span *s);
/* "Message forwarded from mx1: ", which it puts before what it forwards, instead of the host. */
bool syslog_wrap_take_forwarded(struct span *s, struct span *ret_host);

#endif
