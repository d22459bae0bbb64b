/* SPDX-License-Identifier: MIT */
/*
 * Does:         knows what is ours and whom Postfix trusts: domains, networks, filters, and what
 *               the log proves; collects the warnings about all this.
 * Doesn't know: where the knowledge comes from. Callers add it in the order settings, Postfix, log;
 *               what was said first about a domain or network holds.
 * Owns:         copies of all that is added, until site_free.
 * Time:         timeless.
 * Fails:        adding returns false when a table is full or memory is short; lookups never fail.
 */
#ifndef RELAYWATCH_SITE_SITE_H
#define RELAYWATCH_SITE_SITE_H

#include "base/address.h"
#include "base/address_form.h"
#include "base/terms.h"
#include "site/site_hosts.h"

/* Bounds on what settings may add and what the log may teach. */
#define SITE_DOMAINS_MAX      200000
#define SITE_NETWORKS_MAX     4096
#define SITE_LEARNED_MAX      20000
#define SITE_COPIES_MAX       256
#define SITE_WARNINGS_MAX     64
#define SITE_WARNING_TEXT_MAX 400

struct site;

/* Something about the site that the operator should know. */
struct site_warning {
    const char *code; /* constant: "mynetworks-too-wide" */
    char text[SITE_WARNING_TEXT_MAX];
    bool over;
    uint64_t number; /* from 1, in the order in which they were given */
};

struct site *site_new(void);
void site_free(struct site *site);

/* Adds a domain. ".example.org" stands for its subdomains only; with `subdomains`, a name stands
 * for both. CLASS_OUTSIDE is Postfix's "!example.org". A domain that is there keeps its class. */
bool site_add_domain(struct site *site, struct span domain, enum domain_class class,
                     bool subdomains);
/* The first network that matches decides; trusted is false for Postfix's "!". One that is too wide
 * is not added, but gives a warning. */
bool site_add_network(struct site *site, const struct network *net, bool trusted);
/* The same for a setting that is not mynetworks, which the warning then names; of_postfix: Postfix
 * itself lets in whom it trusts. */
bool site_add_network_of(struct site *site, const char *setting, bool of_postfix,
                         const struct network *net, bool trusted);
/* The addresses of the hosts whose logs are read together; the first network that matches decides.
 * How far their clocks may be apart, in seconds. */
bool site_add_fleet(struct site *site, const struct network *net, bool is_in);
void site_set_clock_slack(struct site *site, uint32_t seconds);
/* An address of this host, or of a content filter that returns mail to it. Loopback need not be
 * added. */
bool site_add_own_address(struct site *site, const struct address *a);
/* The address of a content filter: mail sent there has not left. port 0: any. */
bool site_add_filter(struct site *site, const struct address *a, unsigned port);
/* The name of a pipe(8) service that is a content filter ("spamassassin"). */
bool site_add_filter_service(struct site *site, struct span service);
/* A mail address that Postfix itself sends copies to (always_bcc, sender_bcc_maps). */
bool site_add_copy(struct site *site, struct span address);
/* Hosts that may say for which client they act (smtpd_authorized_xforward_hosts). */
bool site_add_xforward(struct site *site, const struct network *net);

/* Says that all domains (networks) have been added: any other is now not ours (not trusted).
 * `complete` is false if a table could not be listed; then the log may still add domains. */
void site_domains_configured(struct site *site, bool complete);
void site_networks_configured(struct site *site);
/* But some of them could not be read. */
void site_networks_incomplete(struct site *site);
void site_set_address_form(struct site *site, enum address_form form);
enum address_form site_address_form(const struct site *site);

/* Other facts from the settings, which help where the settings are incomplete. */
enum {
    SITE_RELAYHOST = 1 << 0,  /* all mail leaves through a relay host */
    SITE_BCC_MAPS = 1 << 1,   /* recipient_bcc_maps or sender_bcc_maps: somebody gets copies */
    SITE_NO_ORIG_TO = 1 << 2, /* enable_original_recipient = no, and virtual aliases */
    /* No table, transport or filter of the site passes mail for ours to smtp(8), but that for relay
     * domains. */
    SITE_SMTP_LEAVES = 1 << 3,
    SITE_MX_BACKUP = 1 << 4, /* permit_mx_backup: for domains whose MX records name this host */
    /* Clients may relay by certificates that relay_clientcerts lists, or by any of a known CA. */
    SITE_LISTED_CERTS = 1 << 5,
    SITE_ALL_CERTS = 1 << 6,
    SITE_POSTCONF = 1 << 7 /* Postfix's settings are known, at least of some host */
};
void site_set_fact(struct site *site, unsigned fact);
bool site_has_fact(const struct site *site, unsigned fact);
/* The settings' myhostname, and the name of the machine they were read on, which may be empty. */
void site_set_settings_host(struct site *site, struct span myhostname);
void site_set_machine(struct site *site, struct span name);
struct span site_settings_host(const struct site *site); /* empty: unknown */
/* True if the name is that host's: equal, or with the same first label if one of the two has no
 * other. */
bool site_is_settings_host(const struct site *site, struct span name);
/* A domain whose addresses are ours as senders, no matter where its mail goes (myorigin,
 * mydomain). */
bool site_add_sender_domain(struct site *site, struct span domain);

/* --- what the log proves --- */

/* The log shows whose the domain is: CLASS_OURS, CLASS_RELAY_DOMAIN or CLASS_OUTSIDE, or that this
 * is open (CLASS_UNKNOWN, with PROOF_SENT_AWAY and PROOF_LIKE_GATEWAY). PROOF_BY_NAME shows only
 * that it is ours as a sender's: see site_writes_as. Proofs other than PROOF_BY_SOCKET,
 * PROOF_CERTAIN and PROOF_OF_HOSTNAME count only while site_may_have_more_domains(). door:
 * site_door's number for PROOF_BY_DELIVERY and PROOF_BY_SOCKET, else 0. */
void site_learn(struct site *site, struct span domain, enum domain_class class, enum proof proof,
                uint8_t door);
/* The outside address with that hash gets a copy of all mail (judge/archives.h), or no longer does.
 * There are SITE_ARCHIVES at most. True if that is new. */
bool site_learn_archive(struct site *site, uint64_t address);
void site_forget_archive(struct site *site, uint64_t address);
bool site_is_archive(const struct site *site, uint64_t address);
/* smtp(8) took its mail to a stranger's server: what PROOF_BY_DELIVERY said of it holds no longer.
 * A mailbox that took its mail still proves it ours. True if this changed anything. */
bool site_sent_away(struct site *site, struct span domain);
/* The same from a snapshot, without asking whether the proof counts. */
void site_learn_again(struct site *site, struct span domain, enum domain_class class,
                      enum proof proof, uint8_t door);
/* Learns everything that `from` has learned. */
void site_learn_from(struct site *site, const struct site *from);
/* Domains the log proved beyond SITE_LEARNED_MAX. */
uint64_t site_learned_dropped(const struct site *site);
void site_set_learned_dropped(struct site *site, uint64_t dropped);
/* True if such a proof that the domain is ours would say nothing new. */
bool site_is_proved(const struct site *site, struct span domain, enum proof proof);

/* --- addresses that the log has shown to exist --- */

/* The seed of their hashes, which are hash_nocase's; the tracker's of recipients have the same.
 * What was hashed under another one is forgotten. */
void site_set_seed(struct site *site, uint64_t seed);
uint64_t site_seed(const struct site *site);
/* The hash of a login, or of what is kept among them. */
void site_add_login(struct site *site, uint64_t hash);
/* True if the address of that hash is a login. At a bound the oldest ones are forgotten. */
bool site_has_login(const struct site *site, uint64_t hash);
bool site_has_login_as(const struct site *site, struct span address);
/* The client of that address has shown a certificate. */
void site_see_certificate(struct site *site, struct span address, bool of_known_ca);
bool site_has_certificate(const struct site *site, struct span address);
/* True if it has, and relaying by certificate is for those that the site lists. */
bool site_lists_certificate_of(const struct site *site, struct span address);
/* From that address, another host of the log has handed over mail. */
void site_see_handover(struct site *site, struct span address);
bool site_has_handover_from(const struct site *site, struct span address);
/* Mail for that address, whose hash is given, was delivered. */
void site_see_mailbox(struct site *site, struct span address, uint64_t hash, uint32_t at_s);
/* Prefetches what that will read. */
void site_prefetch_mailbox(const struct site *site, uint64_t hash);
/* A log was read to see them, all of it. */
void site_mailboxes_told(struct site *site);
/* True if the address, of a domain of which others get mail here, has never got any, and nobody has
 * logged in as it. False where too few addresses are known to tell: until a day after the first,
 * and where there are more than can be remembered. */
bool site_is_never_seen(const struct site *site, struct span address, uint32_t now_s);
/* Takes over those of `from`, if its seed is the same. */
void site_see_addresses_of(struct site *site, const struct site *from);

/* --- answers --- */

/* Changes whenever an answer of site_class may have changed. */
uint64_t site_generation(const struct site *site);
/* The class of a bare domain. An empty one (an address without @) is ours, and a public mailbox
 * provider's is outside. CLASS_UNKNOWN: neither settings nor log tell, and the settings are not
 * complete enough to conclude that it is outside. */
enum domain_class site_class(const struct site *site, struct span domain);
/* By which table Postfix knows the recipients of a domain that its settings list. */
void site_set_address_class(struct site *site, struct span domain, enum address_class class);
enum address_class site_address_class(const struct site *site, struct span domain);
/* True if nothing tells whose the domain is but that no list has it, and the lists are not
 * complete. */
bool site_may_be_gateway_for(const struct site *site, struct span domain);
/* True if it was found to be one that this host may be a gateway for (PROOF_LIKE_GATEWAY): it is
 * CLASS_UNKNOWN, whatever else is known, until settings or a better proof tell. */
bool site_is_like_gateway_for(const struct site *site, struct span domain);
/* True if it is outside beyond doubt: the settings or the log say so, or it is a public mailbox
 * provider's; not because no list has it. */
bool site_is_outside(const struct site *site, struct span domain);
/* True if the log has shown that Postfix writes its own mail under that domain, so its senders are
 * ours. Whether its mail is delivered here is another matter, which deliveries prove: with
 * myorigin, too, the settings say no more than that. */
bool site_writes_as(const struct site *site, struct span domain);
/* The class of a sender's domain, given the address. */
enum domain_class site_sender_class(const struct site *site, struct span address);
/* True if no user of ours sends under it. Where the settings are unknown, the log must have shown a
 * domain of ours first: of a relay that only sends, nothing tells which senders are its own. */
bool site_is_foreign_sender(const struct site *site, struct span address);
/* The reason for a domain's class, in words. Borrowed. */
const char *site_evidence(const struct site *site, struct span domain);
/* The same for a sender's. */
const char *site_sender_evidence(const struct site *site, struct span domain);
bool site_knows_domains(const struct site *site);
/* True if settings or the log name at least one of ours that is more than the host's own name. */
bool site_has_real_domains(const struct site *site);
/* True if "Relay access denied" was seen: not everybody may relay here. */
bool site_refuses_strangers(const struct site *site);
/* A save tells that it was. */
void site_refused_strangers(struct site *site);
/* True if we may have domains that neither settings nor log have named: there is no list, or it has
 * tables that can't be listed. */
bool site_may_have_more_domains(const struct site *site);
/* True if smtp(8) can only have taken mail away to the outside, given the beginning of the
 * recipient's domain. */
bool site_takes_outside(const struct site *site, struct span beginning);
/* networks: whose, as site_networks_of (site_hosts.h) says. */
bool site_knows_networks(const struct site *site, uint16_t networks);
bool site_trusts(const struct site *site, uint16_t networks, const struct address *a);
/* Why the client "name[address]" with that address is trusted, in words; NULL if it is not. Postfix
 * logs a name only if DNS confirms it in both directions, so where not all networks are told, a
 * name under one of our domains counts like a network, unless it is made of the address: a provider
 * gives such names to its customers' lines. */
const char *site_why_trusted(const struct site *site, uint16_t networks, const struct address *a,
                             struct span client);
/* True if [site] says so, for all hosts. */
bool site_trusts_everywhere(const struct site *site, const struct address *a);
/* The first host that was added by whose own settings the address is trusted; empty if there is
 * none. Borrowed. */
struct span site_host_that_trusts(const struct site *site, const struct address *a);
bool site_is_own_address(const struct site *site, const struct address *a);
bool site_has_fleet(const struct site *site);
bool site_is_fleet(const struct site *site, const struct address *a);
uint32_t site_clock_slack(const struct site *site);
bool site_is_filter(const struct site *site, const struct address *a, unsigned port);
bool site_is_filter_service(const struct site *site, struct span service);
bool site_is_copy(const struct site *site, struct span address);
bool site_may_xforward(const struct site *site, const struct address *a);

/* Like printf. Repetitions are kept once. Beyond SITE_WARNINGS_MAX, one takes the place of the
 * oldest that is over, or is dropped and counted. Returns its place from 1, or 0. */
uint8_t site_warn(struct site *site, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* That is not so any more. It stays in the list, but for `over`, while there is room. */
void site_warning_over(struct site *site, uint8_t place);
size_t site_warning_count(const struct site *site);
uint64_t site_warnings_dropped(const struct site *site);
const struct site_warning *site_warning(const struct site *site, size_t i);

/* Visit all that is known of recipients' domains, and the senders' of PROOF_BY_NAME. The spans are
 * borrowed until the site changes. */
typedef void site_domain_visit(void *ctx, struct span domain, enum domain_class class,
                               bool subdomains, enum proof proof, uint8_t door);
void site_each_domain(const struct site *site, site_domain_visit *visit, void *ctx);
typedef void site_network_visit(void *ctx, const struct network *net, bool trusted);
void site_each_network(const struct site *site, site_network_visit *visit, void *ctx);

#endif
