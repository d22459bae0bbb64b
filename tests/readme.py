#!/usr/bin/env python3
"""Holds README.md against the tables in the code: what stands between <!-- NAME --> and
<!-- end NAME --> is made of them. Says what differs; with --write, puts it right."""
import os
import re
import sys

# lib/ and daemon/ in an order in which they can be read.
ORDER = """span when kind address domains hash text buf list
header queue_id queue_id_alphabet record record_inside record_shapes
site hosts message tracker tracker_inside life life_inside judge
window tally detector incident advice pipeline
settings settings_table inifile site_settings
postconf postconf_list postconf_restrictions postconf_filter
command input inflate print postfix capture
live loop feed choose
source source_inside text_file
outlet sink state control answers log""".split()

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def rows(table, *macros):
    """The rows of an X-macro table, as (macro, [arguments]): strings joined, the rest as it is."""
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
    """One row a section: its keys with their defaults."""
    lines = ["| section | keys and defaults | what for |", "|---|---|---|"]
    section = None
    for macro, row in rows("lib/settings.def", "SECTION", "SETTING"):
        if macro == "SECTION":
            section = {"name": row[0], "what": row[3], "keys": []}
            lines.append(section)
        else:
            default = f" {row[4]}" if row[4] else ""
            section["keys"].append(f"`{row[1]}`{default}")
    return [line if isinstance(line, str) else
            f"| `[{line['name']}]` | {', '.join(line['keys'])} | {line['what']} |" for line in lines]


def files():
    """One row a module: what its header says it does."""
    lines = ["| file | does |", "|---|---|"]
    for folder in "lib", "daemon":
        names = [name[:-2] for name in os.listdir(f"{ROOT}/{folder}") if name.endswith(".h")]
        names.sort(key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
        for name in names:
            with open(f"{ROOT}/{folder}/{name}.h", encoding="utf-8") as file:
                does = re.search(r"^ \* Does: +(.*?)^ \* [A-Z][a-z' ]+:", file.read(), re.S | re.M)
            what = " ".join(does.group(1).replace("\n *", " ").split()) if does else "?"
            lines.append(f"| `{folder}/{name}` | {what} |")
    return lines


def main():
    path = f"{ROOT}/README.md"
    with open(path, encoding="utf-8") as file:
        text = file.read()
    wanted = text
    for name, table in {"settings": settings(), "files": files()}.items():
        block = f"<!-- {name} -->\n" + "\n".join(table) + f"\n<!-- end {name} -->"
        pattern = re.compile(rf"<!-- {name} -->\n.*?<!-- end {name} -->", re.S)
        if not pattern.search(wanted):
            print(f"README.md has no <!-- {name} -->")
            return 1
        wanted = pattern.sub(lambda _, block=block: block, wanted)
    if wanted == text:
        return 0
    if "--write" in sys.argv[1:]:
        with open(path, "w", encoding="utf-8") as file:
            file.write(wanted)
        return 0
    for old, new in zip(text.splitlines(), wanted.splitlines()):
        if old != new:
            print(f"README.md has\n  {old}\nfor\n  {new}")
            break
    print("README.md is behind the tables: tests/readme.py --write")
    return 1


if __name__ == "__main__":
    sys.exit(main())
