"""Generations that are damaged, torn, missing or lie: readers are answered all the same, and rightly."""

import json
import random
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.adapters.building import probe
from knowledge.adapters.child import Limits, build_in_child
from knowledge.adapters.chroma import ChromaVectors, content_digest, names_of
from knowledge.adapters.generations import Generations, index_lock
from knowledge.adapters.manifest import FORMAT, Manifest, fsynced, read_manifest, write_manifest
from knowledge.adapters.store import SqlStore
from knowledge.adapters.vectors import VersionReader
from knowledge.errors import IndexDamaged, StoreError
from tests.fakes import HashEmbedder
from tests.records import RESEARCH, document, open_store, publish

EMBEDDER = HashEmbedder()
ALL = frozenset({"everyone", RESEARCH.key})
WORDS = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
]


def pages(count: int, seed: int = 0) -> list[tuple[str, str]]:
    drawn = random.Random(seed)
    return [(f"p{n}.md", f"{' '.join(drawn.choices(WORDS, k=9))} number{n}.") for n in range(count)]


def build_pages(data: Path) -> Path:
    """Make a data folder with one generation."""
    store = open_store(data)
    made = [document(path, text) for path, text in pages(150)]
    made += [document(f"lab/{path}", text, audience=RESEARCH) for path, text in pages(30, 1)]
    publish(store, EMBEDDER, made)
    Generations(data, store, lambda: EMBEDDER.fingerprint, repair=False).settle()
    store.database.close()
    return data


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_pages(tmp_path_factory.mktemp("built") / "data")


@pytest.fixture
def data(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "data"))


def opened(data: Path, repair: bool = False) -> tuple[SqlStore, Generations]:
    store = open_store(data)
    return store, Generations(data, store, lambda: EMBEDDER.fingerprint, repair)


def finds_everything(store: SqlStore, generations: Generations) -> None:
    """Each chunk is found by its own words, in its own audience."""
    index = generations.current()
    reader = VersionReader(store.database, store.published())
    for key, ids in reader.chunk_ids().items():
        some = ids[::17]
        for batch in reader.batches(some):
            for chunk_id, vector in zip(batch.ids, batch.matrix, strict=True):
                assert index.dense(vector, frozenset({key}), 1)[0].id == chunk_id
    assert len(index.dense(EMBEDDER.embed(["alpha"])[0], ALL, 1000)) == 180
    assert index.lexical("number17", ALL, 5)


def test_the_pointed_generation_answers(data: Path) -> None:
    store, generations = opened(data)
    finds_everything(store, generations)
    assert generations.serving() == "00000001-000"
    assert generations.damage is None


@pytest.mark.parametrize("pointer", [None, b"", b"00000009-000\n", b"\xff\x00garbage", b"../../etc\n"])
def test_st16_a_bad_pointer_leads_to_the_newest_valid_generation(data: Path, pointer: bytes | None) -> None:
    current = data / "generations" / "current"
    current.unlink()
    if pointer is not None:
        current.write_bytes(pointer)
    (data / "generations" / "00000001-001").mkdir()  # never finished
    (data / "generations" / "current.new").write_bytes(b"00000001-")
    store, generations = opened(data)
    if pointer is None:
        finds_everything(store, generations)
        assert generations.serving() == "00000001-000"
    with index_lock(data, "test"):
        generations.settle()
    assert current.read_text() == "00000001-000\n"
    assert not (data / "generations" / "00000001-001").exists()


@pytest.mark.parametrize("gone", ["lexical", "."])
def test_a_generation_with_parts_missing_is_rebuilt_while_the_record_answers(data: Path, gone: str) -> None:
    path = data / "generations" / "00000001-000" / gone
    path.unlink() if path.is_file() else shutil.rmtree(path)
    store, generations = opened(data, repair=True)
    with index_lock(data, "hold the repair back"):
        finds_everything(store, generations)
        assert generations.serving() is None
        assert generations.damage
    wait_for(lambda: generations.serving() is not None)
    assert generations.damage is None
    finds_everything(store, generations)


def wait_for(holds: object, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.05)


def mutated(generation: Path, drawn: random.Random) -> str:
    """Flip, truncate or zero bytes of one file."""
    files = sorted(
        p for p in generation.rglob("*") if p.is_file() and p.stat().st_size and p.suffix != ".lock"
    )
    file = drawn.choice(files)
    content = bytearray(file.read_bytes())
    at = drawn.randrange(len(content))
    how = drawn.choice(["flip", "truncate", "zero"])
    if how == "flip":
        content[at] ^= 1 << drawn.randrange(8)
    elif how == "truncate":
        del content[at:]
    else:
        content[at : at + 4096] = bytes(len(content[at : at + 4096]))
    file.write_bytes(content)
    return f"{how} {file.relative_to(generation)} at {at}"


def test_st03_any_damage_to_a_file_is_seen_or_makes_no_difference(built: Path, tmp_path: Path) -> None:
    drawn = random.Random(7)
    seen = 0
    for trial in range(6):
        data = Path(shutil.copytree(built, tmp_path / str(trial)))
        what = mutated(data / "generations" / "00000001-000", drawn)
        store, generations = opened(data)
        finds_everything(store, generations)
        seen += generations.damage is not None
        assert generations.damage is None or generations.serving() is None, what
        store.database.close()
    assert seen >= 3


def test_st05_an_index_that_counts_right_but_lost_its_vectors_is_caught(data: Path) -> None:
    store, _ = opened(data)
    generation = data / "generations" / "00000001-000"
    manifest = read_manifest(generation)
    assert manifest is not None
    ids = VersionReader(store.database, 1).chunk_ids()["everyone"]
    dense = ChromaVectors(generation / "chroma")
    noise = HashEmbedder("noise").embed([str(n) for n in ids])
    dense.add("everyone", ids, noise)  # the same ids, other vectors
    dense.close()
    lying = manifest_of(generation, manifest)
    with pytest.raises(IndexDamaged, match="vectors of everyone are not found again"):
        probe(store.database, generation, lying)


def test_ids_that_are_not_the_records_are_caught(data: Path) -> None:
    store, _ = opened(data)
    generation = data / "generations" / "00000001-000"
    manifest = read_manifest(generation)
    assert manifest is not None
    dense = ChromaVectors(generation / "chroma")
    first = dense.ids("everyone")[0]
    dense.remove("everyone", [first])
    dense.add("everyone", [999_999], EMBEDDER.embed(["alpha"]))  # the count is right
    dense.close()
    with pytest.raises(IndexDamaged, match="does not hold the chunks of everyone"):
        probe(store.database, generation, manifest_of(generation, manifest))


def manifest_of(generation: Path, like: Manifest) -> Manifest:
    """A manifest that says that the generation is as it was built."""
    return replace(like, files=fsynced(generation), chroma=content_digest(generation / "chroma"))


def test_a_generation_that_fails_while_it_serves_is_replaced_by_the_record(data: Path) -> None:
    store, generations = opened(data)
    index = generations.current()
    stale = index._index._vectors._collections[next(iter(names_of(["everyone"])))]
    index._index._vectors.drop("everyone")
    index._index._vectors._collections[next(iter(names_of(["everyone"])))] = stale
    hits = index.dense(EMBEDDER.embed(["alpha"])[0], ALL, 1000)
    assert len(hits) == 180
    assert generations.serving() is None
    finds_everything(store, generations)


def test_a_small_change_is_a_copy_and_a_delta(data: Path) -> None:
    store, generations = opened(data)
    held_by_a_question = generations.current()
    publish(store, EMBEDDER, [document("p3.md", "Wholly new words here.")], removed=["wiki/p44.md"])
    generations.settle()
    manifest = read_manifest(data / "generations" / "00000002-000")
    assert manifest is not None
    assert (manifest.changes, manifest.chunks) == (3, 179)
    assert generations.current().version == 2
    assert generations.current().lexical("wholly", ALL, 3)
    assert not generations.current().lexical("number44", ALL, 3)
    assert len(generations.current().dense(EMBEDDER.embed(["alpha"])[0], ALL, 1000)) == 179
    assert held_by_a_question.version == 1
    assert len(held_by_a_question.dense(EMBEDDER.embed(["alpha"])[0], ALL, 1000)) == 180


def test_a_damaged_base_is_not_copied(data: Path) -> None:
    store, generations = opened(data)
    base = data / "generations" / "00000001-000"
    vectors = next((base / "lexical").rglob("*.store"), None) or next((base / "lexical").rglob("*.term"))
    vectors.write_bytes(b"x" + vectors.read_bytes()[1:])
    publish(store, EMBEDDER, [document("p3.md", "Wholly new words here.")])
    generations.settle()
    manifest = read_manifest(data / "generations" / "00000002-000")
    assert manifest is not None
    assert manifest.changes == 0, "built afresh"


def test_an_audience_that_nobody_carries_any_more_has_no_collection(data: Path) -> None:
    store, generations = opened(data)
    publish(store, EMBEDDER, removed=[f"wiki/lab/p{n}.md" for n in range(30)])
    generations.settle()
    dense = ChromaVectors(data / "generations" / "00000002-000" / "chroma")
    assert len(dense.names()) == 1
    dense.close()


def test_a_few_generations_are_kept(data: Path) -> None:
    _, generations = opened(data)
    folder = data / "generations"
    for number in range(2, 7):
        (folder / f"{number:08d}-000").mkdir()
        if number != 6:
            write_manifest(folder / f"{number:08d}-000", Manifest(number, "hash-64", 0, 0, "", {}, FORMAT))
    generations.sweep()
    kept = sorted(path.name for path in folder.iterdir() if path.is_dir())
    assert kept == ["00000001-000", "00000003-000", "00000004-000", "00000005-000"], "and the pointed one"


def test_many_threads_follow_a_new_version_without_an_error(data: Path) -> None:
    store, generations = opened(data)
    generations.current()
    failures: list[BaseException] = []
    stop = threading.Event()
    vector = EMBEDDER.embed(["alpha"])[0]

    def ask() -> None:
        try:
            while not stop.is_set():
                index = generations.current()
                assert len(index.dense(vector, ALL, 1000)) == 180 + (index.version - 1)
        except BaseException as error:  # noqa: BLE001  told to the test below
            failures.append(error)

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for thread in asking:
        thread.start()
    publish(store, EMBEDDER, [document("new.md", "One more.")])
    generations.settle()
    wait_for(lambda: generations.current().version == 2)
    stop.set()
    for thread in asking:
        thread.join()
    assert failures == []


def test_nobody_is_answered_from_nothing_while_the_first_version_is_opened(tmp_path: Path) -> None:
    store, generations = opened(tmp_path)
    assert generations.current().version == 0
    publish(store, EMBEDDER, [document("a.md", "Old words.")])
    generations.settle()
    with ThreadPoolExecutor(8) as asking:
        seen = list(asking.map(lambda _: generations.current().version, range(8)))
    assert seen == [1] * 8


@pytest.mark.parametrize(
    "limits",
    [
        Limits(60, 60, 400_000_000, 1_000_000_000),
        Limits(60, 60, 8_000_000_000, 10_000),
        Limits(0, 60, 8_000_000_000, 1_000_000_000),
    ],
    ids=["memory", "file size", "time"],
)
def test_a_child_that_wants_too_much_is_ended(data: Path, limits: Limits) -> None:
    empty = data / "generations" / "00000001-001"
    empty.mkdir()
    with pytest.raises(IndexDamaged):
        build_in_child(str(data / "lore.db"), empty, 1, EMBEDDER.fingerprint, None, limits)


def test_a_manifest_that_is_not_one_is_no_manifest(tmp_path: Path) -> None:
    good = Manifest(1, "hash-64", 2, 0, "d", {"chroma/a": "b"}, FORMAT)
    write_manifest(tmp_path, good)
    assert read_manifest(tmp_path) == good
    for bad in (b"", b"{", b"[]", b"null", b"[" * 100_000, json.dumps({"version": "1"}).encode()):
        (tmp_path / "manifest.json").write_bytes(bad)
        assert read_manifest(tmp_path) is None
    for other in ({"files": {"a": 1}}, {"format": FORMAT - 1}):
        (tmp_path / "manifest.json").write_text(json.dumps(good.as_json() | other))
        assert read_manifest(tmp_path) is None


def test_a_data_folder_that_cannot_be_written_is_one_clear_error(data: Path) -> None:
    store, _ = opened(data)
    (data / "nowhere").write_text("a file where a folder should be")
    generations = Generations(data / "nowhere", store, lambda: EMBEDDER.fingerprint, repair=False)
    with pytest.raises(StoreError, match="cannot make the folder"):
        generations.build(1)
    with pytest.raises(StoreError, match="cannot make the lock file"), index_lock(data / "nowhere", "sync"):
        pass
