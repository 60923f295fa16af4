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


#: Capitalised words in which the names of organisations, works, laws and buildings end, or with which they begin.
HEADS = frozenset("""
academy accord accords act agency agreement airlines airport airways army art arts assembly association authority award
awards ballet bank basin bay board books bridge broadcasting brothers bureau campaign castle cathedral cemetery
center centers centre charter choir chronicle church club college commission committee company conference
consulate convention corporation corps council court courthouse creek cup daily declaration delta department
development directorate division embassy enterprises executive expedition express federation festival fighters
films force forces forest foundation front fund gallery games garden gardens gazette ghetto glacier group guard
hall heights herald high highway hill hills hospital hotel house inc independent industries initiative institute
institution journal laboratories laboratory lake lakes law league library line lines lodge ltd magazine market mission
monastery motors mount mountain mountains movement museum network news observatory office open orchestra order
organisation organization palace park partnership party pictures plan planning plant police port post
press prison prize procedure productions program programme project protocol publishers radio railway records
regiment review river road school schools sea securities series service services society space stadium station store
street studio studios summit symphony system systems taskforce team telegraph temple test theater theatre times tower
treaty tribunal tribune trophy union unit united university valley war zoo
""".split())
#: Words for kinds of places that descriptions begin with.
PLACE_TYPES = frozenset("""
borough canton capital city commune continent country county department district governorate island kingdom
municipality oblast parish peninsula prefecture province region republic river state suburb territory town township
village voivodeship
""".split())
