"""Which files of a folder belong to one run: by what trackers and trainers leave behind, and where."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ingest.parsing.run_fields import RUN_STEMS
from ingest.readers.files import Found

LOGS = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".yaml", ".yml")
NOTES = (".md", ".markdown", ".txt", ".rst")
NOTE_STEMS = ("notes", "note", "readme", "description", "conclusion", "conclusions", "report", "log")
HIDDEN_FOLDERS = frozenset((".hydra",))

_CHECKPOINT = re.compile(r"(?:checkpoint|ckpt)s?|(?:checkpoint|ckpt|global_?step)[-_]?\d+", re.IGNORECASE)
_NUMBERED = re.compile(r"checkpoint-(\d{1,12})")
_WANDB_RUN = re.compile(r"(?:offline-)?run-\d{8}_\d{6}-[\w.-]+")
_VERSION = re.compile(r"version_\d+")
_REGISTERED = re.compile(r"version-\d+")
# Folders that a writer makes within one run: splits, and the times at which hyperparameters were written.
_WITHIN = re.compile(
    r"(?:train(?:ing)?|val(?:id(?:ation)?)?|test|eval(?:uation)?|\d{9,}[\d.]*)", re.IGNORECASE
)
_LOGGER = re.compile(
    r"(?:runs?|logs?|tb|tensorboard(?:_logs?)?|lightning_logs|csv(?:_logs)?|events?|summar(?:y|ies))",
    re.IGNORECASE,
)
_OF_MODELS = re.compile(
    r"tokenizer|vocab|merges|special_tokens|added_tokens|generation_config|preprocessor|processor_config"
    r"|\.index$|adapter_config|scheduler_config|modules$|sentence_bert_config",
    re.IGNORECASE,
)
_NOT_RUNS = ("multirun.yaml", "meta.yaml")

Parts = tuple[str, ...]


@dataclass(slots=True)
class RunFiles:
    """The files of one run. `root` is its folder, None where a single file is the run; `about` are files
    outside it that tell of it."""

    root: Parts | None
    files: list[Found] = field(default_factory=list)
    about: list[Found] = field(default_factory=list)


def grouped(found: Iterable[Found]) -> list[RunFiles]:
    """Runs in the order of their first files; files that say nothing of a run are left out."""
    files = list(found)
    roots = _roots(files)
    by_folder: dict[Parts, list[Found]] = {}
    for file in files:
        by_folder.setdefault(file.parts[:-1], []).append(file)
    stores = {root[:-2] for root, kind in roots.items() if kind == "mlflow"}
    runs: dict[Parts, RunFiles] = {}
    for folder, inside in by_folder.items():
        root = _root_of(folder, roots)
        if root is not None:
            run = runs.setdefault(root, RunFiles(root))
            run.files += [file for file in inside if _is_read(file, root, roots[root])]
        elif _is_checkpoint(folder) or _is_of_a_store(folder, inside, stores):
            continue
        elif folder and any(_names_a_run(file) for file in inside):
            runs[folder] = RunFiles(folder, [file for file in inside if _ending(file) in (*LOGS, *NOTES)])
        else:
            for file in inside:
                if _ending(file) in LOGS and file.parts[-1] not in _NOT_RUNS:
                    runs[file.parts] = RunFiles(None, [file])
    for root, run in runs.items():
        kind = roots.get(root)
        if kind == "trainer":
            run.files = _newest_state(run.files)
        if kind == "mlflow":
            above = by_folder.get(root[:-1], [])
            run.about = [file for file in above if file.parts[-1] == "meta.yaml"]
    return [run for run in runs.values() if run.files]


def is_event_file(file: Found) -> bool:
    return "tfevents" in file.parts[-1]


def _roots(files: list[Found]) -> dict[Parts, str]:
    """The folder of each run that a tracker or trainer wrote, with the name of its layout."""
    marked: dict[Parts, str] = {}
    events: set[Parts] = set()
    plain = {file.parts[:-1] for file in files if _names_a_run(file)}
    metas = {file.parts[:-1] for file in files if file.parts[-1] == "meta.yaml"}
    for file in files:
        folder, name = file.parts[:-1], file.parts[-1]
        last = folder[-1] if folder else ""
        if name == "trainer_state.json":
            marked[folder[:-1] if _NUMBERED.fullmatch(last) else folder] = "trainer"
        elif last == ".hydra" and name.endswith(".yaml"):
            marked.setdefault(folder[:-1], "hydra")
        elif name.endswith(".wandb") and folder:
            marked.setdefault(folder, "wandb")
        elif last == "files" and len(folder) > 1 and _WANDB_RUN.fullmatch(folder[-2]):
            marked.setdefault(folder[:-1], "wandb")
        elif is_event_file(file) and not _is_checkpoint(folder):
            events.add(_without_splits(folder))
        elif _VERSION.fullmatch(last) and name in ("metrics.csv", "hparams.yaml"):
            marked.setdefault(folder, "lightning")
    for folder in metas:
        if folder and folder[:-1] in metas and not _REGISTERED.fullmatch(folder[-1]):
            marked[folder] = "mlflow"
    roots = {folder: kind for folder, kind in marked.items() if not _is_part_of_another(folder, marked)}
    for folder in sorted(events):
        if _root_of(folder, roots) is None:
            roots.setdefault(_beside_a_config(folder, plain), "events")
    return roots


def _beside_a_config(folder: Parts, plain: set[Parts]) -> Parts:
    """The folder above whose configuration event files belong to; their own where there is none."""
    place = folder
    while place and place not in plain and (_LOGGER.fullmatch(place[-1]) or _VERSION.fullmatch(place[-1])):
        place = place[:-1]
    return place if place and place in plain else folder


def _is_part_of_another(folder: Parts, marked: Mapping[Parts, str]) -> bool:
    """Whether a run of another layout holds this folder: its logger, not a run of its own."""
    return any(
        folder[:depth] in marked and marked[folder[:depth]] != marked[folder] for depth in range(len(folder))
    )


def _without_splits(folder: Parts) -> Parts:
    while len(folder) > 1 and _WITHIN.fullmatch(folder[-1]):
        folder = folder[:-1]
    return folder


def _root_of(folder: Parts, roots: Mapping[Parts, str]) -> Parts | None:
    """The nearest run that holds a folder. What lies below a run of event files is its own."""
    for depth in range(len(folder), -1, -1):
        root = folder[:depth]
        if root not in roots:
            continue
        below = folder[depth:]
        if roots[root] == "events" and not all(
            any(pattern.fullmatch(name) for pattern in (_WITHIN, _LOGGER, _VERSION, _CHECKPOINT))
            for name in below
        ):
            return None
        return root
    return None


def _is_read(file: Found, root: Parts, kind: str) -> bool:
    below, name = file.parts[len(root) : -1], file.parts[-1]
    stem = PurePosixPath(name).stem.lower()
    if kind == "trainer" and name == "trainer_state.json":
        return True
    if _is_checkpoint(below):
        return False
    if is_event_file(file):
        return kind != "trainer"
    if kind == "mlflow":
        return _is_of_mlflow(below, name)
    if kind == "wandb" or any(_WANDB_RUN.fullmatch(part) for part in below):
        return name.endswith(".wandb") or (below[-1:] == ("files",) and _is_of_wandb(name))
    if below[-1:] == (".hydra",):
        return name in ("config.yaml", "overrides.yaml", "hydra.yaml")
    if _ending(file) == ".log":
        return kind == "hydra" and not below
    if _ending(file) in NOTES:
        return not below and stem in NOTE_STEMS
    if _ending(file) not in LOGS or _OF_MODELS.search(stem):
        return False
    return not below or (stem in RUN_STEMS and len(below) <= 3)


def _is_of_mlflow(below: Parts, name: str) -> bool:
    if not below:
        return name == "meta.yaml"
    if below[0] == "artifacts":
        return PurePosixPath(name).suffix.lower() in NOTES and len(below) == 1
    return below[0] in ("params", "metrics", "tags")


def _is_of_wandb(name: str) -> bool:
    return name in ("config.yaml", "wandb-summary.json", "wandb-metadata.json", "output.log")


def _is_of_a_store(folder: Parts, inside: list[Found], stores: set[Parts]) -> bool:
    """Whether a folder of an MLflow file store is an experiment's or a registered model's, not a run's."""
    return {file.parts[-1] for file in inside} == {"meta.yaml"} and any(
        folder[: len(store)] == store for store in stores
    )


def _newest_state(files: list[Found]) -> list[Found]:
    """Of the states that a trainer wrote with each checkpoint, the last one counts: it holds them all."""
    states = [file for file in files if file.parts[-1] == "trainer_state.json"]
    last = max(states, key=_checkpoint_number)
    return [file for file in files if file.parts[-1] != "trainer_state.json" or file is last]


def _checkpoint_number(file: Found) -> float:
    number = _NUMBERED.fullmatch(file.parts[-2]) if len(file.parts) > 1 else None
    return int(number[1]) if number else float("inf")


def _is_checkpoint(folder: Parts) -> bool:
    return any(_CHECKPOINT.fullmatch(name) for name in folder)


def _names_a_run(file: Found) -> bool:
    return _ending(file) in LOGS and PurePosixPath(file.parts[-1]).stem.lower() in RUN_STEMS


def _ending(file: Found) -> str:
    return PurePosixPath(file.parts[-1]).suffix.lower()
