/* SPDX-License-Identifier: MIT */
#include "show/hop_order.h"

#include <stdbool.h>

/* Each tree level by level, in the order of its roots. */
void hop_order(const int *parent, int count, int *order)
{
    bool placed[HOP_ORDER_MAX] = {false};
    int n = 0;

    for (int root = 0; root < count; root++) {
        int at = n;
        if (parent[root] >= 0)
            continue;
        order[n++] = root;
        placed[root] = true;
        for (; at < n; at++)
            for (int i = 0; i < count; i++)
                if (parent[i] == order[at] && !placed[i]) {
                    order[n++] = i;
                    placed[i] = true;
                }
    }
    for (int i = 0; i < count; i++)
        if (!placed[i])
            order[n++] = i;
}
