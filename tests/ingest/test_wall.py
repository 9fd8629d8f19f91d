"""The kernel's wall around the parsing process, and what is said where there is none."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.doctor import parsing_finding
from ingest.parsing import wall
from ingest.parsing.converted import Part
from ingest.parsing.process import ParsingProcess, why_no_wall
from knowledge.errors import Unreadable

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("kind", "without"),
    [
        ("native network", "it cannot be parsed (ConnectionRefusedError)"),
        ("native program", "the parser died of it"),
    ],
)
def test_in_18_native_code_gets_no_socket_and_no_program_or_doctor_says_so(kind: str, without: str) -> None:
    process = ParsingProcess("tests.ingest.poison")
    with pytest.raises(Unreadable) as told:
        process.convert(kind, [])
    assert process.convert("ordinary", [Part("a", b"words")]).text == "words"
    process.close()
    found = parsing_finding()
    assert found.well
    assert str(told.value) == (without if found.lacks else "it cannot be parsed (PermissionError)")


def test_in_18_where_the_kernel_refuses_the_wall_files_are_read_and_doctor_says_so() -> None:
    """The program below has itself refused `prctl`, and with it every further wall of what it starts."""
    program = (
        "import os\n"
        "from bot.cli.doctor import parsing_finding\n"
        "from ingest.parsing import wall\n"
        "from ingest.parsing.converted import Part\n"
        "from ingest.parsing.process import convert\n"
        "prctl = {'x86_64': 157, 'aarch64': 167}\n"
        "for machine, (mark, _) in wall.MACHINES.items():\n"
        "    wall.MACHINES[machine] = mark, (prctl[machine],)\n"
        "wall.build()\n"
        "print(convert('html', [Part('a.html', b'<p>Words</p>')]).text)\n"
        "print(parsing_finding().mark, parsing_finding().said)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    words, said = done.stdout.splitlines()
    assert words == "Words"
    why = why_no_wall() or "the kernel refuses it (Operation not permitted)"
    assert said.startswith(f"lack the kernel has no wall around the process that parses files ({why})")


def test_a_machine_whose_calls_are_not_known_has_no_wall_and_stays_as_it_is() -> None:
    assert wall.build("riscv64") in ("none is known for riscv64", "only Linux has one")
    socket.socket().close()
