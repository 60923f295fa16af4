"""worldctx: the world context of a text, as of a date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worldctx.client.client import connect, connect_blocking

__all__ = ["connect", "connect_blocking"]


def __getattr__(name: str) -> Any:
    """Load the client when it is asked for: `import worldctx` alone costs nothing."""
    if name in __all__:
        from worldctx.client import client

        return getattr(client, name)
    raise AttributeError(f"module 'worldctx' has no attribute {name!r}")
