"""The log as people read it: one line a message, nothing that a terminal obeys."""

import logging
import sys

from bot.blocks.plain import clean

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class LiteralFormatter(logging.Formatter):
    """Takes control, terminal and bidirectional characters out; a message cannot begin a line of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of the standard library
        return clean(super().formatMessage(record)).replace("\n", "\\n")

    def formatException(self, ei: "logging._SysExcInfoType") -> str:  # noqa: N802
        return clean(super().formatException(ei))


def log_to_stderr() -> None:
    """Our own log at INFO; of libraries, what is wrong."""
    from bot.delivery import BOLT_LOG

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LiteralFormatter(_FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in ("slack_sdk", "apscheduler", "httpx", "chromadb", "alembic", "sentence_transformers"):
        logging.getLogger(name).setLevel(logging.WARNING)
    BOLT_LOG.setLevel(logging.ERROR)
