#!/usr/bin/env python3
"""Holds lib/ and daemon/ to the order of their rooms: layers.py [--root DIR] [BUILD]

The tables in lib/README.md and daemon/README.md name the rooms from the ground up, and each room's
files. A file may use its own room and lower ones, and no files may use each other in a circle; x.c
and x.h are one file. What a file uses is what it includes, and with BUILD, a build folder with
objects, also the symbols that its object needs. At the top there is nothing but TOP, so that what a
build leaves there is not committed. Silence is success."""
import argparse
import collections
import os
import re
import subprocess
import sys

TOP = {"CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "conf", "daemon", "dev", "lib",
       "systemd", "tests", ".ci", ".clang-format", ".gitignore"}
ROOM = re.compile(r"^\| `([a-z_]+)/` \|.*\|([^|]*)\|$", re.M)
INCLUDE = re.compile(r'^#include "(?:([a-z_]+)/)?([a-z_0-9]+(?:\.def)?)(?:\.h)?"', re.M)
OBJECT = re.compile(r"\.dir/((?:lib|daemon)/[a-z_]+/[a-z_0-9]+)\.c\.o$")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def rooms_of(root):
    """{room: (rank, {stem named by the page})}, lib/ below daemon/; and {room: folder}."""
    ranks, folders = {}, {}
    for folder in "lib", "daemon":
        for room, files in ROOM.findall(read(f"{root}/{folder}/README.md")):
            ranks[room] = (len(ranks), set(re.findall(r"`([a-z_0-9.]+)`", files)))
            folders[room] = folder
    return ranks, folders


def stems(root):
    """Every file of the two trees as "lib/base/span": its paths."""
    found = collections.defaultdict(list)
    for folder in "lib", "daemon":
        for path, _, names in os.walk(f"{root}/{folder}"):
            for name in names:
                stem, extension = os.path.splitext(name)
                stem += extension if extension == ".def" else ""
                if extension in (".c", ".h", ".def"):
                    found[os.path.relpath(f"{path}/{stem}", root)].append(f"{path}/{name}")
    return found


def included(root, files, folders):
    """{stem: {stem it includes: where}}"""
    uses = collections.defaultdict(dict)
    for stem, paths in files.items():
        for path in paths:
            for room, name in INCLUDE.findall(read(path)):
                target = f"{folders.get(room, '?')}/{room}/{name}"
                if target not in files:
                    print(f"{os.path.relpath(path, root)} includes {room or '(no room)'}/{name}, "
                          "which is in no room")
                elif target != stem:
                    uses[stem][target] = f"#include in {os.path.basename(path)}"
    return uses


def needed(build, files, uses):
    """Adds what objects need of each other."""
    objects = {}
    for path, _, names in os.walk(build):
        for name in names:
            match = OBJECT.search(f"{path}/{name}")
            if match and match[1] in files:
                objects[match[1]] = f"{path}/{name}"
    defined, wanted = {}, collections.defaultdict(set)
    for stem, path in objects.items():
        listing = subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout
        for line in listing.splitlines():
            kind, symbol = line.split()[-2:]
            if kind == "U":
                wanted[stem].add(symbol)
            elif kind in "TDBRC":
                defined[symbol] = stem
    for stem, symbols in wanted.items():
        for symbol in sorted(symbols):
            target = defined.get(symbol, stem)
            if target != stem:
                uses[stem].setdefault(target, symbol)
    return len(objects)


def circles(uses):
    """The strongly connected components of more than one file (Tarjan, without recursion)."""
    order, low, on, stack, found = {}, {}, set(), [], []
    for start in sorted(uses):
        if start in order:
            continue
        work = [(start, iter(sorted(uses[start])))]
        order[start] = low[start] = len(order)
        stack.append(start)
        on.add(start)
        while work:
            node, targets = work[-1]
            target = next(targets, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    at = stack.index(node)
                    if len(stack) - at > 1:
                        found.append(sorted(stack[at:]))
                    on -= set(stack[at:])
                    del stack[at:]
            elif target not in order:
                order[target] = low[target] = len(order)
                stack.append(target)
                on.add(target)
                work.append((target, iter(sorted(uses.get(target, ())))))
            elif target in on:
                low[node] = min(low[node], order[target])
    return found


def strangers_at_the_top(root):
    """What git has there; nothing where this is no clone."""
    done = subprocess.run(["git", "-C", root, "ls-files"], capture_output=True, text=True,
                          check=False)
    return sorted({path.split("/")[0] for path in done.stdout.splitlines()} - TOP)


def main():
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", default=here)
    parser.add_argument("build", nargs="?")
    args = parser.parse_args()
    ranks, folders = rooms_of(args.root)
    files = stems(args.root)
    wrong = []
    for stem in sorted(files):
        _, room, name = stem.split("/") if stem.count("/") == 2 else (None, None, stem)
        if name not in ranks.get(room, (0, ()))[1]:
            wrong.append(f"{stem} is named by no page: add it to its room's row")
    for room, (_, names) in ranks.items():
        wrong += [f"{folders[room]}/README.md names {room}/{name}, which is not there"
                  for name in sorted(names) if f"{folders[room]}/{room}/{name}" not in files]
    wrong += [f"{name} does not belong at the top" for name in strangers_at_the_top(args.root)]
    uses = included(args.root, files, folders)
    if args.build and not needed(args.build, files, uses):
        wrong.append(f"{args.build} has no objects: build it first")
    for stem in sorted(uses):
        for target, why in sorted(uses[stem].items()):
            upper, lower = (ranks.get(s.split("/")[1], (-1,))[0] for s in (target, stem))
            if upper > lower:
                wrong.append(f"{stem} uses {target}, a higher room ({why})")
    wrong += ["a circle: " + ", ".join(circle) for circle in circles(uses)]
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
