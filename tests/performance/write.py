#!/usr/bin/env python3
"""Writes docs/performance.md: what the tests have counted, and what the library takes.

write.py NUMBERS LIBRARY OUT; NUMBERS: a folder with screens.md and moments.md, lines of tables; LIBRARY: with its symbols.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

# C and assembler bear no crate's name.
OF_C = [
    (re.compile(r"sqlite3|^(vdbe|btree|pager|wal)"), "SQLite (C)"),
    (re.compile(r"^_?(opus|celt|silk|ec_|clt_|quant_|alg_|comb_|compute_|haar|kiss|mdct|pitch_|resampl)"), "Opus (C)"),
    (re.compile(r"ring_core|^(ecp_|p256|p384|bn_|aes|vpaes|bsaes|gcm_|ghash|chacha|poly1305|sha\d|x25519|fe_|ge_|LIMB|k25519|Ring)"), "ring (C and assembler)"),
    (re.compile(r"uniffi"), "uniffi"),
]
CRATE = re.compile(r"(?<![:\w])([a-z_][a-z0-9_]*)(?:\[[0-9a-f]+\])?::")
STANDARD = {"core", "alloc", "std", "hashbrown", "compiler_builtins"}
MOST = 20
BUILDS = {"release": "as it ships", "debug": "built as for the tests (ours at level 1, others at 2, nothing across crates: larger than what ships)"}
CRATES = {name.replace("-", "_") for name in re.findall(r'^name = "(.+)"$', Path("Cargo.lock").read_text(), re.MULTILINE)}


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def crate(symbol: str) -> str:
    """Whose a symbol is: of generic code, whose type it is made for."""
    named = CRATE.findall(symbol)
    of_crates = [name for name in named if name in CRATES]
    if of_crates:
        return of_crates[0]
    if STANDARD.intersection(named):
        return "Rust's standard library"
    return next((name for like, name in OF_C if like.search(symbol)), "without a name of their own")


def by_crate(library: str) -> Counter[str]:
    sizes: Counter[str] = Counter()
    for line in output("nm", "--print-size", "--demangle", "--defined-only", library).splitlines():
        parts = line.split(maxsplit=3)
        if len(parts) == 4 and parts[2].lower() in "trdwvu":
            sizes[crate(parts[3])] += int(parts[1], 16)
    return sizes


def stripped(library: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "stripped")
        subprocess.run(["strip", "--strip-unneeded", "-o", copy, library], check=True)
        return os.path.getsize(copy)


def kilobytes(octets: int) -> str:
    return f"{octets / 1000:,.0f}"


def main() -> None:
    numbers, library, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    target = re.search(r"host: (\S+)", output("rustc", "-vV"))
    crates = by_crate(library)
    rows = "\n".join(f"| {name} | {kilobytes(size)} |" for name, size in crates.most_common(MOST))
    rest = sum(crates.values()) - sum(size for _, size in crates.most_common(MOST))
    out.write_text(
        f"""# What the app and its core take

Written by `./x performance`; do not edit. Tests hold how many calls there are, at most one more; octets hang on what is in them, speed and sizes on
the machine at hand.

## Across the facade

Each call of the library that the app makes until it is at rest: on the real core, with a real server, 300 contacts, a call in the history. *There*
and *back*: octets as the bindings write them. The streams of states (status, calls, people) come by themselves and are not among them.

| Screen | Calls | There | Back | Which |
|---|---|---|---|---|
{(numbers / "screens.md").read_text().rstrip()}

One question for a page of contacts, whatever is in it; none while nothing happens (`NumbersTest` in `android/app`). Of 5,000 contacts no more than
a page is asked about at a time, and no more than 100 rows are there (`PeopleTest`).

## Moments

Fetched by Kotlin as they come, 200 at a time, none lost (`NumbersTest` in `android/core`). Moments that nobody fetches become one that says how many
are gone; with 10,000 of them memory stays where it was (`ContractTest`, and `cargo test -p cooee-uniffi --test memory`).

| Moments | A second |
|---|---|
{(numbers / "moments.md").read_text().rstrip()}

## The library

`libcooee_uniffi` for {target.group(1) if target else "this machine"}, {BUILDS[Path(library).parent.name]}, stripped: **{kilobytes(stripped(library))} kB**.
For Android's processors it is another figure, which needs an NDK: this shows what takes it. What has no name of a crate is C, assembler and constants;
beyond the table there are what unwinding and loading need.

| Crate | kB |
|---|---|
{rows}
| all others | {kilobytes(rest)} |
"""
    )


if __name__ == "__main__":
    main()
