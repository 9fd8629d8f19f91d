"""What TensorBoard and W&B write, read as runs; what is cut or damaged, up to there."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.parsing.converted import Part
from ingest.parsing.protobuf import fields
from ingest.parsing.record_files import event_records, masked_crc32c, wandb_records
from ingest.parsing.runs import convert_run
from ingest.parsing.tensorboard import Events
from knowledge.documents import Document, MetricPoint, Run
from tests.ingest.event_files import (
    ended,
    event,
    event_file,
    exited,
    frame,
    held,
    history_row,
    hparams,
    run_record,
    scalar,
    summary,
    tensor_scalar,
    text_value,
    wandb_log,
    whole,
)
from tests.ingest.reading import outcomes, source, write

NAME = "events.out.tfevents.1772600000.gpu-1.42.0"
LATER = "events.out.tfevents.1772700000.gpu-1.43.0"


def runs(root: Path, files: dict[str, object]) -> dict[str, Document | str]:
    return outcomes(source(write(root, files), "runs"))


def run(root: Path, files: dict[str, object]) -> tuple[Document, Run]:
    (document,) = runs(root, files).values()
    assert isinstance(document, Document), document
    assert document.run is not None
    return document, document.run


def test_scalars_texts_and_hyperparameters_are_a_run(tmp_path: Path) -> None:
    log = event_file(
        event(0, hparams({"lr": 0.05, "optimizer": "sgd", "nesterov": True})),
        event(1, scalar("train/loss", 2.0), tensor_scalar("val/acc", 0.5, first=True)),
        event(2, scalar("train/loss", 1.0), tensor_scalar("val/acc", 0.75)),
        event(2, text_value("notes", "Warm-up of 500 steps.")),
        event(2, held(1, "samples") + held(4, b"\x89PNG")),
        event(3, ended(1, 1_772_603_600.0), wall=1_772_603_600.0),
    )
    document, found = run(tmp_path, {f"digits/a/{NAME}": log})
    assert (document.path, document.title) == ("digits/a", "a")
    assert found.params == {"lr": 0.05, "optimizer": "sgd", "nesterov": True}
    assert found.metrics["train/loss"] == (MetricPoint(1, 2.0), MetricPoint(2, 1.0))
    assert found.metrics["val/acc"] == (MetricPoint(1, 0.5), MetricPoint(2, 0.75))
    assert found.direction == {"train/loss": "min", "val/acc": "max"}
    assert found.status == "finished"
    assert "Warm-up of 500 steps." in found.notes
    assert "- images: samples" in document.text
    assert "- val/acc: best 0.75 at step 2, last 0.75 at step 2" in document.text


def test_a_run_that_was_resumed_counts_as_it_was_resumed(tmp_path: Path) -> None:
    first = event_file(*(event(step, scalar("loss", 10.0 + step)) for step in range(1, 6)))
    second = event_file(*(event(step, scalar("loss", 1.0)) for step in range(4, 7)))
    _, found = run(tmp_path, {f"a/{NAME}": first, f"a/{LATER}": second})
    assert [(point.step, point.value) for point in found.metrics["loss"]] == [
        (1, 11),
        (2, 12),
        (3, 13),
        (4, 1),
        (5, 1),
        (6, 1),
    ]


def test_splits_and_times_below_a_run_are_its_own_and_other_folders_are_not(tmp_path: Path) -> None:
    files = {
        f"runs/a/train/{NAME}": event_file(event(1, scalar("loss", 1.0))),
        f"runs/a/validation/{NAME}": event_file(event(1, scalar("loss", 1.5))),
        f"runs/a/1772600000.123/{NAME}": event_file(event(0, hparams({"lr": 0.1}))),
        f"runs/b/{NAME}": event_file(event(1, scalar("loss", 3.0))),
    }
    found = runs(tmp_path, files)
    assert set(found) == {"runs/a", "runs/b"}
    a = found["runs/a"]
    assert isinstance(a, Document)
    assert a.run is not None
    assert set(a.run.metrics) == {"train/loss", "validation/loss"}
    assert a.run.params == {"lr": 0.1}


def test_in_01_an_event_file_cut_anywhere_is_read_up_to_there(tmp_path: Path) -> None:
    whole_file = event_file(*(event(step, scalar("loss", float(step))) for step in range(50)))
    seen = set()
    for size in range(200, len(whole_file), 173):
        document = convert_run([Part("a", b""), Part(f"a/{NAME}", whole_file[:size])])
        assert document.run is not None
        points = document.run["metrics"]["loss"]
        assert [step for step, _ in points] == list(range(len(points)))
        if size < len(whole_file) and document.notes:
            assert "is cut at byte" in document.notes[0]
        seen.add(len(points))
    assert len(seen) > 5


def test_in_01_a_damaged_record_ends_the_file_and_nothing_wrong_is_read() -> None:
    records = [frame(event(step, scalar("loss", float(step)))) for step in range(10)]
    damaged = bytearray(b"".join(records))
    damaged[len(records[0]) * 4 + 20] ^= 1
    frames = event_records(bytes(damaged), "a")
    assert len(list(frames.records)) == 4
    assert "is damaged at byte" in frames.notes[0]


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 4000,
        struct.pack("<Q", 1 << 62) + struct.pack("<I", masked_crc32c(struct.pack("<Q", 1 << 62))) + b"x",
        frame(b"\xff" * 100),
        frame(b"\x08" + b"\x80" * 100_000 + b"\x01"),
        frame(held(5, held(1, held(8, b"\x0a\xff\xff\xff\xff\x7f")))),
        frame(held(5, b"\x0a" * 5000)),
        frame(b"\x2a" * 400_000),
        b"",
    ],
)
def test_in_18_hostile_event_files_are_refused_and_end_soon(tmp_path: Path, data: bytes) -> None:
    found = runs(tmp_path, {f"a/{NAME}": data, "b/run.json": {"acc": 1}})
    assert isinstance(found["b"], Document)
    assert isinstance(found["a"], str), found["a"]


@given(st.binary(max_size=300))
def test_whatever_bytes_there_are_fields_end_or_raise_value_error(data: bytes) -> None:
    try:
        found = list(fields(data))
    except ValueError:
        return
    assert sum(len(value) for _, value in found if isinstance(value, bytes)) <= len(data)


@given(st.lists(st.binary(max_size=200_000 // 4), max_size=6))
def test_records_of_any_size_come_back_out_of_a_wandb_log(records: list[bytes]) -> None:
    frames = wandb_records(wandb_log(*records), "a")
    assert list(frames.records) == records
    assert not frames.notes


@given(st.lists(st.binary(max_size=300), max_size=8), st.integers(0, 3000), st.integers(0, 255))
def test_a_log_with_one_byte_changed_gives_a_beginning_of_itself(
    records: list[bytes], at: int, byte: int
) -> None:
    for make, read in (
        (wandb_log, lambda data: wandb_records(data, "a")),
        (lambda *each: b"".join(frame(one) for one in each), lambda data: event_records(data, "a")),
    ):
        data = bytearray(make(*records))
        if at < len(data):
            data[at] = byte
        frames = read(bytes(data))
        found = list(frames.records)
        assert found == records[: len(found)]
        assert len(found) == len(records) or frames.notes


def test_the_checksum_is_that_of_the_format() -> None:
    masked = masked_crc32c(b"123456789")
    rotated = (masked - 0xA282EAD8) & 0xFFFFFFFF
    assert ((rotated << 15 | rotated >> 17) & 0xFFFFFFFF) == 0xE3069283


def test_scalars_without_end_are_bounded() -> None:
    log = event_file(*(event(1, scalar(f"tag-{n}", 1.0)) for n in range(2500)))
    events = Events()
    events.take(log, "a", "")
    assert len(events.scalars) == 2000
    assert events.notes == ["only the first 2,000 scalars are read"]


def test_a_wandb_run_that_was_never_uploaded_is_read_from_its_log(tmp_path: Path) -> None:
    folder = "wandb/offline-run-20260304_142000-ab12cd34"
    log = wandb_log(
        run_record("warm-up", "ab12cd34", {"lr": 0.05, "model": {"hidden": 256}}, ["sweep"]),
        held(12, held(1, "val/acc") + whole(8, 2)),
        *(history_row(step, {"loss": 1 / (1 + step), "val/acc": step / 100}) for step in range(100)),
        history_row(
            100, {"loss": "NaN", "sample": {"_type": "image-file", "path": "x.png"}, "deep": {"a": 1}}
        ),
        summary({"val/acc": 0.99, "_step": 100, "_runtime": 60}),
        held(13, held(3, "epoch 1\n")),
        exited(1),
    )
    files = {
        f"{folder}/run-ab12cd34.wandb": log,
        f"{folder}/files/wandb-metadata.json": {"email": "mira@tern.example", "gpu": "NVIDIA A100"},
        f"{folder}/files/requirements.txt": "numpy==2.0\n",
        "wandb/debug.log": "x",
    }
    document, found = run(tmp_path, files)
    assert (document.path, document.title, document.owner) == (folder, "warm-up", "mira@tern.example")
    assert found.params == {"lr": 0.05, "model.hidden": 256}
    assert len(found.metrics["loss"]) == 101
    assert found.metrics["val/acc"][7] == MetricPoint(7, 0.07)
    assert found.metrics["deep.a"] == (MetricPoint(100, 1.0),)
    assert "sample" not in document.text
    assert found.direction["val/acc"] == "max"
    assert (found.status, found.code_version, found.tags) == ("failed (exit code 1)", "3f2a", ("sweep",))
    assert "1 of 101 values are NaN or infinite, first at step 100" in document.text
    assert "- GPU: NVIDIA A100" in document.text
    assert "epoch 1" in document.text
    assert "Longer schedule." in found.notes


def test_in_01_a_wandb_log_that_is_cut_is_read_up_to_there(tmp_path: Path) -> None:
    log = wandb_log(
        run_record("cut", "ab12cd34", {"lr": 0.05}), *(history_row(step, {"loss": 1.0}) for step in range(50))
    )
    folder = "run-20260304_142000-ab12cd34"
    document, found = run(tmp_path, {f"{folder}/run-ab12cd34.wandb": log[: len(log) // 2]})
    assert 0 < len(found.metrics["loss"]) < 50
    assert any("is cut at byte" in note for note in document.notes)


def test_pv_06_secrets_in_what_trackers_write_are_out(tmp_path: Path) -> None:
    key = "hf_" + "Ab1xY2" * 6
    files = {
        f"tb/{NAME}": event_file(event(1, text_value("notes", f"token {key}"), hparams({"token": key}))),
        "wandb/run-20260304_142000-ab12cd34/run-ab12cd34.wandb": wandb_log(
            run_record("a", "b", {"hub_token": key}), held(13, held(3, f"login {key}\n"))
        ),
    }
    for document in runs(tmp_path, files).values():
        assert isinstance(document, Document), document
        assert "Ab1xY2" not in repr(document)
        assert document.redactions >= 1
