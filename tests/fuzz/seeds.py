#!/usr/bin/env python3
"""Writes seeds for the fuzz targets, taken from the labelled logs and the example settings: one
directory a target under the one given."""
import glob
import hashlib
import lzma
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CORPORA = f"{ROOT}/tests/corpora"


def lines():
    """A line of every shape in the corpora: numbers and hexadecimal words stand for each other."""
    seen = {}
    for path in sorted(glob.glob(f"{CORPORA}/*/mail*.log*") + glob.glob(f"{ROOT}/tests/seed/*.log")):
        with (lzma.open(path) if path.endswith(".xz") else open(path, "rb")) as file:
            for line in file:
                shape = re.sub(rb"<[^>]*>", b"<>", re.sub(rb"[0-9A-F]{2,}|\d+", b"0", line))
                shape = re.sub(rb"[\w.-]+\[[^]]*\]", b"[]", shape.split(b" ", 4)[-1])
                seen.setdefault(shape[:90], line.rstrip(b"\n"))
    return list(seen.values())


def forms():
    """One line of each form of header, as tests/corpus/lines.txt has them."""
    with open(f"{ROOT}/tests/corpus/lines.txt", "rb") as file:
        headers = file.read().split(b"# === ")[1]
    blocks = (block.split(b"\n") for block in headers.split(b"\n\n")[1:])
    return [line for block in blocks for line in block[:-1] if not line.startswith(b"#")]


def cut_lines():
    """Records that Postfix cut, as tests/corpus/lines.txt has them: ^N*c^ is N times c."""
    with open(f"{ROOT}/tests/corpus/lines.txt", "rb") as file:
        for line in file.read().splitlines():
            if re.search(rb"^Nov.*\^\d+\*.\^", line):
                yield re.sub(rb"\^(\d+)\*(.)\^", lambda m: int(m[1]) * m[2], line)


def pieces():
    """Stretches of the logs, as the pipeline reads them."""
    for path in sorted(glob.glob(f"{CORPORA}/*/mail.log")):
        with open(path, "rb") as file:
            log = file.readlines()
        for start in range(0, len(log), max(60, len(log) // 8)):
            yield b"0" + b"".join(log[start:start + 60])  # the first byte: how it is cut


def whole(*patterns):
    for pattern in patterns:
        for path in sorted(glob.glob(f"{ROOT}/{pattern}")):
            with open(path, "rb") as file:
                yield file.read()


def write(directory, seeds):
    os.makedirs(directory, exist_ok=True)
    for seed in seeds:
        with open(f"{directory}/{hashlib.sha1(seed).hexdigest()}", "wb") as file:
            file.write(seed)


def main(directory):
    write(f"{directory}/fuzz_header_record", [*lines(), *cut_lines(), *forms()])
    write(f"{directory}/fuzz_settings", whole("conf/*.conf", "tests/conf/*", "tests/*/*.ini"))
    # As shipped nothing is set; without the comment signs everything is.
    write(f"{directory}/fuzz_settings",
          [re.sub(rb"^#([a-z_]+ =)", rb"\1", text, flags=re.M) for text in whole("conf/*.conf")])
    write(f"{directory}/fuzz_postconf", whole("tests/corpora/*/postconf-n.txt",
                                              "tests/corpora/*/main.cf", "tests/postconf/*"))
    write(f"{directory}/fuzz_pipeline", [*pieces(), b"0" + b"\n".join(cut_lines()) + b"\n",
                                              *(b"0" + line + b"\n" for line in forms())])
    # The first byte, 0x30: the last bytes, a twentieth, say what is damaged in the snapshot that the others make.
    write(f"{directory}/fuzz_snapshot", [piece + b"\x07\x00\xff" * 20 for piece in pieces()])
    for target in "header_record", "settings", "postconf", "pipeline":  # what once broke them
        write(f"{directory}/fuzz_{target}", whole(f"tests/fuzz/regressions/fuzz_{target}/*"))


if __name__ == "__main__":
    main(sys.argv[1])
