"""Three real places with something to know in each: an MLflow server, a MediaWiki, and a wiki in Git.

`python -m tests.places.three FOLDER` keeps them running, with a lore.toml for them in the folder.
"""

import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.places.mediawiki import real_wiki, why_not
from tests.places.tracking import Mlflow, mlflow_server

TEAM = """[[sources]]
name = "tracking"
kind = "mlflow"
address = "{mlflow}"
private_network = true
audience = "everyone"

[[sources]]
name = "wiki"
kind = "mediawiki"
address = "{mediawiki}"
private_network = true
audience = "everyone"

[[sources]]
name = "handbook"
kind = "git"
repository = "file://{git}"
audience = "everyone"
"""
QUESTIONS: Mapping[str, tuple[str, str]] = {
    "What removed the loss spike at step 1200?": ("tracking", "warm-up of 2000 steps"),
    "Who decides which GPU node a training run may use?": ("wiki", "Ines"),
    "How long are raw scans kept before they are deleted?": ("handbook", "90 days"),
}
"""What one may ask then: each with the source that answers it and words of the answer."""


@contextmanager
def wiki_and_handbook(folder: Path, mlflow: Mlflow) -> Iterator[Path]:
    """The other two places beside an MLflow server; gives the path of a lore.toml for all three."""
    handbook = made_handbook(folder / "handbook")
    with real_wiki(folder / "mediawiki") as wiki:
        wiki.put("GPU nodes", "Ines decides which GPU node a training run may use. Ask her before Monday.")
        config = folder / "lore.toml"
        config.write_text(TEAM.format(mlflow=mlflow.address, mediawiki=wiki.address, git=handbook))
        yield config


def made_handbook(folder: Path) -> Path:
    """A repository of one page."""
    folder.mkdir(parents=True)
    (folder / "retention.md").write_text(
        "# Retention of scans\n\nRaw scans are kept for 90 days before they are deleted from the boxes.\n"
    )
    said = ("-c", "user.name=Ada", "-c", "user.email=ada@tern.example", "-c", "init.defaultBranch=main")
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "How long scans stay")):
        subprocess.run(["git", *said, *words], cwd=folder, check=True, capture_output=True)
    return folder


def main(folder: Path) -> None:
    if lacking := why_not():
        sys.exit(lacking)
    folder.mkdir(parents=True, exist_ok=True)
    with mlflow_server(folder) as mlflow, wiki_and_handbook(folder, mlflow) as config:
        print("The three places run until you press Ctrl-C. In another terminal:\n")
        print(f"  export LORE_CONFIG={config}")
        print("  .venv/bin/lore sync")
        for question in QUESTIONS:
            print(f'  .venv/bin/lore ask "{question}"')
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
