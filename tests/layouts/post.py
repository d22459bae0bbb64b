# SPDX-License-Identifier: MIT
"""One queue file, and what a layout says about it."""
from dataclasses import dataclass

FIRST, SECOND = "postfix", "postfix-out"  # the instances
LOCALHOST = ("localhost", "127.0.0.1")


@dataclass
class Post:
    """One queue file."""
    id: str
    instance: str
    message_id: str
    at: float  # when it came
    client: tuple = None  # whom XFORWARD would name to the next hop
    mapping: str = "here"  # virtual aliases: looked up "later", "here", or before ("done")


def login(message):
    return f", sasl_method=PLAIN, sasl_username={message.login}" if message.login else ""


def mapping(layout, hops):
    """Where the virtual aliases of a message that just came in are looked up."""
    return "later" if hops and layout["maps"] == "last" else "here"


def mapping_behind(post, hops):
    """The same for the message that a filter hands back."""
    if post.mapping != "later":
        return "done"
    return "later" if hops else "here"


def aliased(layout, post, one):
    """(to, orig_to) on a delivery record of this queue file."""
    if not one.forward or layout["forwards"] != "virtual_alias" or post.mapping == "later":
        return one.to, None
    return one.forward, one.to if post.mapping == "here" else None
