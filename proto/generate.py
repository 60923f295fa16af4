"""Generate the protobuf code below worldctx/wire/v1; with --check say whether it is stale and lint the contract."""

from __future__ import annotations

import filecmp
import shutil
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from google.rpc import status_pb2
from grpc_tools import protoc

PROTO = Path(__file__).parent
GOOGLE = Path(status_pb2.__file__).parents[2]
TARGET = PROTO.parent / "worldctx" / "wire" / "v1"


def generate(target: Path) -> None:
    """Write the modules into `target`; they import each other from worldctx.wire.v1."""
    sources = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        includes = [f"-I{PROTO}", f"-I{files('grpc_tools') / '_proto'}", f"-I{GOOGLE}"]
        plugins = [f"--plugin=protoc-gen-{name}={Path(sys.executable).with_name(f'protoc-gen-{name}')}"
                   for name in ("mypy", "mypy_grpc")]
        outputs = [f"--python_out={folder}", f"--grpc_python_out={folder}", f"--mypy_out=quiet:{folder}",
                   f"--mypy_grpc_out=quiet:{folder}"]
        if protoc.main(["protoc", *includes, *plugins, *outputs, *sources]) != 0:
            raise SystemExit("protoc failed")
        for path in sorted(Path(folder, "worldctx", "v1").iterdir()):
            text = path.read_text().replace("from worldctx.v1 import", "from worldctx.wire.v1 import")
            text = text.replace("import worldctx.v1.", "import worldctx.wire.v1.")
            text = text.replace(" worldctx.v1.", " worldctx.wire.v1.")
            (target / path.name).write_text(text)
    (target / "__init__.py").write_text('"""Generated from proto/ by `make proto`; do not edit."""\n')


def lint() -> None:
    """Lint with buf (STANDARD and COMMENTS); what the contract imports is laid beside it for the while."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(PROTO, folder, dirs_exist_ok=True)
        Path(folder, "google", "rpc").mkdir(parents=True)
        shutil.copy(GOOGLE / "google/rpc/status.proto", Path(folder, "google/rpc"))
        buf = Path(sys.executable).with_name("buf")
        linted = subprocess.run([buf, "lint", "--path", "worldctx"], cwd=folder, check=False)  # noqa: S603 - our own tool
        if linted.returncode != 0:
            raise SystemExit("buf lint failed")


def main() -> None:
    """Write, or compare with `--check`."""
    if "--check" not in sys.argv:
        generate(TARGET)
        return
    lint()
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        names = sorted({path.name for path in Path(folder).iterdir()} | {path.name for path in TARGET.glob("*.py*")})
        stale = filecmp.cmpfiles(folder, TARGET, names, shallow=False)
        if stale[1] or stale[2]:
            raise SystemExit(f"generated code is stale ({', '.join(stale[1] + stale[2])}): run `make proto`")


if __name__ == "__main__":
    main()
