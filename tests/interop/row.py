"""One row of the table: something tried with a peer, and what came of it."""
import dataclasses
import re
import time
import traceback

PASS, FAIL, PEER, SKIP = "pass", "FAIL", "peer's fault", "not run"


@dataclasses.dataclass
class Row:
    """`run(lab, pair, folder)` tries it in `folder` and answers with a few words on how it went; what it raises is a failure."""

    group: str
    name: str
    run: object
    peer_fault: tuple = None  # (what they do wrong, a pattern that their log must show): then a failure is theirs
    smoke: bool = False
    slow: bool = False  # takes longer than half a minute, so it begins first


@dataclasses.dataclass
class Result:
    row: Row
    verdict: str
    note: str
    folder: str
    seconds: float


class Skipped(Exception):
    """It could not be tried here, and why."""


def attempt(row, lab, pair, folder):
    """Runs one row. A row that breaks is a row that fails; the others still run."""
    begun = time.monotonic()
    folder.mkdir(parents=True)
    try:
        verdict, note = PASS, row.run(lab, pair, folder) or ""
    except Skipped as why:
        verdict, note = SKIP, str(why)
    except Exception as error:
        (folder / "failure.txt").write_text(traceback.format_exc())
        verdict, note = FAIL, f"{type(error).__name__ if not isinstance(error, AssertionError) else ''} {error}".strip()
        evidence = proof(row, folder)
        if evidence:
            verdict, note = PEER, f"{row.peer_fault[0]} ({evidence})"
    note = " ".join(note.split())[:300]
    return Result(row, verdict, note, folder.name, time.monotonic() - begun)


def proof(row, folder):
    """Where the peer's own log shows its fault: `file:line`, or nothing."""
    if not row.peer_fault:
        return None
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size < 10_000_000):
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            if re.search(row.peer_fault[1], line):
                return f"{file.relative_to(folder)}:{number}"
    return None
