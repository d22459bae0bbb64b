#!/usr/bin/env python3
"""Checks the manual pages and the completions: manual.py [--write] [RELAYWATCH]

relaywatch.conf(5): its settings are generated from conf/relaywatch.conf; --write updates them.
relaywatch(8), the completions for bash, zsh and fish: must have the commands and options of `relaywatch --help`, and no
others. Prints the differences; without the program, checks only relaywatch.conf(5)."""
import os
import re
import subprocess
import sys
import textwrap

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CONF, PAGE5, PAGE8 = (f"{ROOT}/{name}" for name in (
    "conf/relaywatch.conf", "systemd/man/relaywatch.conf.5", "systemd/man/relaywatch.8"))
BEGIN, END = '.\\" settings\n', '.\\" end settings\n'


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


# --- relaywatch.conf(5) ---

def roff(text):
    """A paragraph in roff: every sentence begins a line, and no line looks like a request."""
    lines = []
    for sentence in re.split(r"(?<=[.)]) (?=[A-Z])", text.replace("\\", "\\e")):
        for line in textwrap.wrap(sentence, 78, break_on_hyphens=False, break_long_words=False):
            lines.append(f"\\&{line}" if line[0] in ".'" else line)
    return lines


def settings_of_conf():
    """The SETTINGS section: every section of the shipped file with its sentence and its keys."""
    lines, comment, inside = [], [], False
    for line in read(CONF).split("\n\n", 1)[1].splitlines():
        section = re.fullmatch(r"\[(.*)\]", line)
        key = re.fullmatch(r"#([a-z_]+) =(.*)", line)
        if section:
            lines += [".El"] if inside else []
            lines += [f".Ss [{section[1]}]", *roff(" ".join(comment)), ".Bl -tag -width Ds"]
            comment, inside = [], True
        elif key:
            default = f' Pq default "{key[2].strip()}"'.replace('"', "") if key[2].strip() else ""
            lines += [f".It Cm {key[1]}{default}", *roff(" ".join(comment))]
            comment = []
        elif line.startswith("# "):
            comment.append(line[2:])
        elif line:
            raise ValueError(f"{CONF}: neither section, key nor comment: {line}")
    return "\n".join([*lines, ".El", ""])


def check_settings(write):
    page, wanted = read(PAGE5), settings_of_conf()
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    if page[begin:end] == wanted:
        return
    if write:
        with open(PAGE5, "w", encoding="utf-8") as file:
            file.write(page[:begin] + wanted + page[end:])
        return
    for old, new in zip(page[begin:end].splitlines(), wanted.splitlines()):
        if old != new:
            yield f"{PAGE5} has\n  {old}\nbut should have\n  {new}"
            break
    yield "relaywatch.conf(5) is out of date: tests/manual.py --write"


# --- relaywatch(8) and the completion ---

def help_of(binary, *command):
    return subprocess.run([binary, *command, "--help"], capture_output=True, text=True, check=True,
                          timeout=30).stdout


def commands_of(binary):
    """{command: (arguments, {option: argument})}, as --help lists them."""
    found = {}
    for name, arguments in re.findall(r"^  ([a-z-]+) +((?:[A-Z.\[\] ]*[A-Z.\]])?) ",
                                      help_of(binary), re.M):
        if name == "relaywatch":  # the usage line
            continue
        options = re.findall(r"^  --([a-z-]+)(?: ([A-Z]+))?  ", help_of(binary, name), re.M)
        found[name] = (arguments, dict(options))
    return found


def items(page):
    """From the .It lines of relaywatch(8): {command: arguments}, {option: argument}."""
    commands = {name: " ".join(word for word in rest.split() if word not in ("Ar", "Op"))
                for name, rest in re.findall(r"^\.It Nm Cm ([\w-]+)(.*)$", page, re.M)}
    options = {name: argument for name, argument in
               re.findall(r"^\.It Fl -([a-z-]+)(?: Ar ([A-Z]+))?", page, re.M)}
    return commands, options


def differences(where, what, has, wanted):
    for name in sorted(has.keys() | wanted.keys()):
        if name not in has:
            yield f"{where} lacks the {what} {name}"
        elif name not in wanted:
            yield f"{where} has the {what} {name}, which the program does not know"
        elif has[name] != wanted[name]:
            yield f"{where}: {what} {name}: {has[name]!r}, should be {wanted[name]!r}"


def check_commands(binary):
    commands = commands_of(binary)
    options = {name: argument for _, found in commands.values() for name, argument in found.items()}
    has_commands, has_options = items(read(PAGE8))
    yield from differences("relaywatch(8)", "command", has_commands,
                           {name: re.sub(r"[\[\]]", "", arguments)
                            for name, (arguments, _) in commands.items()})
    yield from differences("relaywatch(8)", "option", has_options, options)
    wanted = {name: sorted(f"--{option}" for option in found) for name, (_, found) in commands.items()}
    for shell, completes in completions():
        yield from differences(f"relaywatch.{shell}", "command with options", completes, wanted)


def completions():
    """(shell, {command: its options}): bash and zsh list the options of a command, fish the commands
    of an option."""
    for shell, pattern in ("bash", r"^    \[([\w-]+)\]='(.*)'$"), ("zsh", r"^    (\w[\w-]*) '(--.*)'$"):
        text = read(f"{ROOT}/systemd/relaywatch.{shell}")
        yield shell, {name: sorted(words.split()) for name, words in re.findall(pattern, text, re.M)}
    found, text = {}, read(f"{ROOT}/systemd/relaywatch.fish")
    for names, option in re.findall(r'-n "\$told ([a-z -]+?)" -l ([a-z-]+)', text):
        for name in names.split():
            found.setdefault(name, []).append(f"--{option}")
    offered = set(re.findall(r'-n "not \$told \$commands" -a ([\w-]+)', text))
    yield "fish", {name: sorted(found.get(name, [])) for name in offered | found.keys()}


def main():
    arguments = [a for a in sys.argv[1:] if a != "--write"]
    wrong = list(check_settings("--write" in sys.argv))
    if arguments:
        wrong += check_commands(arguments[0])
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
