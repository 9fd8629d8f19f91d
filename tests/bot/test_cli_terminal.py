"""The command line on a real terminal: bars while a sync goes on, and Ctrl-C that loses nothing."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

from tests.bot.test_cli import printed

COLUMNS = 80
STEPS = """
import time
LONG = "The wiki of the whole research department"
from bot.cli.output import progress
from ingest.report import Progress
told = [
    Progress("list", 60, source=LONG), Progress("fetch", 1, 9, source=LONG),
    Progress("fetch", 5, 5, source="mlflow"), Progress("list", 0, 3), Progress("list", 20, source="runs"),
    Progress("list", 2, 3), Progress("read", 0, 1500), Progress("read", 700, 1500, 12_345),
    Progress("read", 1400, 1500, 123_456), Progress("publish", 0, 1, 123_456), Progress("check", 3, 4),
]
with progress(quiet=False) as on_progress:
    for one in told:
        on_progress(one)
        time.sleep(0.25)
print("done")
"""
_OF_A_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
_ESCAPE = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])|\r\n|\r|\n|[^\x1b]")


class Terminal:
    """A command on a terminal of its own; `written` is all that it wrote."""

    def __init__(self, *command: str, environment: Mapping[str, str] = os.environ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", 30, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-c", _OF_A_TERMINAL, sys.executable, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**environment, "TERM": "xterm-256color", "PYTHONUTF8": "1"},
        )
        os.close(theirs)
        self.written = ""

    def until(self, words: str) -> None:
        """Wait until something is written, or until the command ends."""
        while words not in self.written and self._more():
            pass

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def ended(self) -> int:
        """Its exit code, once it has ended."""
        while self._more():
            pass
        os.close(self._ours)
        return self._process.wait(timeout=60)

    def _more(self) -> bool:
        try:
            block = os.read(self._ours, 65536)
        except OSError:  # what Linux says when the other side is closed
            return False
        self.written += block.decode("utf-8", "replace")
        return bool(block)

    def screens(self) -> list[str]:
        """What could be seen, one after the other, without colours."""
        rows: list[list[str]] = [[]]
        seen: list[str] = []
        row = column = 0
        for found in _ESCAPE.finditer(self.written):
            if found[0] in ("\r", "\n", "\r\n") or found[2] == "A":
                screen = "\n".join("".join(line).rstrip() for line in rows).rstrip()
                seen += [screen] if seen[-1:] != [screen] else []
            if found[0] in ("\r", "\r\n"):
                column = 0
            if found[0] in ("\n", "\r\n"):
                row += 1
                rows += [[] for _ in range(len(rows), row + 1)]
            elif found[2] == "A":
                row = max(0, row - int(found[1] or 1))
            elif found[2] == "K":
                rows[row] = []
            elif found[2] is None and found[0] != "\r":
                rows[row] = [*rows[row][:column], *[" "] * (column - len(rows[row])), found[0]]
                column += 1
        return [*seen, "\n".join("".join(line).rstrip() for line in rows).rstrip()]


def test_bars_show_what_is_done_now_and_how_long_it_takes() -> None:
    terminal = Terminal("-c", STEPS)
    assert terminal.ended() == 0
    screens = terminal.screens()
    assert all(len(line) <= COLUMNS for screen in screens for line in screen.split("\n"))
    beside = next(one for one in screens if "mlflow: fetching" in one)
    assert [line.split("━")[0].strip() for line in beside.split("\n")] == [
        "The wiki of the whole research …",
        "mlflow: fetching",
    ]
    looking = [one for one in screens if "looking" in one][-1]
    assert re.fullmatch(r"looking +[━╸╺]+ 2/3 .*", looking), "what came before it is over"
    reading = [one for one in screens if "reading" in one][-1]
    assert re.fullmatch(r"reading +[━╸╺]+ 1400/1500 +[\d,.]+/s 0:00:\d\d 123,456 chunks embedded", reading)
    assert re.match(r"checking +[━╸╺]+ 3/4", [one for one in screens if "checking" in one][-1])
    assert screens[-1] == "done", "the bars are gone at the end"


def test_op07_ctrl_c_ends_a_sync_where_nothing_is_lost(tmp_path: Path) -> None:
    for number in range(40):
        page = tmp_path / "pages" / f"{number}.md"
        page.parent.mkdir(exist_ok=True)
        page.write_text(f"# Page {number}\n\nRun {number} used a rate of {number}e-4.\n")
    (tmp_path / "lore.toml").write_text(
        '[[sources]]\nkind = "folder"\nname = "wiki"\npath = "pages"\naudience = "everyone"\n'
    )
    team = {"LORE_CONFIG": str(tmp_path / "lore.toml"), "LORE_DATA_DIR": str(tmp_path / "data")}
    terminal = Terminal("-m", "bot.cli", "sync", environment={**os.environ, **team})
    terminal.until("looking")
    terminal.type("\x03")
    assert terminal.ended() == 130
    assert "stopping; what is published stays as it is (Ctrl-C again: at once)" in terminal.written
    assert terminal.screens()[-1].endswith("the sync was cancelled; what was published before stays")
    assert "Traceback" not in terminal.written
    assert printed(team, "sources", "history", "--json")["versions"] == []
    plans = {one["name"]: one for one in printed(team, "sync", "--dry-run", "--json")["sources"]}
    assert len(plans["wiki"]["add"]) == 40, "the next one can do it all"
