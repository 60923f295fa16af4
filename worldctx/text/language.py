"""A guess at the language of a text: by its script, then by its function words; silent when unsure.

The method of function words is that of Grefenstette (1995, "Comparing two language identification schemes"): few words
make up much of any running text, and a name or a loan word says nothing. A word that n languages share counts 1/n.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import regex

_PROFILES = {
    "en": "the of and to in is that for it was with as on be by this are from have not at or an which you we they he "
          "she his her their has had were been will would can who what when where how do does did there about into "
          "more than but if i my your our its us me them so no any all after before between during over under",
    "de": "der die und das den von zu mit ist im für auf nicht ein eine dem sich auch es des einer einem einen er sie "
          "wir ihr ich war sind wird wurde haben hat als bei nach wer was wie wo wann aus durch über zum zur am um "
          "noch oder aber wenn dass kann nur vor bis seit unter zwischen werden waren kein keine",
    "fr": "le la les des et du une est que dans pour sur pas qui au par avec sont ce un il elle nous vous ils je ne se "
          "sa son ses leur cette ces aux en à a été être ont où quand comment mais ou plus comme était d l qu n s c y "
          "quel quelle fut entre depuis sans",
    "es": "el la los las de que y en un una por con para no se del es al como más su sus lo le fue ser son está han ha "
          "era este esta estos pero o si quién qué cuándo dónde cómo entre desde sin sobre hasta nos yo ella ellos muy "
          "también cuando",
    "it": "il di che la e un una per con non del della sono gli nel alla le si è i lo da in al dei delle nella ha "
          "hanno era fu stato anche come più ma o se chi cosa quando dove tra fra dal dalla sul sulla questo questa "
          "suo sua degli l",
    "pt": "o a os as de que e em um uma para com não do da por se mais dos na no nas nos ao à é são foi ser está como "
          "mas ou sua seu seus pelo pela quem quando onde entre desde sem sobre até também ele ela eles foram tem",
    "nl": "de het een en van in is dat op te voor met niet zijn aan er om ook als bij door naar uit over wordt werd "
          "heeft hebben was waren maar of wie wat wanneer waar hoe nog dan deze dit die ik hij zij wij je tot onder "
          "tussen geen",
    "sv": "och att det som en är av för på den till med har inte ett om var de från jag han hon vi kan men när vem vad "
          "hur där eller efter under mellan sig så ska blev också detta i",
    "da": "og at det som en er af for på den til med har ikke et om var de fra jeg han hun vi kan men når hvem hvad "
          "hvor eller efter under mellem sig så skal blev også dette i",
    "no": "og at det som en er av for på den til med har ikke et om var de fra jeg han hun vi kan men når hvem hva "
          "hvor eller etter under mellom seg så skal ble også dette i",
    "fi": "ja on ei se että oli hän ovat mutta kun tai joka myös kuin sen olla niin mitä kuka milloin missä tämä ne "
          "jos vain sekä hänen ole me minä sinä he jälkeen",
    "pl": "i w na z do nie się że jest to o jak po za od przez dla przy był była było są ale lub czy który która które "
          "kto co kiedy gdzie jego jej ich oraz może tylko już także",
    "cs": "a v na se je že z do s o to i jako po za od pro při byl byla bylo jsou ale nebo který která které kdo co "
          "kdy kde jeho její jejich také už jen podle ve není",
    "ro": "și în de la a cu din pe nu este un o care pentru că au fost mai dar sau ce cine când unde cum sunt ale lui "
          "prin după între al sa",
    "tr": "ve bir bu için ile de da olarak çok daha en ne kim zaman nerede nasıl değil olan gibi sonra kadar ama veya "
          "ise var yok tarafından her onun ben biz mi mı",
    "id": "yang dan di dari untuk dengan pada ini itu tidak adalah ke dalam akan oleh sebagai juga atau telah bahwa "
          "ada siapa apa kapan mana saya kami mereka dia bisa karena",
    "hu": "a az és hogy nem egy van is volt meg ez ki mi mikor hol de vagy mint csak már még el be lesz voltak után "
          "között azt ezt",
    "vi": "và của là có không được trong cho một các người những với này đã khi ở đến ai gì nào như để từ",
    "sw": "na ya wa kwa ni katika za la cha kuwa hii hiyo huyo yake wake lakini au nani nini lini wapi kama pia sana",
    "ru": "и в на не что с по это как к из у за от для он она они мы я был была было были но или то так кто когда где "
          "о об же его её их при после также до",
    "uk": "і в на не що з по це як до із у за від для він вона вони ми я був була було були але або то так хто коли "
          "де про й та його її їх при після також є",
    "bg": "и в на не че с по това как към от за той тя те ние аз беше са но или така кой кога къде е се да ще си след "
          "също го му",
    "ar": "في من على إلى أن هذا هذه التي الذي عن مع كان كانت لا ما هو هي بين بعد قبل كل هل متى أين كما ذلك و أو",
    "fa": "و در به از که این است را با برای آن بود شد می های یک تا بر نیز هم کرد چه کی کجا شده خود",
    "hi": "है के में की और का को से पर हैं यह था थे ने एक नहीं कि भी कौन क्या कब कहाँ लिए इस वह",
    "mr": "आहे आणि च्या ला मध्ये हे ते होते होता नाही या व कोण काय केव्हा कुठे आहेत एक",
}
#: Scripts that one language is mostly written in.
_SCRIPTS = {"el": "Greek", "he": "Hebrew", "th": "Thai", "ko": "Hangul", "ka": "Georgian", "hy": "Armenian",
            "bn": "Bengali", "ta": "Tamil", "te": "Telugu", "gu": "Gujarati", "pa": "Gurmukhi", "km": "Khmer",
            "my": "Myanmar", "lo": "Lao", "am": "Ethiopic"}
_OWN = {language: regex.compile(rf"\p{{{script}}}") for language, script in _SCRIPTS.items()}
_LETTER, _LATIN = regex.compile(r"\p{L}"), regex.compile(r"\p{Latin}")
_HAN, _KANA = regex.compile(r"\p{Han}"), regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_TOKEN = regex.compile(r"[\p{L}\p{M}]+")
_WORDS = {language: frozenset(words.split()) for language, words in _PROFILES.items()}
#: For each function word, the languages that have it, and how much it counts for each.
_SAYS = {word: (tuple(sorted(language for language, words in _WORDS.items() if word in words)))
         for word in set().union(*_WORDS.values())}
#: Letters that among those languages only one has, or few: they count where a function word agrees.
_LETTERS = {"de": "ß", "es": "ñ¿¡", "pt": "ãõ", "pl": "łęąśż", "cs": "řěů", "hu": "őű", "ro": "țșă", "tr": "ğış",
            "da": "æ", "no": "æ", "sv": "ä", "uk": "іїєґ", "ru": "ыэё", "bg": "ъ", "fa": "پچژگ", "vi": "ươđ"}
#: Characters looked at; share of letters of one script that makes the text be written in it.
HEAD, WRITTEN = 4000, 0.6
#: Evidence a language needs: so many points, and so many for each word; and its lead over the next.
POINTS, SHARE, LEAD = 1.0, 0.09, 1.35
#: What one of its own letters counts, and at most so many of them.
LETTER, MOST_LETTERS = 0.5, 4


def guess_language(text: str) -> str:
    """BCP 47 tag of the language of a text, or empty when it is too short, mixed or of a language not known here."""
    return _guessed(text[:HEAD])


@lru_cache(maxsize=256)  # several steps of one answer ask for the same text
def _guessed(head: str) -> str:
    letters = len(_LETTER.findall(head))
    if letters < 2:
        return ""
    for language, pattern in _OWN.items():
        if len(pattern.findall(head)) >= WRITTEN * letters:
            return language
    kana, han = len(_KANA.findall(head)), len(_HAN.findall(head))
    if kana + han >= WRITTEN * letters:
        return "ja" if kana >= 0.1 * (kana + han) else "zh"
    return _by_words(head, latin=2 * len(_LATIN.findall(head)) >= letters)


def _by_words(text: str, *, latin: bool) -> str:
    words = [word.casefold() for word in _TOKEN.findall(text)]
    points = dict.fromkeys(_WORDS, 0.0)
    for word, count in sorted(Counter(words).items()):
        for language in (shared := _SAYS.get(word, ())):
            points[language] += count / len(shared)
    for language, own in _LETTERS.items():
        if points[language]:
            found = sum(text.count(letter) for letter in own)
            points[language] += LETTER * min(found, MOST_LETTERS)
    ranked = sorted(((round(value, 6), language) for language, value in points.items()
                     if (_LATIN.match(_PROFILES[language]) is not None) == latin), key=lambda one: (-one[0], one[1]))
    (most, language), (second, _) = ranked[:2]
    return language if most >= POINTS and most >= SHARE * len(words) and most >= LEAD * second else ""
