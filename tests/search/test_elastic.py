"""The index on Elasticsearch keeps the contract, and answers as the embedded index does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count

import pytest

from worldctx.ports.search import SearchIndex
from worldctx.search.cluster import address_of, connect
from worldctx.search.elastic import ElasticIndex, open_elastic
from worldctx.search.indices import drop_others
from worldctx.testing.search import EMBEDDER, SearchIndexContract

NAMES = count(1)


class Names:
    """Opens indices under names of the test's own, and removes them."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        self._url, self._stack = url.replace("http", "elasticsearch+http", 1), stack

    def new(self) -> str:
        name = f"{self._url}/test-{os.getpid()}-{next(NAMES)}"
        self._stack.callback(remove, name)
        return name

    def open(self, url: str | None = None, dimension: int = EMBEDDER.dimension) -> ElasticIndex:
        opened = open_elastic(url or self.new(), dimension=dimension, embedder_name=EMBEDDER.name if dimension else "")
        return self._stack.enter_context(closing(opened))


def remove(url: str) -> None:
    address = address_of(url)
    with closing(connect(address)) as cluster:
        drop_others(cluster, address.alias, "")


@pytest.fixture
def server_url() -> str:
    return os.environ.get("WORLDCTX_TEST_ELASTICSEARCH", "http://127.0.0.1:9290")


@pytest.fixture
def names(server_url: str) -> Iterator[Names]:
    with ExitStack() as stack:
        yield Names(server_url, stack)


class TestElasticIndex(SearchIndexContract):
    @pytest.fixture
    def url(self, names: Names) -> str:
        return names.new()

    @pytest.fixture
    def index(self, names: Names, url: str) -> SearchIndex:
        return names.open(url)

    @pytest.fixture
    def other_index(self, names: Names) -> SearchIndex:
        return names.open()

    @pytest.fixture
    def wordless_index(self, names: Names) -> SearchIndex:
        return names.open(dimension=0)

    @pytest.fixture
    def open_again(self, names: Names, url: str) -> Callable[[], SearchIndex]:
        return lambda: names.open(url)
