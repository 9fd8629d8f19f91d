"""How many planted secrets are found, by kind and place, and how many ordinary lines are taken for one."""

import time
from collections import Counter
from pathlib import Path

from ingest.redaction import redact
from tests.planted import EACH, KINDS, PLACES, ordinary_lines, planted

TEAM = Path(__file__).parents[3] / "shared" / "data" / "team" / "docs"


def main() -> None:
    _finds()
    _alarms()
    if TEAM.is_dir():
        _team()
    else:
        print("the team's documents: not here (../shared/data)")


def _finds() -> None:
    found: Counter[tuple[str, str]] = Counter()
    started = time.perf_counter()
    for one in planted():
        done = redact(one.text)
        found[one.kind.words, one.place] += bool(done.count) and not one.survives(done.text)
    seconds = time.perf_counter() - started
    print("| secret | " + " | ".join(PLACES) + " | all |\n|---|" + "---:|" * (len(PLACES) + 1))
    for kind in KINDS:
        counts = [found[kind.words, place] for place in PLACES]
        share = 100 * sum(counts) / (EACH * len(PLACES))
        shown = " | ".join(f"{count} of {EACH}" for count in counts)
        print(f"| {kind.words}{'' if kind.provider else ' (by its name)'} | {shown} | {share:.1f} % |")
    for what, kinds in (
        ("with a beginning of their own", [kind for kind in KINDS if kind.provider]),
        ("all", list(KINDS)),
    ):
        total = EACH * len(PLACES) * len(kinds)
        count = sum(found[kind.words, place] for kind in kinds for place in PLACES)
        print(f"{what}: {count:,} of {total:,} ({100 * count / total:.2f} %)")
    print(f"in {seconds:.1f} s")


def _alarms() -> None:
    lines, alarms = Counter[str](), Counter[str]()
    for what, line in ordinary_lines():
        lines[what] += 1
        alarms[what] += redact(line).count > 0
    told = ", ".join(f"{what} {count} of {lines[what]}" for what, count in alarms.items() if count)
    print(
        f"ordinary lines of {len(lines)} kinds: {alarms.total()} alarms on {lines.total():,} lines "
        f"({100 * alarms.total() / lines.total():.2f} %){': ' + told if told else ''}"
    )


def _team() -> None:
    lines = alarms = 0
    for path in sorted(path for path in TEAM.rglob("*") if path.is_file()):
        text = path.read_text(encoding="utf-8", errors="replace")
        lines += text.count("\n") + 1
        alarms += len(set(redact(text).lines))
    print(f"the team's documents: {alarms} alarms on {lines:,} lines ({100 * alarms / lines:.3f} %)")


if __name__ == "__main__":
    main()
