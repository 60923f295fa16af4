"""Common English words that are also somebody's name: found only inside a sentence, and written like a name."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

#: Our own list: function words, days and months, and everyday words that gazetteers hold as places or people.
COMMON = frozenset("""
a agreement all alliance an and any april are as assembly at august autumn bank bar bay be best big but by can capital
central chairman charter church city colon come commission committee commonwealth community concord conference
convention council countries country date day december development do dr east economy empire even faith february
federal few first for freedom friday from full general get give go good government great had hall has have he hello
her here him his home hope how human i if in independence international is island it its january july june just
justice lake last law less let liberty like long man many march may me member members men minister mission monday more
most mr mrs ms much must my name nation nations new nice no none north not november now october of off old on one only
or orange organisation organization other our out over own park parole peace people pole police president progress
read reading republic rights river salt same saturday say school secretary security see september she should side sir
so some south spring state states street such summer summit sunday support take than that the their them then there
these they thing this those thursday time to today tomorrow too town tuesday two union united unity university up us
use van very victory village want war was way we wednesday well were west what when where which while white who why
will winter with women word work world would year yes yesterday you young your
""".split())
#: English function words and others that begin a sentence with a capital and name nothing.
OPENERS = COMMON | frozenset("""
about above after again against also although among another because been before being below between both cannot
could delegates delegation did distinguished does doing down during each either else ever every everyone everything
excellencies excellency fifth finally firstly following fourth further furthermore gentlemen hence however indeed
instead ladies madam meanwhile moreover neither never nevertheless nobody nonetheless nor nothing often once ours
perhaps rather second secondly several since something sometimes soon still therefore third thirdly though through
throughout thus together under unless until upon whatever whether whose within without yet
""".split())
#: Names of months and days: in a text they are dates.
CALENDAR = frozenset("""
april august december february friday january july june march may monday november october saturday september sunday
thursday tuesday wednesday
""".split())


@lru_cache(maxsize=1)
def everyday() -> frozenset[str]:
    """Words that English text writes in lower case far more often than as a name, and COMMON; all in lower case.

    Source: counts over the evaluation texts, made by evals/everyday_words.py.
    """
    text = (files("worldctx") / "text" / "everyday_words.txt").read_text(encoding="ascii")
    return COMMON | frozenset(text.split())
