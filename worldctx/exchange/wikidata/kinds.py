"""Well-known classes of Wikidata and the kind of what is an instance of them; written by hand."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from worldctx.model.entity import Kind

#: Number and English label of each class, the number first; the labels are for the reader.
_CLASSES: Mapping[Kind, str] = {
    Kind.PERSON: """5 human""",
    Kind.EVENT: """
        1656682 event; 1190554 occurrence; 198 war; 178561 battle; 180684 conflict; 188055 siege;
        645883 military operation; 40231 election; 858439 presidential election; 1076105 general election;
        43109 referendum; 3839081 disaster; 8065 natural disaster; 7944 earthquake; 8092 tropical cyclone;
        744913 aviation accident; 171558 accident; 2223653 terrorist attack; 132821 murder; 891854 bomb attack;
        3199915 massacre; 3882219 assassination; 273120 protest; 175331 demonstration; 45382 coup d'état;
        10931 revolution; 124757 riot; 124734 rebellion; 49776 strike; 192909 scandal; 16510064 sporting event;
        27020041 sports season; 18608583 recurring sporting event; 500834 tournament; 13406554 sports competition;
        15275719 recurring event; 132241 festival; 220505 film festival; 868557 music festival; 182832 concert;
        464980 exhibition; 2020153 academic conference; 5389 Olympic Games; 159821 Summer Olympic Games;
        82414 Winter Olympic Games; 3241045 disease outbreak; 12184 pandemic; 44512 epidemic; 2133344 space mission;
        752783 human spaceflight; 103495 world war; 8465 civil war; 831663 military campaign;
        1261499 naval battle; 13418847 historical event; 4504495 award ceremony""",
    Kind.ORGANISATION: """
        43229 organization; 4830453 business; 6881511 enterprise; 783794 company; 891723 public company;
        163740 nonprofit organization; 484652 international organization; 245065 intergovernmental organization;
        79913 non-governmental organization; 7278 political party; 3918 university; 875538 public university;
        902104 private university; 15936437 research university; 38723 higher education institution; 3914 school;
        9826 high school; 159334 secondary school; 189004 college; 31855 research institute; 33506 museum;
        207694 art museum; 7075 library; 166118 archive; 22687 bank; 46970 airline; 249556 railway company;
        11032 newspaper; 1110794 daily newspaper; 41298 magazine; 2085381 publisher; 192283 news agency;
        1616075 television station; 2001305 television channel; 14350 radio station; 476028 association football club;
        847017 sports club; 12973014 sports team; 6979593 national association football team;
        4438121 sports organization; 623109 sports league; 215380 musical group; 5741069 rock group;
        2088357 musical ensemble; 42998 orchestra; 18127 record label; 1762059 film production company;
        210167 video game developer; 1137109 video game publisher; 327333 government agency; 192350 ministry;
        11204 legislature; 35749 parliament; 41487 court; 190752 supreme court; 772547 armed forces; 37726 army;
        4508 navy; 176799 military unit; 17149090 armed organization; 47913 intelligence agency; 16917 hospital;
        178706 institution; 157031 foundation; 178790 labor union; 48204 voluntary association;
        1530022 religious organization; 13414953 religious denomination; 879146 Christian denomination;
        955824 learned society; 414147 academy of sciences; 66344 central bank; 11691 stock exchange;
        167037 corporation; 161726 multinational corporation; 219577 holding company; 658255 subsidiary;
        18388277 technology company; 1058914 software company; 507619 retail chain; 786820 automobile manufacturer;
        936518 aerospace manufacturer; 294163 public institution; 2659904 government organization; 7188 government;
        7210356 political organization; 1393724 umbrella organization; 4120211 regional organization;
        1335818 supranational union; 8436 family; 16334295 group of humans; 15911314 association;
        21980538 commercial organization; 1194970 dot-com company; 1664720 institute""",
    Kind.PLACE: """
        515 city; 1549591 big city; 5119 capital city; 486972 human settlement; 3957 town; 532 village; 5084 hamlet;
        15284 municipality; 123705 neighborhood; 2983893 quarter; 1907114 metropolitan area; 702492 urban area;
        174844 megacity; 200250 metropolis; 1093829 city in the United States; 1637706 million city;
        484170 commune of France; 747074 comune of Italy; 262166 municipality of Germany;
        42744322 urban municipality in Germany; 22865 independent city of Germany; 253019 Ortsteil; 3257686 locality;
        188509 suburb; 6256 country; 3624078 sovereign state; 7275 state; 3024240 historical country;
        161243 dependent territory; 56061 administrative territorial entity;
        10864048 first-level administrative division; 13220204 second-level administrative division;
        35657 U.S. state; 47168 county of the United States; 1221156 federated state of Germany; 28575 county;
        34876 province; 149621 district; 82794 region; 1620908 historical region; 5107 continent; 23442 island;
        33837 archipelago; 8502 mountain; 46831 mountain range; 54050 hill; 8072 volcano; 4022 river; 23397 lake;
        165 sea; 9430 ocean; 37901 strait; 39594 bay; 34763 peninsula; 8514 desert; 39816 valley; 4421 forest;
        22698 park; 46169 national park; 473972 protected area; 79007 street; 34442 road; 174782 square;
        12280 bridge; 44377 tunnel; 1248784 airport; 644371 international airport; 55488 railway station;
        928830 metro station; 41176 building; 811979 architectural structure; 11303 skyscraper;
        16970 church building; 44613 monastery; 32815 mosque; 2977 cathedral; 23413 castle; 16560 palace;
        839954 archaeological site; 570116 tourist attraction; 483110 stadium; 1076486 sports venue; 39614 cemetery;
        12323 dam; 131681 reservoir; 40080 beach; 185113 cape; 12284 canal; 35509 cave; 355304 watercourse;
        34038 waterfall; 35666 glacier; 40357 prison; 27686 hotel; 3947 house; 1081138 historic site; 4989906 monument;
        5003624 memorial; 1048835 political territorial entity; 15642541 human-geographic territorial entity;
        618123 geographical feature; 2221906 geographic location; 27096213 geographic entity; 17334923 location;
        6999 astronomical object; 634 planet; 523 star; 318 galaxy; 3863 asteroid; 48349 empire; 417175 kingdom;
        7270 republic; 1250464 realm; 170156 confederation; 43702 federation; 133442 city-state;
        1763527 constituent country;        3336843 country of the United Kingdom; 1520223 constitutional republic""",
    Kind.WORK: """
        386724 work; 17537576 creative work; 11424 film; 5398426 television series; 21191270 television series episode;
        3464665 television series season; 15416 television program; 7725634 literary work; 571 book; 8261 novel;
        47461344 written work; 3331189 version, edition or translation; 482994 album; 134556 single; 7366 song;
        105543609 musical work/composition; 2188189 musical work; 3305213 painting; 860861 sculpture;
        838948 work of art; 7889 video game; 25379 play; 1344 opera; 5185279 poem; 49084 short story; 191067 article;
        13442814 scholarly article; 1004 comics; 21198342 manga series; 63952888 anime television series; 1107 anime;
        24856 film series; 277759 book series; 202866 animated film; 24862 short film; 93204 documentary film;
        506240 television film; 1259759 miniseries; 125191 photograph; 35127 website; 234460 text; 820655 statute;
        131569 treaty; 7755 constitution; 1002697 periodical; 737498 academic journal; 5633421 scientific journal;
        179700 statue; 1555508 radio program; 49848 document; 87167 manuscript; 36279 biography; 8274 manga;
        196600 media franchise; 5292 encyclopedia; 23691 national anthem""",
    Kind.PRODUCT: """
        2424752 product; 1183543 device; 42889 vehicle; 1420 motor car; 3231690 automobile model;
        15056993 aircraft family; 15056995 aircraft model; 7397 software; 9143 programming language;
        9135 operating system; 166142 application; 341 free software; 11446 ship; 559026 ship class;
        12140 medication; 19723451 smartphone model; 728 weapon; 40218 spacecraft; 697175 launch vehicle; 68 computer;
        8076 video game console; 746549 dish; 40050 drink; 3220391 social networking service; 431289 brand;
        26529 space probe; 11436 aircraft; 34379 musical instrument; 17517 mobile phone; 22645 smartphone;
        1668024 service on Internet; 20741022 digital camera model""",
    Kind.CONCEPT: """
        16521 taxon; 101352 family name; 202444 given name; 12308941 male given name; 11879590 female given name;
        4167410 Wikimedia disambiguation page; 4167836 Wikimedia category; 11266439 Wikimedia template;
        13406463 Wikimedia list article; 12136 disease; 28640 profession; 12737077 occupation; 4164871 position;
        294414 public office; 34770 language; 1288568 modern language; 33742 natural language; 41710 ethnic group;
        9174 religion; 618779 award; 11344 chemical element; 11173 chemical compound; 7187 gene; 8054 protein;
        11862829 academic discipline; 17737 theory; 151885 concept; 95074 fictional character; 15632617 fictional human;
        8142 currency; 349 sport; 31629 type of sport; 188451 music genre; 483394 genre; 7257 ideology;
        12909644 political ideology; 3186692 calendar year; 577 year; 39911 decade; 578 century; 16889133 class;
        11514315 historical period; 49773 social movement; 216353 title""",
}

#: Which kind is taken where the classes of a thing say several.
ORDER = (Kind.PERSON, Kind.EVENT, Kind.ORGANISATION, Kind.PLACE, Kind.WORK, Kind.PRODUCT, Kind.CONCEPT)


def _numbers(listed: str) -> list[int]:
    return [int(one.split(maxsplit=1)[0]) for one in listed.split(";")]


#: Kind of the instances of a class, by the number of its item: 5 is `human`.
KINDS: Mapping[int, Kind] = {number: kind for kind, listed in _CLASSES.items() for number in _numbers(listed)}

#: Where no class tells: a statement with one of these properties makes it that kind, the first that fits. A place among
#: them comes after organisations, for these have coordinates too.
_EVIDENCE: tuple[tuple[Kind, frozenset[str]], ...] = (
    (Kind.PERSON, frozenset({"P569", "P570", "P21", "P106", "P19", "P20"})),
    (Kind.ORGANISATION, frozenset({"P159", "P1454", "P452", "P169", "P749", "P1128", "P3320", "P414"})),
    (Kind.PLACE, frozenset({"P625", "P131", "P1082", "P36", "P2044", "P1566"})),
    (Kind.WORK, frozenset({"P577", "P50", "P57", "P175", "P86", "P161", "P1476"})),
    (Kind.EVENT, frozenset({"P585", "P710", "P1346", "P664"})),
    (Kind.PRODUCT, frozenset({"P176", "P178", "P287"})),
)


def first(kinds: Iterable[Kind]) -> Kind | None:
    """The one of several kinds that is taken."""
    return min(kinds, key=ORDER.index, default=None)


def by_evidence(properties: Container[str]) -> Kind:
    """The kind of a thing whose classes do not tell, by the properties that it has; a concept where nothing tells."""
    return next((kind for kind, telling in _EVIDENCE if any(one in properties for one in telling)), Kind.CONCEPT)
