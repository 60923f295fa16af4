"""URLs of servers, as people are shown them."""

from __future__ import annotations

import re

_PASSWORD = re.compile(r"(//[^:/@]*):[^/]*@")


def without_password(url: str) -> str:
    """A URL with stars for the password that stands in it."""
    return _PASSWORD.sub(r"\1:***@", url)
