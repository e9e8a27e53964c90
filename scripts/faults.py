"""Which fault is made where, and what has to hold then: reads the marks of tests, writes the table of docs/chaos.md.

python -m scripts.faults           write
python -m scripts.faults --check   only say whether the page is what the tests say

A test says which rows of the matrix it makes, in which dose, and which invariants it holds up:
`@pytest.mark.fault("F4 F5", dose="kill -9 while facts are sent", holds="I2 I3")`.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
PAGE = ROOT / "docs" / "chaos.md"
BEGIN, END = "<!-- made by scripts/faults.py -->", "<!-- up to here -->"
MARK = "pytest.mark.fault"

FAULTS = {
    "F1": "kill -9 of each service, between any two steps",
    "F2": "a process frozen and thawed: a zombie",
    "F3": "two relays at once",
    "F4": "the broker killed, gone, and back",
    "F5": "the broker frozen, or slow",
    "F6": "the broker loses its data: topics made anew, offsets lost",
    "F7": "members join and leave while facts are handled",
    "F8": "the network cut, both ways or one, reset, in slices",
    "F9": "the connection cut after COMMIT was sent",
    "F10": "PostgreSQL restarted at once, one database away",
    "F11": "the disk full",
    "F12": "a lock held, the pool exhausted",
    "F13": "an old snapshot held open under load",
    "F14": "a clock that is wrong, or jumps",
    "F15": "every message several times, also late",
    "F16": "messages in another order, also within a key",
    "F17": "poison",
    "F18": "dead letters can't be written",
    "F19": "the card processor misbehaves",
    "F20": "the mail or text provider misbehaves",
    "F21": "a client goes in the middle of a transaction",
    "F22": "a rolling upgrade, old and new facts together",
    "F23": "a whole topic, or the dead letters, once more",
    "F24": "one database restored to an hour ago",
    "F25": "embedded: killed, no power, a second process on the folder",
    "F26": "keys and secrets change in use",
    "F27": "ten times the load, one hot thing",
}

INVARIANTS = {
    "I1": "a change has its one fact, a fact its change",
    "I2": "once all is quiet every fact has been published and taken",
    "I3": "a fact takes effect once per consumer",
    "I4": "versions of a thing are applied 1, 2, 3",
    "I5": "no two bookings overlap on anybody or anything",
    "I6": "every completed session is settled exactly once",
    "I7": "a package's sessions and price add up",
    "I8": "every journal sums to zero",
    "I9": "deferred revenue is the value of what is not redeemed",
    "I10": "the card clearing account agrees with the card processor",
    "I11": "at most one charge per payment command",
    "I12": "stock is the sum of its movements; a session consumes once",
    "I13": "a patient gets each message at most once",
    "I14": "nothing is held beyond its time",
    "I15": "what was acknowledged is there",
    "I16": "the same key gets the same answer and one effect",
    "I17": "nobody sees a location that is not theirs",
    "I18": "the record of facts is whole and its chain verifies",
    "I19": "nothing personal in logs, facts, errors",
    "I20": "after an erasure nothing of that person is left",
    "I21": "the same history gives the same state, embedded or not",
    "I22": "health tells the truth within a minute",
}

NOT_HERE = {
    "F4": "ten minutes down: a listener's pauses reach their longest after 30 s, so nothing new happens after that.",
    "F6": "a topic made anew and filled at once up to where a listener stands: it goes on there; stop it before.",
    "F10": "failover: there is one PostgreSQL, a standby is the operator's.",
    "F13": "a snapshot held open for an hour: too long for a run, and what it costs is a matter of benchmarks.",
    "F14": "new zone rules under a running chain: their edition is kept with each visit, nothing follows it yet.",
    "F15": "eight days later: marks of the inbox stay for 60 days; what comes after that meets natural keys.",
    "F17": "a fact of another tenant: a chain has its own topics, there are no tenants.",
    "F19": "card payments are recorded, not made: there is no processor to misbehave.",
    "F24": "nothing compares two databases yet: facts are told again from the outboxes (docs/operations.md).",
    "F25": "power loss: what the disk had not written can't be taken away from it without a device of our own.",
    "F26": "a database password changed in use: roles of the processes here have none.",
}
"""What of a row is not made, and why."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A test that makes a fault."""

    faults: tuple[str, ...]
    dose: str
    holds: tuple[str, ...]
    path: str
    test: str

    @property
    def run_by(self) -> str:
        storey = Path(self.path).parts[1]
        return {"chaos": "`make chaos`", "compose": "`make test-docker`"}.get(storey, "`make test`")


def proofs(tests: Path = TESTS) -> list[Proof]:
    """All of them, by where they stand."""
    return [proof for path in sorted(tests.rglob("test_*.py")) for proof in _proofs_in(path, tests.parent)]


def _proofs_in(path: Path, root: Path) -> Iterator[Proof]:
    source = path.read_text("utf-8")
    if MARK not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            marks = filter(_is_mark, node.decorator_list)
            yield from (_proof(mark, str(path.relative_to(root)), node.name) for mark in marks)


def _is_mark(decorator: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == MARK


def _proof(call: ast.Call, path: str, test: str) -> Proof:
    told = {each.arg: ast.literal_eval(each.value) for each in call.keywords}
    (faults,) = map(ast.literal_eval, call.args)
    return Proof(tuple(faults.split()), told["dose"], tuple(told["holds"].split()), path, test)


def unknown(found: list[Proof]) -> Iterator[str]:
    """Numbers that the matrix does not have, and rows of it that nobody makes and nobody excuses."""
    for proof in found:
        for number in (*proof.faults, *proof.holds):
            if number not in FAULTS | INVARIANTS:
                yield f"{proof.path} {proof.test}: there is no {number}"
    made = {number for proof in found for number in proof.faults}
    yield from (f"{number} is neither made nor excused" for number in FAULTS if number not in made | NOT_HERE.keys())


def table(found: list[Proof]) -> str:
    """The matrix in Markdown, and what its numbers mean."""
    lines = ["| fault | dose | holds | test | run by |", "|---|---|---|---|---|"]
    for number, what in FAULTS.items():
        rows = [_row(proof) for proof in found if number in proof.faults]
        if number in NOT_HERE:
            rows.append(f"not made: {NOT_HERE[number]} | | |")
        lines += [f"| {f'**{number}** {what}' if not index else ''} | {row} |" for index, row in enumerate(rows)]
    held = {number for proof in found for number in proof.holds}
    lines += ["", "| | what holds |", "|---|---|"]
    lines += [
        f"| {number} | {what}{'' if number in held else ' (no fault here is about it)'} |"
        for number, what in INVARIANTS.items()
    ]
    return "\n".join(lines)


def _row(proof: Proof) -> str:
    return f"{proof.dose} | {' '.join(proof.holds)} | `{proof.path}` `{proof.test}` | {proof.run_by}"


def page(written: str, found: list[Proof]) -> str:
    """The page with the table as it should be; the words around it are left as they are."""
    before, _, rest = written.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(found)}\n{END}{after}"


def main() -> None:
    found = proofs()
    if wrong := list(unknown(found)):
        sys.exit("\n".join(wrong))
    written = PAGE.read_text("utf-8")
    wanted = page(written, found)
    if wanted == written:
        return
    if "--check" in sys.argv:
        sys.exit("docs/chaos.md is not what the tests say. Run: python -m scripts.faults")
    PAGE.write_text(wanted, "utf-8")


if __name__ == "__main__":
    main()
