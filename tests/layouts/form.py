# SPDX-License-Identifier: MIT
"""From the rows of a log to its text: the time stamp's form, the order of lines that share one,
where the log begins."""
import datetime
import random

from life import ATTACK_AT, HOST
from postfix import START


def traditional(day):
    """RFC 3164 and its relatives, which differ in how the day of the month is written."""
    return lambda when: f"{when:%b} {format(when.day, day)} {when:%H:%M:%S}"


def compose(when):
    return "postfix-mailcow-1  | " + traditional("2d")(when)


FORMS = {
    "rfc3164": traditional("2d"),
    "one_space": traditional("d"),
    "zero_padded": traditional("02d"),
    "rfc3339": lambda when: when.isoformat(timespec="microseconds"),
    "rfc3339_seconds": lambda when: when.astimezone(datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ"),
    "rfc3339_local": lambda when: when.replace(tzinfo=None).isoformat(timespec="milliseconds"),
    "compose": compose,
}


def text(rows, layout, seed):
    """The log of these rows."""
    dice = random.Random(f"form {seed}")
    form, end = FORMS[layout["form"]], " \n" if layout["line_end"] == "blanks" else "\n"
    if layout["beginning"] == "cut":
        rows = rows[dice.randrange(sum(row.at < ATTACK_AT for row in rows)):]
    lines = []
    for when, same in groups(rows, form):
        for row in ORDERS[layout["order"]](same, dice):
            lines.append(f"{when} {HOST} {row.tag}[{row.pid}]: {row.text}{end}")
    return "".join(lines)


def groups(rows, form):
    """(time stamp, rows) of consecutive rows that share one."""
    found = []
    for row in rows:
        when = form(START + datetime.timedelta(seconds=row.at))
        if found and found[-1][0] == when:
            found[-1][1].append(row)
        else:
            found.append((when, [row]))
    return found


def process(row):
    return row.tag, row.pid


def neighbours(rows, dice):
    """Some pairs of neighbours change places."""
    rows, place = list(rows), 0
    while place + 1 < len(rows):
        one, next_one = rows[place:place + 2]
        if process(one) != process(next_one) and dice.random() < 0.5:
            rows[place:place + 2] = next_one, one
            place += 1
        place += 1
    return rows


def any_order(rows, dice):
    """Any order that keeps each process's own."""
    turns = [process(row) for row in rows]
    left = {one: iter([row for row in rows if process(row) == one]) for one in turns}
    dice.shuffle(turns)
    return [next(left[one]) for one in turns]


ORDERS = {"written": lambda rows, dice: rows, "neighbours": neighbours, "any": any_order}
