"""Indices on a real Elasticsearch, each under a name of the test's own, removed when it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import count

from worldctx.model.errors import WorldctxError
from worldctx.search.cluster import Cluster, address_of, connect
from worldctx.search.elastic import ElasticIndex, drop_elastic, open_elastic
from worldctx.testing.search import EMBEDDER

NUMBERS = count(1)


class Names:
    """Opens indices, closes and removes them."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        self._url, self._stack = url.replace("http", "elasticsearch+http", 1), stack

    def new(self) -> str:
        """An address with a name that nobody has."""
        url = f"{self._url}/test-{os.getpid()}-{next(NUMBERS)}"
        self._stack.callback(remove, url)
        return url

    def open(self, url: str | None = None, dimension: int = EMBEDDER.dimension) -> ElasticIndex:
        """An index of that address, or of a new one."""
        opened = open_elastic(url or self.new(), dimension=dimension, embedder_name=EMBEDDER.name if dimension else "")
        return self._stack.enter_context(closing(opened))

    def cluster(self) -> Cluster:
        """The server itself."""
        return self._stack.enter_context(closing(connect(address_of(self._url))))


def remove(url: str) -> None:
    with suppress(WorldctxError):  # a test that killed the server and failed: its data goes with the run
        drop_elastic(url)


@contextmanager
def names_on(url: str) -> Iterator[Names]:
    with ExitStack() as stack:
        yield Names(url, stack)
