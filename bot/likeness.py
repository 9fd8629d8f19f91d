"""How alike texts are: by their words and, where there is an embedder that works, by their meaning."""

import logging
from collections.abc import Sequence
from functools import partial

from knowledge.errors import ModelError
from knowledge.ports import Embedder
from prompts.themes import BY_WORDS, Measure, by_shared_terms, by_words_and

log = logging.getLogger(__name__)


def measure_with(embedder: Embedder | None) -> Measure:
    """The likeness that there is."""
    return BY_WORDS if embedder is None else by_words_and(partial(_by_vectors, embedder))


def _by_vectors(embedder: Embedder, texts: Sequence[str]) -> Sequence[Sequence[float]]:
    try:
        vectors = embedder.embed(texts)
    except ModelError as error:
        log.error("texts are compared by their words alone: %s", error)
        return by_shared_terms(texts)
    likeness: Sequence[Sequence[float]] = (vectors @ vectors.T).tolist()
    return likeness
