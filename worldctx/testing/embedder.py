"""The contract of ports.embedder as tests: inherit EmbedderContract and give a fixture `embedder`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from worldctx.ports.embedder import Embedder

PLAIN = (
    "Who is the President of Chile?",
    "Mr. Gorbachev, tear down this wall!",
    "The General Assembly met in New York on 24 October 1970 to mark its twenty-fifth year. " * 4,
    "peace",
    "Пражская весна",
    "東京は日本の首都である。",
    "الأمم المتحدة",
    "संयुक्त राष्ट्र",
)
STRANGE = {
    "empty": "",
    "white space": " \t\r\n\u00a0\u2003",
    "emoji": "👩‍👩‍👧‍👦🇨🇱🚀",
    "combining marks": "e\u0301\u0323 " + "a" + "\u0300" * 300,
    "NUL": "a\x00b\x00",
    "only NUL": "\x00",
    "controls": "".join(map(chr, range(32))) + "\x7f\u200b\u202e\ufeff\ufffe",
    "lone surrogates": "\ud800 high, low \udfff",
    "only a surrogate": "\udc80",
    "markers of a model": "[CLS] [SEP] [PAD] [MASK] <s> </s> <|endoftext|>",
    "one long word": "a" * 50_000,
    "very long": "The war is over. " * 20_000,
}
#: How far a row's length may be from one: the rounding of float32.
ROUNDING = 1e-5


class EmbedderContract:
    """Every promise of ports.embedder, one test each."""

    def test_each_text_has_a_unit_row_of_float32(self, embedder: Embedder) -> None:
        rows = embedder.embed(PLAIN)
        assert rows.dtype == np.float32
        assert rows.shape == (len(PLAIN), embedder.dimension)
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=ROUNDING)

    def test_no_texts_give_no_rows(self, embedder: Embedder) -> None:
        rows = embedder.embed([])
        assert rows.shape == (0, embedder.dimension)
        assert rows.dtype == np.float32

    @pytest.mark.parametrize("kind", STRANGE)
    def test_any_text_has_a_unit_row(self, embedder: Embedder, kind: str) -> None:
        alone = embedder.embed([STRANGE[kind]])
        assert np.isfinite(alone).all()
        assert np.allclose(np.linalg.norm(alone, axis=1), 1, atol=ROUNDING)
        beside = embedder.embed([PLAIN[0], STRANGE[kind], PLAIN[2]])
        assert beside[1].tobytes() == alone[0].tobytes()

    def test_a_text_has_the_same_bytes_alone_and_in_company(self, embedder: Embedder) -> None:
        together = embedder.embed(PLAIN)
        backwards = embedder.embed(PLAIN[::-1])[::-1]
        twice = embedder.embed([text for text in PLAIN for _ in range(3)])[::3]
        for number, text in enumerate(PLAIN):
            alone = embedder.embed([text])[0].tobytes()
            assert alone == together[number].tobytes() == backwards[number].tobytes() == twice[number].tobytes()

    def test_threads_do_not_disturb_each_other(self, embedder: Embedder) -> None:
        alone = [embedder.embed([text])[0].tobytes() for text in PLAIN]
        orders = [np.random.default_rng(seed).permutation(len(PLAIN)) for seed in range(12)]
        with ThreadPoolExecutor(6) as pool:
            found = list(pool.map(lambda order: embedder.embed([PLAIN[one] for one in order]), orders))
        for order, rows in zip(orders, found, strict=True):
            assert [row.tobytes() for row in rows] == [alone[one] for one in order]

    def test_rows_are_the_callers_own(self, embedder: Embedder) -> None:
        rows = embedder.embed(PLAIN[:2])
        kept = rows.tobytes()
        rows[:] = 0
        assert embedder.embed(PLAIN[:2]).tobytes() == kept

    def test_texts_about_the_same_are_nearer_than_others(self, embedder: Embedder) -> None:
        asked, near, far = embedder.embed(
            ["the president of Chile", "Chile has a new president", "a recipe for bread with olives and rosemary"]
        )
        assert asked @ near > asked @ far

    def test_name_and_dimension_stay(self, embedder: Embedder) -> None:
        before = embedder.name, embedder.dimension
        embedder.embed(PLAIN)
        assert (embedder.name, embedder.dimension) == before
        assert embedder.name
        assert embedder.dimension > 0
