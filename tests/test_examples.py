"""The example team's pages, runs and workspace hold together; every number quoted from a run is logged."""

import csv
import json
import re
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import nbformat
import pytest
import yaml

from bot.workspace.description import Description
from bot.workspace.team import Team
from ingest.parsing.frontmatter import split_front_matter
from ingest.readers import KINDS
from ingest.redaction import redact
from ingest.source_tables import source_from_table
from knowledge.audience import Audience

EXAMPLES = Path(__file__).parents[1] / "examples"
SEEDS = ("digits-mlp-wide", *(f"digits-mlp-wide-s{seed}" for seed in (1, 2, 3, 4)))
RUN_NAME = re.compile(r"(?<![\w./-])((?:digits|wine|cancer|diabetes)-[a-z0-9.-]*[a-z0-9])(?![\w…-])")
FOUR_DECIMALS = re.compile(r"(?<![\d.])\d+\.\d{4}(?!\d)")
LINKS = (
    re.compile(r"\]\(([^)\s]+)\)"),
    re.compile(r'href="([^"]+)"'),
    re.compile(r"`[^`<]+<([^>]+)>`_"),
)


def pages() -> list[Path]:
    found = [path for folder in ("wiki", "practices", "private") for path in (EXAMPLES / folder).rglob("*")]
    return sorted(path for path in found if path.is_file())


def markdown_pages() -> list[Path]:
    return [path for path in pages() if path.suffix == ".md"]


def name(path: Path) -> str:
    return path.relative_to(EXAMPLES).as_posix()


def text_of(path: Path) -> str:
    """What a person reads of a page; of a notebook, its cells and their outputs."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = nbformat.reads(text, as_version=4).cells
    outputs = (output.text for cell in cells for output in cell.get("outputs", ()))
    return "\n".join([*(cell.source for cell in cells), *outputs])


@cache
def logged(run: str) -> tuple[dict[str, object], tuple[dict[str, float], ...]]:
    """A run's record and history, as its folder has them."""
    folder = EXAMPLES / "runs" / run
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    if (folder / "metrics.jsonl").exists():
        lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        return record, tuple(json.loads(line) for line in lines)
    if (folder / "metrics.csv").exists():
        with (folder / "metrics.csv").open(encoding="utf-8", newline="") as file:
            rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
        return record, tuple(rows)
    return record, ()


@cache
def values(run: str) -> frozenset[str]:
    """Every value that a run logged, written with four decimals."""
    record, history = logged(run)
    rows = [record["metrics"], *history]
    return frozenset(f"{value:.4f}" for row in rows for value in row.values())  # type: ignore[attr-defined]


def runs() -> list[str]:
    return sorted(path.name for path in (EXAMPLES / "runs").iterdir())


def quoted_lines() -> Iterator[tuple[str, str]]:
    """Each line of each page that holds a number with four decimals."""
    for path in pages():
        for line in text_of(path).splitlines():
            if FOUR_DECIMALS.search(line):
                yield name(path), line


def derived_values() -> set[str]:
    """What pages work out from several runs: mean and spread of the seeds, and the gain over the baseline."""
    accuracy = [logged(run)[0]["metrics"]["test_accuracy"] for run in SEEDS]  # type: ignore[index]
    baseline = logged("digits-logreg-baseline")[0]["metrics"]["test_accuracy"]  # type: ignore[index]
    mean = statistics.mean(accuracy)
    sample = 1 / 360
    return {f"{number:.4f}" for number in (mean, statistics.stdev(accuracy), mean - baseline, sample)}


@pytest.mark.parametrize("path", markdown_pages(), ids=name)
def test_front_matter_is_complete(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    front = split_front_matter(text)
    assert front.title
    assert front.notes == ()
    assert front.updated_at is not None
    assert front.updated_at < datetime(2026, 11, 20, tzinfo=UTC)
    assert text[front.body_start :].lstrip().startswith(f"# {front.title}\n")
    assert yaml.safe_load(text.split("---\n")[1])["tags"]
    assert (front.status == "deprecated") == (front.superseded_by is not None)
    if front.superseded_by:
        assert (path.parent / front.superseded_by).is_file()


def test_every_owner_works_here() -> None:
    people = Description.from_toml(EXAMPLES / "workspace.toml").people
    known = {person.email for person in people if not (person.is_guest or person.is_stranger)}
    for path in pages():
        owners = set(re.findall(r"\S+@[\w.-]+\.example", text_of(path)))
        assert {owner.removeprefix('content="') for owner in owners} <= known, name(path)
    for path in markdown_pages():
        assert split_front_matter(path.read_text(encoding="utf-8")).owner in known, name(path)
    assert {logged(run)[0]["owner"] for run in runs()} <= known


@pytest.mark.parametrize("path", pages(), ids=name)
def test_every_internal_link_resolves(path: Path) -> None:
    found = [link for pattern in LINKS for link in pattern.findall(text_of(path))]
    internal = [link for link in found if not link.startswith(("http://", "https://"))]
    broken = [link for link in internal if not (path.parent / link.split("#")[0]).is_file()]
    assert broken == []


def test_no_page_is_an_island_and_public_pages_do_not_link_to_private_ones() -> None:
    linked: set[Path] = set()
    for path in pages():
        for pattern in LINKS:
            for link in pattern.findall(text_of(path)):
                target = (path.parent / link).resolve()
                linked.add(target)
                assert path.parent.name == "private" or target.parent.name != "private"
    read = [path for path in pages() if path.parent.name != "private"]
    assert [path.name for path in read if path.resolve() not in linked] == []


def test_nothing_looks_like_a_secret() -> None:
    files = [path for path in [*pages(), *(EXAMPLES / "runs").rglob("*.*")] if path.is_file()]
    changed = [
        name(path) for path in files if redact(path.read_text("utf-8")).text != path.read_text("utf-8")
    ]
    assert changed == []


def test_every_run_that_a_page_names_is_logged() -> None:
    for path in pages():
        for line in text_of(path).splitlines():
            quoted = [run for code in re.findall(r"`+([^`]+)`+", line) for run in RUN_NAME.findall(code)]
            assert set(quoted) <= set(runs()) or "| bad:" in line, (name(path), line)


def test_every_number_with_four_decimals_is_one_that_was_logged() -> None:
    allowed = set().union(*(values(run) for run in runs())) | derived_values()
    for page, line in quoted_lines():
        assert set(FOUR_DECIMALS.findall(line)) <= allowed, (page, line)


def test_table_rows_quote_the_very_run_that_they_name() -> None:
    checked = 0
    for page, line in quoted_lines():
        named = [run for run in RUN_NAME.findall(line) if run in runs()]
        if named and line.startswith(("|", "``", "digits-")):
            own = set().union(*(values(run) for run in named))
            assert set(FOUR_DECIMALS.findall(line)) <= own | derived_values(), (page, line)
            checked += 1
    assert checked >= 25


def test_notes_of_runs_quote_their_own_numbers() -> None:
    for run in runs():
        assert set(FOUR_DECIMALS.findall(str(logged(run)[0]["notes"]))) <= values(run), run


def test_the_runs_are_various_and_small() -> None:
    records = [logged(run)[0] for run in runs()]
    assert len(records) >= 12
    assert [record["name"] for record in records] == runs()
    assert [record["name"] for record in records if record["status"] == "failed"] == [
        "digits-mlp-wide-sgd-lr5"
    ]
    sweep = [record for record in records if "sweep:ridge-alpha" in record["tags"]]  # type: ignore[operator]
    assert len(sweep) == 5
    for record in records:
        assert set(record["direction"]) == set(record["metrics"])  # type: ignore[call-overload]
        links = record["links"]
        assert all((EXAMPLES / link).is_file() for link in links), record["name"]  # type: ignore[attr-defined]
    files = [path for path in (EXAMPLES / "runs").rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"run.json", "config.yaml", "metrics.csv", "metrics.jsonl"}
    assert sum(path.stat().st_size for path in files) < 300_000


def test_training_again_gives_the_logged_numbers(tmp_path: Path) -> None:
    exact = ("wine-knn-raw", "cancer-logreg", "diabetes-ridge-a0.1", "digits-knn-shift")
    close = "digits-mlp-small"
    script = str(EXAMPLES / "train.py")
    subprocess.run([sys.executable, script, *exact, close, "--into", str(tmp_path)], check=True, timeout=120)
    for run in (*exact, close):
        again = json.loads((tmp_path / run / "run.json").read_text(encoding="utf-8"))
        before = logged(run)[0]
        tolerance = 0.012 if run == close else 0.0002  # up to four of the 360 glyphs on another CPU
        assert again.pop("metrics") == pytest.approx(before["metrics"], abs=tolerance)
        if run != close:
            assert again == {key: value for key, value in before.items() if key != "metrics"}
    history = (tmp_path / close / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(history) == len(logged(close)[1]) == 40


def test_an_unknown_run_is_refused_by_name() -> None:
    script = str(EXAMPLES / "train.py")
    said = subprocess.run(
        [sys.executable, script, "digits-nothing"], capture_output=True, text=True, timeout=60
    )
    assert said.returncode == 2
    assert "no run is called digits-nothing" in said.stderr


def test_the_notebook_prints_what_it_shows() -> None:
    notebook = nbformat.read(EXAMPLES / "practices" / "error-analysis.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    script = "\nprint('=====')\n".join(cell.source for cell in code)
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=EXAMPLES, capture_output=True, text=True, timeout=120, check=True
    ).stdout
    shown = "=====\n".join("".join(output.text for output in cell.outputs) for cell in code)
    assert said.splitlines()[0][:16] == shown.splitlines()[0][:16]
    numbers = [[float(n) for n in re.findall(r"\d+\.\d+", text)][:1] for text in (said, shown)]
    assert numbers[0] == pytest.approx(numbers[1], abs=0.012)


def test_lore_toml_lists_four_sources_and_only_the_leads_read_private_pages() -> None:
    tables = tomllib.loads((EXAMPLES / "lore.toml").read_text(encoding="utf-8"))["sources"]
    listed = [source_from_table(table, EXAMPLES, KINDS, {}) for table in tables]
    sources = {source.name: source for source in listed}
    assert sorted(sources) == ["practices", "private", "runs", "wiki"]
    assert all(source.path.is_dir() for source in sources.values())
    assert sources["private"].audience == Audience(principals=frozenset({"#leads"}))
    assert all(source.audience.everyone for key, source in sources.items() if key != "private")


def test_the_workspace_can_be_built_and_has_every_kind_of_place_and_person() -> None:
    team = Team(Description.from_toml(EXAMPLES / "workspace.toml"))
    people = [person for person in team.people.values() if not person.is_bot]
    assert len({person.tz for person in people}) >= 6
    assert any(person.is_admin for person in people)
    assert any(person.is_guest for person in people)
    assert team.channel("#leads").private
    assert team.channel("#harbour-clinics").is_ext_shared
    leads = {team.people[member].name for member in team.channel("#leads").people}
    assert leads == {"mira", "jonas", "lore"}


def test_the_questions_are_answered_by_the_documents_that_they_name() -> None:
    lines = (EXAMPLES / "eval" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line) for line in lines]
    assert len({question["id"] for question in questions}) == len(questions) >= 25
    assert sum(not question["answerable"] for question in questions) == 6
    for question in questions:
        assert bool(question["expected"]) == bool(question["answers"]) == question["answerable"]
        held = ""
        for expected in question["expected"]:
            path = EXAMPLES / expected
            files = sorted(path.iterdir()) if path.is_dir() else [path]
            held += "\n".join(text_of(file) for file in files)
        assert all(answer in held for answer in question["answers"]), question
