"""What every embedder does; the packaged model beside the fake that stands in for it."""

import hashlib
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from knowledge.adapters.embedding import PACKAGED, PACKAGED_SHA256, SentenceTransformerEmbedder
from knowledge.errors import ModelError
from tests.fakes import HashEmbedder

TEXTS = [
    "How is the learning rate set?",
    "",
    "The learning rate follows a cosine schedule with warm-up. " * 3,
    "Lunch is at noon.",
    "word " * 2000,
    "🙂 日本語 naïve",
    "x",
]
SAME = 0.9995
"""The least cosine of what is the same text: a CPU that multiplies bfloat16 rounds as texts are batched."""


@pytest.fixture(scope="module")
def packaged():
    return SentenceTransformerEmbedder(workers=2)


@pytest.fixture(scope="module", params=["fake", "packaged", "questions"])
def embedder(request, packaged):
    return {"fake": HashEmbedder(), "packaged": packaged, "questions": packaged.for_questions()}[
        request.param
    ]


def test_unit_vectors_in_the_order_given(embedder):
    vectors = embedder.embed(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert embedder.embed([text])[0] @ vector > 0.9999


def test_related_texts_are_nearer(embedder):
    asked, _, related, unrelated, *_ = embedder.embed(TEXTS)
    assert asked @ related > asked @ unrelated


def test_no_texts_give_no_vectors(embedder):
    assert embedder.embed([]).shape == (0, embedder.dimension)
    assert embedder.count_tokens([]) == []


def test_tokens_are_counted_without_special_ones(embedder):
    assert embedder.count_tokens(["hello world", ""]) == [2, 0]
    assert embedder.count_tokens(["word " * 500]) == [500]
    assert embedder.window >= 64


def test_several_threads_get_the_same(embedder):
    expected = embedder.embed(TEXTS)
    found = {}

    def work(number):
        found[number] = [embedder.embed([text])[0] for text in TEXTS]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    for rows in found.values():
        assert np.all(np.sum(np.stack(rows) * expected, axis=1) > SAME)


def test_as_sentence_transformers_embeds(packaged):
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(packaged.folder), device="cpu").encode(TEXTS, normalize_embeddings=True)
    assert np.all(np.sum(packaged.embed(TEXTS) * plain, axis=1) > SAME)


def test_the_fingerprint_needs_no_model_loaded():
    fresh = SentenceTransformerEmbedder()
    assert fresh.fingerprint == f"{PACKAGED}@{PACKAGED_SHA256[:16]}"
    assert (fresh.dimension, fresh.window, fresh.licence) == (384, 256, "Apache-2.0")
    assert fresh._loaded is None


def copy_of_model(packaged, folder: Path, weights: bool = True) -> Path:
    """The packaged model's files, linked; without the weights they are left out."""
    for path in packaged.folder.rglob("*"):
        target = folder / path.relative_to(packaged.folder)
        if path.is_dir():
            target.mkdir(parents=True)
        elif path.suffix != ".safetensors" or weights:
            target.parent.mkdir(parents=True, exist_ok=True)
            (os.link if folder.stat().st_dev == path.stat().st_dev else shutil.copy)(path, target)
    return folder


def test_changed_weights_are_refused(packaged, tmp_path):
    folder = copy_of_model(packaged, tmp_path, weights=False)
    (folder / "model.safetensors").write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ")
    with pytest.raises(ModelError, match="not the published ones") as caught:
        SentenceTransformerEmbedder(folder=folder).embed(["x"])
    assert "\n" not in str(caught.value)


def test_missing_weights_are_told(packaged, tmp_path):
    folder = copy_of_model(packaged, tmp_path, weights=False)
    with pytest.raises(ModelError, match=r"no model\.safetensors"):
        SentenceTransformerEmbedder(folder=folder).embed(["x"])


def test_an_unknown_name_is_told_without_a_network():
    with pytest.raises(ModelError, match="allow its download"):
        SentenceTransformerEmbedder("nobody/no-such-model").embed(["x"])


def test_another_model_by_folder_has_a_fingerprint_of_its_own(packaged, tmp_path):
    other = SentenceTransformerEmbedder(str(copy_of_model(packaged, tmp_path)))
    assert other.fingerprint.startswith(tmp_path.name + "@")
    before = other.fingerprint
    config = tmp_path / "sentence_bert_config.json"
    config.unlink()
    config.write_text('{"max_seq_length": 128, "do_lower_case": false}')
    changed = SentenceTransformerEmbedder(str(tmp_path))
    assert changed.fingerprint != before
    assert changed.window == 128
    assert changed.embed(["hello"])[0] @ packaged.embed(["hello"])[0] > SAME


def test_a_model_with_code_of_its_own_is_refused(packaged, tmp_path):
    folder = copy_of_model(packaged, tmp_path)
    (folder / "modules.json").unlink()
    (folder / "modules.json").write_text('[{"idx": 0, "name": "0", "path": "", "type": "modeling.Evil"}]')
    with pytest.raises(ModelError, match="its own code"):
        SentenceTransformerEmbedder(str(folder)).embed(["x"])


def test_the_packaged_weights_are_the_published_ones(packaged):
    weights = packaged.folder / "model.safetensors"
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == PACKAGED_SHA256


@pytest.mark.parametrize(
    ("name", "left"), [("model.safetensors", 1_000_000), ("model.safetensors", 0), ("tokenizer.json", 5_000)]
)
def test_in_29_a_file_of_the_model_that_is_cut_off_is_told(tmp_path, packaged, name, left):
    shutil.copytree(packaged.folder, tmp_path / "model")
    os.truncate(tmp_path / "model" / name, left)
    broken = SentenceTransformerEmbedder(str(tmp_path / "model"))
    ask = broken.embed if name.startswith("model") else broken.count_tokens
    with pytest.raises(ModelError, match="the embedding model"):
        ask(["x"])
