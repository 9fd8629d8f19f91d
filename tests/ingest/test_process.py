"""The parsing process: what it survives, what it may not do, and that it leaves nothing behind."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.parsing.converted import Part
from ingest.parsing.process import ParsingProcess
from knowledge.errors import Unreadable

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def process() -> Iterator[ParsingProcess]:
    made = ParsingProcess("tests.ingest.poison", memory_bytes=400_000_000, cpu_s=1, wall_s=60)
    yield made
    made.close()


def asked(process: ParsingProcess, kind: str, data: bytes = b"words") -> str:
    try:
        return process.convert(kind, [Part("a", data)]).text
    except Unreadable as error:
        return str(error)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("segfault", "the parser died of it (signal 11)"),
        ("exit", "the parser died of it"),
        ("loop", "parsing it took more than 1 s of CPU time"),
        ("memory", "parsing it takes too much memory"),
        ("recursion", "it is nested too deeply"),
        ("error", "it cannot be parsed (KeyError)"),
        ("network", "it cannot be parsed (PermissionError)"),
        ("fork", "it cannot be parsed (PermissionError)"),
        ("program", "it cannot be parsed (PermissionError)"),
        ("write", "it cannot be parsed (PermissionError)"),
    ],
)
def test_in_18_a_parser_that_misbehaves_costs_its_own_file_only(
    process: ParsingProcess, kind: str, reason: str
) -> None:
    assert asked(process, "ordinary") == "words"
    assert asked(process, kind) == reason
    assert asked(process, "ordinary", "Grüße".encode()) == "Grüße"


def test_in_18_a_parser_that_waits_for_ever_is_killed() -> None:
    process = ParsingProcess("tests.ingest.poison", wall_s=0.1)
    assert asked(process, "sleep") == "parsing it took longer than 0.1 s"
    process.close()


def test_what_a_parser_prints_is_no_answer(process: ParsingProcess) -> None:
    assert asked(process, "chatter") == "words"


def test_an_answer_that_is_none_ends_the_child(process: ParsingProcess) -> None:
    assert asked(process, "password").startswith("the parser died of it")
    assert asked(process, "ordinary") == "words"


def test_in_18_others_continue_while_one_hangs_and_is_killed(process: ParsingProcess) -> None:
    said: dict[int, str] = {}
    kinds = ["ordinary", "loop", *["ordinary"] * 5]
    threads = [
        threading.Thread(target=lambda n=n, kind=kind: said.update({n: asked(process, kind)}))
        for n, kind in enumerate(kinds)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said.values()) == sorted(["parsing it took more than 1 s of CPU time", *["words"] * 6])


def test_a_larger_file_may_take_longer(process: ParsingProcess) -> None:
    assert asked(process, "loop", bytes(300_000)) == "parsing it took more than 2 s of CPU time"


def test_the_child_sees_nothing_of_this_programs_environment_and_ends_with_it(tmp_path: Path) -> None:
    program = (
        "from ingest.parsing.process import convert, shared_process\n"
        "from ingest.parsing.converted import Part\n"
        "print(convert('html', [Part('a.html', b'<p>Words</p>')]).text, flush=True)\n"
        "print(shared_process()._child.pid, flush=True)\n"
        "from pathlib import Path\n"
        "print(Path(f'/proc/{shared_process()._child.pid}/environ').read_text().count('TOKEN'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        cwd=ROOT,
        env=os.environ | {"SLACK_BOT_TOKEN": "xoxb"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    words, child, tokens = done.stdout.split()
    assert (words, tokens, done.stderr) == ("Words", "0", "")
    with pytest.raises(ProcessLookupError):
        os.kill(int(child), 0)


def test_the_child_ends_when_this_program_is_killed() -> None:
    program = (
        "from ingest.parsing.process import convert, shared_process\n"
        "from ingest.parsing.converted import Part\n"
        "convert('html', [Part('a.html', b'<p>Words</p>')])\n"
        "import os\n"
        "print(shared_process()._child.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == -9
    for _ in range(500):
        status = Path(f"/proc/{int(done.stdout)}/stat")
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        threading.Event().wait(0.02)
    raise AssertionError("the child goes on")
