"""Writes event files below the folder named first, with TensorBoard's own writer and plugins."""

import sys
from pathlib import Path

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, summary_v2
from tensorboard.plugins.text.metadata import create_summary_metadata
from tensorboard.summary import Writer
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util


def main(root: Path) -> None:
    with_tensors(root / "tensors")
    with_simple_values(root / "simple")


def with_tensors(folder: Path) -> None:
    """As TensorFlow 2 and `tensorboard.summary` write: values are tensors."""
    writer = Writer(str(folder))
    for step in range(1000):
        writer.add_scalar("train/loss", 1 / (1 + step), step)
    writer.add_scalar("val/accuracy", 0.97, 999)
    writer.close()


def with_simple_values(folder: Path) -> None:
    """As PyTorch writes: plain values, hyperparameters in a folder of their own named after the time."""
    writer = EventFileWriter(str(folder))
    for step in range(500):
        value = Summary.Value(tag="loss", simple_value=2.0 - step / 500)
        writer.add_event(Event(wall_time=1_772_600_000 + step, step=step, summary=Summary(value=[value])))
    words = tensor_util.make_tensor_proto(np.array([b"Seed 7 diverged twice."], dtype=object))
    text = Summary.Value(
        tag="notes/text_summary", metadata=create_summary_metadata("notes", ""), tensor=words
    )
    writer.add_event(Event(wall_time=1_772_600_500, step=500, summary=Summary(value=[text])))
    image = Summary.Value(tag="samples", image=Summary.Image(height=1, width=1, encoded_image_string=b"x"))
    writer.add_event(Event(wall_time=1_772_600_500, step=500, summary=Summary(value=[image])))
    writer.close()
    hparams = EventFileWriter(str(folder / "1772600000.5"))
    begun = summary_v2.hparams_pb(
        {"lr": 0.05, "optimizer": "sgd", "nesterov": True}, start_time_secs=1_772_600_000
    )
    hparams.add_event(Event(wall_time=1_772_600_000, summary=begun))
    ended = session_end()
    hparams.add_event(Event(wall_time=1_772_603_600, summary=ended))
    hparams.close()


def session_end() -> Summary:
    from tensorboard.plugins.hparams import metadata, plugin_data_pb2

    data = plugin_data_pb2.HParamsPluginData(
        session_end_info=plugin_data_pb2.SessionEndInfo(
            status=api_pb2.Status.Value("STATUS_SUCCESS"), end_time_secs=1_772_603_600
        )
    )
    value = Summary.Value(tag=metadata.SESSION_END_INFO_TAG, metadata=metadata.create_summary_metadata(data))
    return Summary(value=[value])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
