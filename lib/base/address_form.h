/* SPDX-License-Identifier: MIT */
/*
 * Does:         names the two ways in which Postfix logs mail addresses.
 * Doesn't know: which one a given Postfix uses.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_BASE_ADDRESS_FORM_H
#define RELAYWATCH_BASE_ADDRESS_FORM_H

enum address_form {
    ADDRESS_FORM_UNKNOWN,
    ADDRESS_FORM_EXTERNAL, /* quoted where RFC 5321 wants it: the default since Postfix 3.5 */
    ADDRESS_FORM_INTERNAL, /* unquoted: before 3.5, or info_log_address_format = internal */
};

#endif
