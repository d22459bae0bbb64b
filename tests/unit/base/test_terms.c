/* SPDX-License-Identifier: MIT */
#include "base/terms.h"
#include "rows.h"

static const struct {
    enum kind kind;
    const char *name;
} kinds[] = {
    {KIND_OPEN_RELAY, "open-relay"},
    {KIND_ACCOUNT_ABUSE, "account-abuse"},
    {KIND_LOCAL_ABUSE, "local-abuse"},
    {KIND_TRUSTED_RELAY, "trusted-relay"},
    {KIND_BACKSCATTER_SOURCE, "backscatter-source"},
    {KIND_BACKSCATTER_VICTIM, "backscatter-victim"},
};

START_TEST(kinds_have_their_names)
{
    want_text(kinds[_i].name, kind_name(kinds[_i].kind), kinds[_i].name);
}
END_TEST

/* These words are in the JSON output, which is a contract; a forgotten row would be NULL. */
#define NAMES(function, enum_type, count, ...)                                                     \
    do {                                                                                           \
        static const char *const wanted[] = {__VA_ARGS__};                                         \
        want_number(#function, COUNT(wanted), count);                                              \
        for (int i = 0; i < (count); i++)                                                          \
            want_text(#function, function((enum enum_type)i), wanted[i]);                          \
    } while (0)

START_TEST(every_value_has_its_word)
{
    NAMES(origin_name, origin, ORIGIN_COUNT, "none", "outside", "trusted", "account", "local",
          "bounce", "forward", "filter", "requeue", "probe", "unknown");
    NAMES(cause_name, cause, CAUSE_COUNT, "none", "unknown-local-recipient",
          "unknown-relay-recipient", "forward-refused", "filter-refused", "relayed", "over-quota",
          "mail-loop", "expired", "autoreply", "delay-notice", "dsn-requested", "other");
    NAMES(address_class_name, address_class, ADDRESS_COUNT, "unknown", "local", "virtual-alias",
          "virtual-mailbox", "relay", "outside");
    NAMES(class_name, domain_class, CLASS_COUNT, "unknown", "ours", "relay-domain", "outside",
          "null");
}
END_TEST

static const struct {
    const char *setting;
    enum cause cause;
} settings[] = {
    {"local_recipient_maps", CAUSE_UNKNOWN_LOCAL_RECIPIENT},
    {"relay_recipient_maps", CAUSE_UNKNOWN_RELAY_RECIPIENT},
    {"smtpd_relay_restrictions", CAUSE_RELAYED},
    {"smtpd_recipient_restrictions", CAUSE_OVER_QUOTA},
    {"virtual_alias_maps", CAUSE_MAIL_LOOP},
    {"delay_warning_time", CAUSE_DELAY_NOTICE},
};

START_TEST(causes_name_the_setting_that_ends_them)
{
    want_text("cause", cause_setting(settings[_i].cause), settings[_i].setting);
}
END_TEST

START_TEST(no_setting_ends_what_is_not_postfix)
{
    ck_assert_ptr_null(cause_setting(CAUSE_NONE));
    ck_assert_ptr_null(cause_setting(CAUSE_AUTOREPLY));
    ck_assert_ptr_null(cause_setting(CAUSE_OTHER));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("kind");

    ADD_ROWS(tc, kinds_have_their_names, kinds);
    tcase_add_test(tc, every_value_has_its_word);
    ADD_ROWS(tc, causes_name_the_setting_that_ends_them, settings);
    tcase_add_test(tc, no_setting_ends_what_is_not_postfix);
    return run_suite("kind", tc);
}
