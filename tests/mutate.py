#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Breaks lib/ in small ways and lists what no unit test notices: mutate.py [N] [--seed S]
[--only PART] [--all]

Each mutation changes one operator, constant or statement of lib/ROOM/x.c (or of an x.h that has a
test of its own), compiles that file alone, links it into test_x and test_x_*, and runs them. If one
fails, the mutation is killed; otherwise it survives and is printed as FILE:LINE old -> new. --all
gives a survivor to every quick test of lib/ as well. Mutants are built in a scratch directory from
the objects of build/dev; the sources are never touched."""
import argparse, concurrent.futures, glob, json, os, random, re, shlex, subprocess, tempfile
from pathlib import Path

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = f"{ROOT}/build/dev"
# As in the gate, what reads past an end or leaks is noticed. A mutant may also eat memory.
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
ENVIRONMENT = {**os.environ, "CK_FORK": "no", "ASAN_OPTIONS": "hard_rss_limit_mb=2048"}
SLOW = {"test_pipeline_time", "test_snapshot"}  # seconds each: they run for their own files only
LONGEST_S = 60
# Binary operators have spaces around them in this code; a pointer's * and -> don't.
OPERATORS = [
    (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "), (r" >= ", " > "),
    (r" == ", " != "), (r" != ", " == "), (r" && ", " || "), (r" \|\| ", " && "),
    (r" \+ ", " - "), (r" - ", " + "), (r" \+= ", " -= "), (r" -= ", " += "),
    (r" & ", " | "), (r" \| ", " & "), (r" << ", " >> "), (r" / ", " * "), (r" % ", " + "),
    (r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r"!(?=[a-z(])", ""),
    (r"\bcontinue;", "break;"), (r"\bbreak;", "continue;"),
    (r"(?<![\w.])\d+(?![\w.])", lambda number: str(int(number[0]) + 1)),
    (r"^ +[a-z][^=(]* [-+|&]?= [^;=]*;$", ";"), (r"^ +(?!return)[a-z]\w*\(.*\);$", ";"),
]


def sites_of(path):
    """(path, line number, line, mutated line) for each mutation; not in comments and strings."""
    text = Path(ROOT, path).read_text()
    code = re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                  lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=re.S)
    for number, (line, plain) in enumerate(zip(text.split("\n"), code.split("\n")), 1):
        if re.match(r"#(?!define )|.*(?i:assert)\(", plain):
            continue
        for pattern, new in OPERATORS:
            for at in re.finditer(pattern, plain):
                changed = new if isinstance(new, str) else new(at)
                yield path, number, line, line[:at.start()] + changed + line[at.end():]


def tests_in(*patterns):
    """{test: its source}."""
    return {os.path.basename(t)[:-2]: os.path.relpath(t, ROOT)
            for pattern in patterns for t in sorted(glob.glob(f"{ROOT}/tests/unit/{pattern}.c"))}


def tests_of(path):
    stem = f"{path.split('/')[1]}/test_{os.path.basename(path)[:-2]}"
    return tests_in(stem, f"{stem}_*")


def compilers():
    """{source: the words that compile it}, without warnings, the source and the object."""
    found = {}
    for entry in json.loads(Path(BUILD, "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        words = [word for word in words[:words.index("-o")]
                 if not re.match(r"-W|-g$|(.*/)?ccache$", word)]
        found[os.path.relpath(entry["file"], ROOT)] = [*words, "-w", "-O1", *SANITIZE]
    return found


def run(words, **more):
    """Whether it succeeds in time."""
    try:
        return subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=LONGEST_S, cwd=ROOT, **more).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def build(site, scratch, compile_with):
    """{source: object} that differ from those without the mutation; None where the compiler refuses
    it or makes the same code of it. A header is compiled into its tests."""
    path, number, _, new = site
    copy, kinds = f"{scratch}/{path[4:]}", []
    sources = [path] if path.endswith(".c") else tests_of(path).values()
    os.makedirs(os.path.dirname(copy))
    lines = Path(ROOT, path).read_text().split("\n")
    for line in lines[number - 1], new:
        lines[number - 1] = line
        Path(copy).write_text("\n".join(lines))
        objects = {source: f"{scratch}/{source.replace('/', '-')}.o" for source in sources}
        for source, out in objects.items():
            compiler, *words = compile_with[source]
            file = copy if source == path else f"{ROOT}/{source}"
            if not run([compiler, f"-I{scratch}", *words, "-c", file, "-o", out]):
                return None
        kinds.append([Path(out).read_bytes() for out in objects.values()])
    return objects if kinds[0] != kinds[1] else None


def passes(test, source, objects, scratch):
    own = objects.get(source, f"{BUILD}/CMakeFiles/{test}.dir/{source}.o")
    # The linker takes the mutant and so never looks for its like in the library.
    mutant = [out for name, out in objects.items() if name.startswith("lib/")]
    return (run(["cc", *SANITIZE, "-o", f"{scratch}/{test}", own, *mutant, f"{BUILD}/libcore.a",
                 *"-linih -lpsl -ljansson -lcheck -lsubunit -lm -lrt -pthread".split()]) and
            run([f"{scratch}/{test}"], env=ENVIRONMENT))


def verdict(site, compile_with, others):
    with tempfile.TemporaryDirectory(prefix="relaywatch-mutate-") as scratch:
        objects = build(site, scratch, compile_with)
        if not objects:
            return "nothing"
        tests = {**tests_of(site[0]), **(others if site[0].endswith(".c") else {})}
        alive = all(passes(*test, objects, scratch) for test in tests.items())
        return "survives" if alive else "killed"


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("count", nargs="?", type=int, default=200)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--only", default="", help="files whose path has this in it")
    ap.add_argument("--all", action="store_true")
    args = ap.parse_args()
    files = [os.path.relpath(f, ROOT) for f in sorted(glob.glob(f"{ROOT}/lib/*/*.[ch]"))]
    files = [f for f in files if args.only in f and (f.endswith(".c") or f[:-1] + "c" not in files)]
    sites = [site for f in files if tests_of(f) for site in sites_of(f)]
    random.Random(args.seed).shuffle(sites)
    rooms = os.listdir(f"{ROOT}/lib")
    others = {test: source for test, source in tests_in("*/test_*").items()
              if args.all and test not in SLOW and source.split("/")[2] in rooms}
    compile_with, ends = compilers(), []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        while sites and (missing := args.count - len(ends) + ends.count("nothing")) > 0:
            batch = [sites.pop() for _ in range(min(os.cpu_count(), missing, len(sites)))]
            judged = pool.map(lambda site: verdict(site, compile_with, others), batch)
            for site, end in zip(batch, judged):
                ends.append(end)
                if end == "survives":
                    print(f"{site[0]}:{site[1]} {site[2].strip()} -> {site[3].strip()}", flush=True)
    killed, alive = ends.count("killed"), ends.count("survives")
    print("Not tried, without a test:", *[f for f in files if not tests_of(f)])
    print(f"{killed + alive} mutations (seed {args.seed}): {killed} killed, {alive} survive; "
          f"{ends.count('nothing')} more do not compile or change nothing")


if __name__ == "__main__":
    main()
