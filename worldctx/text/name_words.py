"""Words that names are made of, and words that stand beside them: tables of our own for the rules on names."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

#: Function words and adverbs: they begin a sentence with a capital, never a name inside one.
FUNCTION = frozenset("""
a about above according across after again against ago all almost along already also although always am among an and
another any are around as at be because been before behind being below beside besides between beyond both but by can
cannot could despite did do does during each either else especially even ever every everyone everything few finally
first following for formerly from further furthermore had has have having he hence her here hers herself him himself
his how however i if in indeed inside instead into is it its itself just last lastly later least less let like
likewise many may maybe me meanwhile might more moreover most much must my myself near nearly neither never
nevertheless next no nobody none nonetheless nor nothing now of off often on once one only onto or other others
otherwise our ours out over own per perhaps quite rather recently same second secondly several shall she should
similarly since so some someone something sometimes soon still such than that the their theirs them then there
therefore these they thing third thirdly this those though three through throughout thus to together too towards two
under unless unlike until up upon us usually very via was we were what whatever when whenever where whereas whether
which while who whoever whole whom whose why will with within without would yes yesterday yet you your yours today
tonight tomorrow
""".split())
#: What people say to each other, and what stands before a name in a letter or a chat.
GREETINGS = frozenset("""
awesome absolutely bye cheers congrats congratulations cool dear goodbye great haha hello hey hi lol nice oh ok okay
please sorry sure thank thanks wow yeah yep
""".split())
#: Forms of address and ranks: a person's name follows. Written without a full stop.
TITLES = frozenset("""
archbishop baroness bishop brigadier captain cardinal chief colonel comrade congressman congresswoman corporal count
countess dame deacon doctor dj dr emperor empress excellency father general gen gov hon imam judge justice king lady
lieutenant lord madam maj major majesty marshal miss mr mrs ms pastor pope prince princess prof professor queen rabbi
rep rev reverend sen sergeant sgt sheikh sheikha sir sister sultan vj
""".split())
#: What a person is by office: it stands before a name and is no part of it.
ROLES = frozenset("""
administrator advisor adviser ambassador analyst attorney boss captain ceo chair chairman chairperson chairwoman
chancellor chief coach co-founder commander commissioner correspondent delegate delegates deputy director editor envoy
founder governor head heads leader leaders manager mayor minister ministers officer official officials pm premier
president presidents principal professor prosecutor rapporteur representative representatives rector secretary
secretary-general senator senators speaker spokesman spokesperson spokeswoman supervisor treasurer vice-president
""".split())
#: The last word, or the word before `of`, of names of organisations.
ORGANISATION_HEADS = frozenset("""
academy administration agency airlines airways alliance army assembly association authority bank board brigade bureau
cabinet center centre chamber channel church club clinic coalition college command commission committee company
confederation congress consortium cooperative corporation council court department directorate federation force forces
foundation front fund gazette group guard herald hospital industries initiative inspectorate institute institution
journal laboratories laboratory league magazine ministry movement museum navy network news newspaper office orchestra
organisation organization parliament partnership party police post press project radio regiment school secretariat
senate service services society studio studios syndicate team television theater theatre times tribunal tribune union
university
""".split())
#: Legal forms and the like, which end the name of a company.
COMPANY_ENDS = frozenset("ag co corp gmbh inc llc llp ltd nv plc sa sarl spa".split())
#: The last word, or the word before `of`, of names of places.
PLACE_HEADS = frozenset("""
airport archipelago avenue bay beach boulevard bridge canal canyon castle city coast county creek desert district
falls forest garden gardens glacier gulf heights hill hills island islands isle isles kingdom lake lane mount mountain
mountains oblast ocean oceans palace park peninsula plateau prefecture province range region republic reservoir ridge
river road sea square state strait street territories territory tower town valley village volcano
""".split())
#: The first word of names of places.
PLACE_FRONTS = frozenset("cape fort lake mount mt port gulf isle rio saint san santa st".split())
#: The last word, or the word before `of` or `on`, of names of events, agreements and the like.
OTHER_HEADS = frozenset("""
accord accords act agreement award awards battle bill championship championships charter code conference convention
cup declaration exhibition expo fair festival games marathon medal olympics open operation pact plan prize protocol
revolution siege summit tournament treaty trophy uprising war wars
""".split())
#: Heads of OTHER_HEADS that happen at a time.
EVENT_HEADS = frozenset("""
battle championship championships conference cup expo fair festival games marathon olympics open operation revolution
siege summit tournament uprising war wars
""".split())
#: Heads of places that `of` joins to what follows: the Gulf of Mexico, but the coast of Australia.
JOINED_PLACES = frozenset("""
bay city district gulf isle isles kingdom palace peninsula province republic road sea state strait territory tower
valley
""".split())
#: Heads that `of` joins to what follows, beside those of organisations, places and the rest.
JOINED_HEADS = ORGANISATION_HEADS | JOINED_PLACES | OTHER_HEADS | frozenset(
    "cape duchy duke earl emirate group house principality republics sultanate states university".split())
#: Words that end a name and are none alone.
HEADS = JOINED_HEADS | PLACE_HEADS
#: Everyday adjectives and nouns that names begin with: they are kept at the front of one that opens a sentence.
NAME_FRONTS = frozenset("""
african american arab asian atlantic baltic black blue british central democratic east eastern european far federal
federated french general german gold golden grand great greater green high holy human imperial indian inner
international islamic justice latin little long lower middle national new north northern old pacific people people's
prime red republic royal russian saint san security social south southeast southern southwest soviet state supreme
third united upper west western white world young
""".split())
#: Words in capitals that name nothing.
CAPITALS = frozenset("""
ad aids am asap bc bce ce cd cpr diy dna dvd ec edt eta faq faqs fixme fm fyi gdp gmt gnp gps hiv http https id iq
isbn it jr lgbt lol mph nb null ok pc pdf phd pin pm ps pst pt ref rna rsvp sms sos sr tba tbd todo tv url usb utc vip
vs www xx xxi xv
""".split())
#: Nouns before a number that is no part of a name: Article 51, Chapter VII.
NUMBERED = frozenset("""
annex annexes appendix article articles category chapter class day days figure grade item level no number page pages
paragraph part phase point resolution resolutions room round rule season section session stage step table version
volume week
""".split())
#: The last word of what ails people: Bird Flu is no name.
AILMENTS = frozenset("cancer disease epidemic fever flu influenza outbreak pandemic syndrome virus".split())
#: Words with a capital that name nothing when they stand alone.
ALONE = NUMBERED | TITLES | COMPANY_ENDS | AILMENTS | {"acting", "prime", "vice"}


@lru_cache(maxsize=1)
def given_names() -> frozenset[str]:
    """Given names that are seldom anything else, in lower case."""
    text = (files("worldctx") / "text" / "given_names.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
