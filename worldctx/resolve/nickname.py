"""Short forms of English given names, by hand: the everyday ones of people in public life."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

#: A given name and the short forms that stand for it. A short form may stand for several names.
_SHORT = """
abigail: abby abbie; abraham: abe; alan: al; albert: al bert; alexander: alex al sandy; alexandra: alex sandra;
alfred: al fred; allan: al; allen: al; amanda: mandy; andrew: andy drew; angela: angie; anthony: tony; antonio: tony;
arthur: art; barbara: barb; benjamin: ben benny; bernard: bernie; beverly: bev; bradley: brad; calvin: cal; cameron:
cam; caroline: carrie; carolyn: carrie; catherine: cathy kate katie cat; charles: charlie chuck chip; cheryl: cheri;
christina: chris tina christy; christine: chris christy; christopher: chris kit; clifford: cliff; clinton: clint;
constance: connie; cornelius: neil; curtis: curt; cynthia: cindy; daniel: dan danny; david: dave davey; deborah: deb
debbie; debra: deb debbie; dennis: denny; dominic: dom nick; donald: don donnie; dorothy: dot dottie; douglas: doug;
edmund: ed eddie; edward: ed eddie ted ned; edwin: ed eddie; elaine: lainie; eleanor: ellie nell; elizabeth: liz beth
betty betsy lizzie eliza; emily: em; eugene: gene; evelyn: evie; florence: flo; frances: fran frankie; francis: frank;
franklin: frank; frederick: fred rick; gabriel: gabe; geoffrey: geoff jeff; gerald: gerry jerry; gerard: gerry jerry;
gilbert: gil; gregory: greg; gwendolyn: gwen; harold: hal harry; harriet: hattie; henry: hank harry; herbert: herb;
howard: howie; hubert: bert; irving: irv; isaac: ike; jacob: jake; jacqueline: jackie; james: jim jimmy jamie; janet:
jan; janice: jan; jason: jay; jeffrey: jeff; jennifer: jen jenny jenn; jeremiah: jerry; jeremy: jerry; jerome: jerry;
jesse: jess; jessica: jess jessie; john: jack johnny jon; jonathan: jon; joseph: joe joey; joshua: josh; judith: judy;
julia: julie; katherine: kathy kate katie kay kat; kathleen: kathy kate katie; kathryn: kathy kate katie; kenneth: ken
kenny; kimberly: kim; laura: laurie; lawrence: larry; leonard: len lenny leo; leslie: les; lewis: lew; louis: lou
louie; lucille: lucy; luther: lou; madeline: maddie; margaret: maggie meg peggy marge; marjorie: marge; martha: marty;
martin: marty; marvin: marv; mary: molly; matthew: matt; maureen: mo; melvin: mel; michael: mike mickey mick;
michelle: shelly; mildred: millie; milton: milt; mitchell: mitch; mohammed: mo; nancy: nan; natalie: nat; nathan: nate
nat; nathaniel: nate nat; nicholas: nick nicky; norman: norm; oliver: ollie; pamela: pam; patricia: pat patty trish
tricia; patrick: pat paddy; peter: pete; philip: phil; phillip: phil; rachel: rae; randall: randy; randolph: randy;
raymond: ray; rebecca: becky becca; reginald: reggie; richard: rick dick rich richie ricky; robert: bob rob bobby
robbie bert; roberta: bobbie; rodney: rod; ronald: ron ronnie; roosevelt: rosey; rosemary: rose; russell: russ;
samantha: sam; samuel: sam sammy; sandra: sandy; sarah: sally sadie; scott: scotty; sharon: shari; sidney: sid;
stanley: stan; stephanie: steph; stephen: steve; steven: steve; stewart: stu; stuart: stu; susan: sue susie suzy;
suzanne: sue; sylvester: sly; terence: terry; teresa: terry; terrence: terry; thaddeus: thad; theodore: ted teddy
theo; theresa: terry tess; thomas: tom tommy; timothy: tim timmy; tyler: ty; valerie: val; vernon: vern; victor: vic;
victoria: vicki vicky tori; vincent: vince vinny; virginia: ginny ginger; vivian: viv; walter: walt wally; wesley:
wes; wilbur: will; willard: will; william: bill will billy willie liam; winifred: winnie; zachary: zach zack
"""


def _names() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for entry in _SHORT.split(";"):
        name, _, shorts = entry.partition(":")
        for one in shorts.split():
            found[one].add(name.strip())
    return {short: frozenset(names) for short, names in found.items()}


#: The names that a short form stands for.
LONG = _names()


def long_forms(given: str) -> frozenset[str]:
    """A given name (folded) and the names that it may be short for."""
    return LONG.get(given, frozenset()) | {given}
