/* SPDX-License-Identifier: MIT */
#include "judge/verdict.h"

const char *verdict_text(enum verdict verdict)
{
    static const char *const texts[] = {
        [VERDICT_NONE] = "not judged yet",
        [VERDICT_RELAYED] = "mail to the outside",
        [VERDICT_NOTICE] = "a notice to a stranger",
        [VERDICT_VICTIM] = "null-sender mail from outside to one of ours",
        [VERDICT_AUTOREPLY] = "an automatic reply to a stranger",
        [VERDICT_RECIPIENT_OURS] = "the recipient is ours",
        [VERDICT_RELAY_DOMAIN] = "we are a gateway for the recipient's domain",
        [VERDICT_FORWARDED] = "forwarding: it was addressed to one of ours",
        [VERDICT_RETURNED] = "a notice returning through us (SRS)",
        [VERDICT_HANDED] = "passed on to another message on this host or to a content filter",
        [VERDICT_PROBE] = "an address verification probe",
        [VERDICT_NOTICE_TO_US] = "the notice goes to one of ours",
        [VERDICT_NOTICE_TO_SENDER_WE_KNOW] =
            "the notice goes to a sender known here: a login or a local user",
        [VERDICT_NOTICE_TO_LOGIN] = "the notice goes to somebody who logs in here",
        [VERDICT_NOTICE_POSTMASTER] = "a copy for the postmaster",
        [VERDICT_NOTICE_REQUESTED] = "the notice goes to whoever asked for it",
        [VERDICT_UNKNOWN_ORIGIN] = "its acceptance is not in the log, so nobody can be blamed",
        [VERDICT_UNKNOWN_DOMAINS] = "nothing tells whose the domain is, so nothing is alleged",
        [VERDICT_COPY] =
            "a copy: mail to this address always goes to somebody else, too (bcc_maps)",
        [VERDICT_MAYBE_FORWARDED] =
            "it may be forwarding: enable_original_recipient = no hides whom it came for",
        [VERDICT_CONNECTOR] =
            "a provider or an office hands it over as if it were ours, and no networks are told",
    };

    _Static_assert(sizeof(texts) / sizeof(*texts) == VERDICT_COUNT, "a text for each");
    return texts[verdict];
}
