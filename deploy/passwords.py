"""Write .env: .env.example with a random password wherever one is asked for. Leaves an .env that is there alone."""

from __future__ import annotations

import os
import re
import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Bytes of a password, which becomes twice as many letters and digits.
LENGTH = 16


def filled(example: str) -> str:
    """The example with a password behind every name that has no value."""
    return re.sub(r"(?m)^([A-Z0-9_]+)=$", lambda found: f"{found[1]}={secrets.token_hex(LENGTH)}", example)


def main(folder: Path) -> int:
    """Write the file, readable by its owner only; the exit code."""
    text = filled((folder / ".env.example").read_text(encoding="utf-8"))
    try:
        handle = os.open(folder / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        sys.stderr.write(f"{folder / '.env'} is there already; the servers have its passwords, so it stays as it is\n")
        return 1
    with os.fdopen(handle, "w", encoding="utf-8") as target:
        target.write(text)
    sys.stdout.write(f"{folder / '.env'} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(ROOT))
