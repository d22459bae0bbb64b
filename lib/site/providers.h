/* SPDX-License-Identifier: MIT */
#ifndef RELAYWATCH_SITE_PROVIDERS_H
#define RELAYWATCH_SITE_PROVIDERS_H
#include "base/span.h"
bool provider_has_domain(struct span domain);
bool provider_has_mx(struct span host);
#endif
