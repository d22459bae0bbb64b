#!/usr/bin/env python3
"""Checks README.md against the code: readme.py [--write] [RELAYWATCH]

Everything between <!-- NAME --> and <!-- end NAME --> is generated: the settings from settings.def,
the alert from what `./dev try` prints. Without the program, the alert goes unchecked. Prints the
first difference; --write puts the README right."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Rows of the alert that the README leaves out, to keep it short.
LEFT_OUT = "since", "networks", "senders", "for example"


# --- settings ---


def rows(table, *macros):
    """The rows of an X-macro table as (macro, [arguments]); string literals are joined."""
    with open(f"{ROOT}/{table}", encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/|^#.*?$", "", file.read(), flags=re.S | re.M)
    found = []
    for macro, arguments in re.findall(rf'\b({"|".join(macros)})\(((?:[^()"]|"(?:\\.|[^"\\])*")*)\)',
                                       text):
        parts = re.findall(r'((?:\s*"(?:\\.|[^"\\])*")+|[^,"]+)(?:,|$)', arguments)
        found.append((macro, [string(part) if '"' in part else part.strip() for part in parts]))
    return found


def string(text):
    return re.sub(r"\\(.)", r"\1", "".join(re.findall(r'"((?:\\.|[^"\\])*)"', text)))


def settings():
    """One row per section: its keys with their defaults, and what it is for."""
    sections = []
    for macro, row in rows("lib/config/settings.def", "SECTION", "SETTING"):
        if macro == "SECTION":
            sections.append((row[0], row[3], []))
        else:
            sections[-1][2].append(f"`{row[1]}` {row[4]}".strip())
    return ["| section | keys and defaults | what for |", "|---|---|---|",
            *(f"| `[{name}]` | {', '.join(keys)} | {what} |" for name, what, keys in sections)]


# --- alert ---


def alert(binary):
    """The first incident that `./dev try` prints, in a code block, without the rows left out."""
    shown = subprocess.run([f"{ROOT}/dev", "try"], env={**os.environ, "RELAYWATCH": binary},
                           capture_output=True, text=True, check=True, timeout=60).stdout
    lines, keep = [], True
    for line in re.search(r"^open-relay .*?(?=\n\n)", shown, re.S | re.M)[0].splitlines():
        label = line[2:17].strip()  # empty: the row above goes on
        keep = label not in LEFT_OUT if label else keep
        lines += [line] if keep else []
    return ["```text", *lines, "```"]


# --- README.md ---


def with_block(text, name, lines):
    """The text with these lines between the marks of the name."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end {name} -->"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        sys.exit(f"README.md has no {begin.strip()} or no {end}")
    return "\n".join([before + begin + lines[0], *lines[1:], end + after])


def main():
    write = "--write" in sys.argv[1:]
    binary = next((os.path.abspath(a) for a in sys.argv[1:] if a != "--write"), None)
    path = f"{ROOT}/README.md"
    with open(path, encoding="utf-8") as file:
        text = file.read()
    wanted = with_block(text, "settings", settings())
    if binary:
        wanted = with_block(wanted, "alert", alert(binary))
    if wanted == text:
        return 0
    if write:
        with open(path, "w", encoding="utf-8") as file:
            file.write(wanted)
        return 0
    for old, new in zip(text.splitlines(), wanted.splitlines()):
        if old != new:
            print(f"README.md has\n  {old}\nbut should have\n  {new}")
            break
    print("README.md is out of date: tests/readme.py --write [RELAYWATCH]")
    return 1


if __name__ == "__main__":
    sys.exit(main())
