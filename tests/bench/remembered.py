"""The packaged model with its vectors kept between benchmarks: measuring answers need not wait for embedding.

The vectors lie in `.bench/`, a file a model; remove the folder to embed anew.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge.adapters.embedding import SentenceTransformerEmbedder
from knowledge.ports import Vector

FOLDER = Path(__file__).parents[2] / ".bench"
FEW = 30
"""Lists shorter than this are embedded each time: looking them up would save nothing."""


class Remembered(SentenceTransformerEmbedder):
    """Embeds each text of a long list once for ever."""

    def embed(self, texts: Sequence[str]) -> Vector:
        if len(texts) < FEW:
            return super().embed(texts)
        FOLDER.mkdir(exist_ok=True)
        model = hashlib.sha256(self.fingerprint.encode()).hexdigest()[:16]
        kept = sqlite3.connect(FOLDER / f"{model}.db", timeout=60)
        try:
            kept.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL)")
            keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts]
            found = {key: row[0] for key in keys if (row := _look_up(kept, key))}
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
            if missing:
                made = super().embed(list(missing.values()))
                new = {key: vector.tobytes() for key, vector in zip(missing, made, strict=True)}
                kept.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", new.items())
                kept.commit()
                found |= new
        finally:
            kept.close()
        return np.stack([np.frombuffer(found[key], dtype=np.float32) for key in keys])


def _look_up(kept: sqlite3.Connection, key: str) -> tuple[bytes] | None:
    row: tuple[bytes] | None = kept.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
    return row
