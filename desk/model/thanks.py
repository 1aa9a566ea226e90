"""Whether a customer's message needs an answer at all: thanks, a thumbs-up or a greeting does not.

The rule knows what is harmless and nothing else. A wrong "needs none" loses a customer, a wrong "needs one" costs a
glance; so a message passes only if every single word of it belongs to a phrase below, whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

MOST_WORDS = 8
"""Words beyond which thanks are no longer only thanks."""

_HAPPY = (
    "👍👏🙏🙌🤝👌✌🤘🤙💪👋🤞🫶🫡🙇💁"
    "❤🧡💛💚💙💜🖤🤍🤎💕💖💗💓💞💘💝❣♥💟😍🥰😘😗😙😚🤗🤩😻💋"
    "🙂😊☺😀😃😄😁😆😅😂🤣😉😇😌😋😎🥳😸😺🤭🥹"
    "🎉🎊✨🌟⭐💫🏆🥇💯✅✔☑🌈☀🌞🌻🌷🌹🌸🌺🌼💐🍀🎁🥂🍻☕🍾"
)
"""Emoji that nobody complains with. Not among them: 🔥 👀 🙄 😐 😭 🥺 and all that may ask or mock."""
_MODIFIERS = re.compile("[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff♀♂]")
_EMOTICON = re.compile(r"[:;=][-o']?[)D*pP]+(?!\w)|(?<!\S)(?:<3+|[xX]D+|\^[_.-]?\^|\\o/)(?=[\s.,!]|$)")
_MENTION = re.compile(r"(?<![\w@])@[A-Za-z0-9_.]+(?![\w@])")
_ALLOWED = re.compile(r"[\w\s.,!:;'’‘´`~*&+–—-]*")
_TRAILS_OFF = re.compile(r"\.\s*\.|…")
_LONG = re.compile(r"(\w)\1{2,}")

# Phrases, folded: small letters, no accents (ø is o, æ is ae, å is aa, ß is ss). {a|b} is a choice, [a] may be missing,
# a line in deeper indent goes on. "+" is thanks; "~" is praise, which may be meant the other way round ("Great job 👏")
# and counts only beside thanks; all others react or greet. Nothing here says yes or no: that answers what we asked.
_PHRASES = """
+ [{many|so many|a million|big|huge|great|ok|oh|aw}] {thanks|thx|thnx|thanx|tnx|tks|thnks}
    [{again|so much|very much|a lot|a bunch|a ton|a million|heaps|loads|mate|team|guys|folks|all|everyone|everybody}]
    [{guys|team|again|everyone}] [_for_en_]
+ {thank you|thank u|ty|tysm|tyvm|thankyou} [{again|so much|so so much|very much|very very much|a lot|all|both}]
    [{team|guys|folks|everyone|everybody|all|again}] [_for_en_]
+ {many|so many} thanks {to you|to you all|to all of you|to the team}
+ {much|really|very much|greatly|so} appreciated
+ {i|we} [really] appreciate {it|that|this|{your|the} [{quick|fast|prompt|kind}] {help|support|reply|response|answer}}
    [{a lot|so much|very much}]
+ appreciate {it|that|the help|your help} [{a lot|so much|very much}]
+ cheers [{mate|guys|team|all|again}]
~ {you are|you're|youre|ur|u r}
    {the best|awesome|amazing|great|a star|a legend|a lifesaver|legends|so kind|very kind|too kind|wonderful|brilliant}
    [{guys|team|all}]
~ you {guys|all|folks} {rock|are the best|are awesome|are amazing|are great}
~ you {rock|rule}
~ {love|i love|we love} {it|you|you guys|this|that|u}
~ {that's|thats|that is|this is|it's|its|it is}
    {great|perfect|awesome|amazing|wonderful|brilliant|lovely|super|excellent|fantastic
    |[{very|so|really}] kind [of you]}
~ {great|excellent|amazing|awesome|fantastic|wonderful|brilliant|superb|good|super}
    {job|work|service|support|team|help|stuff|customer service}
~ [{you|you've|you have|u|this|that}] [{really|totally|just}] made my [whole] {day|week|month|year}
~ {well done|nice one|wow|bravo|yay|woohoo|hooray|hurray}
{great|perfect|awesome|amazing|wonderful|brilliant|lovely|super|superb|excellent|fantastic|nice|cool|sweet}
{all good|sounds good|sounds great|will do|got it|understood|noted|you too|same to you|likewise}
{you're|youre|you are} welcome
{ok|okay|okey|oki|kk|alright|alrighty}
{hi|hello|hey|heya|hiya|howdy|greetings} [{there|all|everyone|everybody|team|guys|folks}]
good {morning|afternoon|evening|night|day} [{all|everyone|team|guys|to you|to you all}]
[and] have a {nice|great|good|lovely|wonderful|fantastic|fabulous} {day|evening|weekend|week|one|night|afternoon}
    [{too|all|everyone|guys|ahead}]
{bye|goodbye|bye bye|take care|xx|xo|xoxo|best wishes|best regards|kind regards|regards}

+ [{ok|okay|super|oh}] {danke|dankeschon|dankeschoen|merci|dankesehr}
    [{dir|euch|ihnen|dir sehr|euch sehr|ihnen sehr|schon|schoen|sehr|vielmals|nochmal|nochmals|noch mal|noch einmal}]
    [{euch allen|an alle|ans team|an das team|ihr lieben|leute|dafur|dafuer}] [_for_de_]
+ {vielen|vielen lieben|lieben|besten|herzlichen|tausend|ganz lieben|recht herzlichen|allerbesten|schonen|schoenen} dank
    [{dir|euch|ihnen|nochmal|nochmals|euch allen|an alle|ans team|an das team}] [_for_de_]
+ {ich danke|wir danken} {dir|euch|ihnen} [{sehr|vielmals|herzlich}]
~ {das ist|ist ja|das ist ja} [{sehr|wirklich|so|echt}] {lieb|nett|super|toll|klasse|prima|perfekt|spitze|freundlich}
    [von {euch|dir|ihnen}]
~ {sehr|wirklich|so|echt|total|ganz} {lieb|nett|freundlich|super|toll} [von {euch|dir|ihnen}]
~ {super|toller|klasse|top|mega|guter|bester|tolle} {service|support|team|arbeit|sache|kundenservice}
~ {ihr seid|du bist|sie sind} [echt] {super|toll|klasse|die besten|der beste|die beste|spitze|ein schatz|grossartig}
~ {weiter so|gut gemacht|freut mich|bravo}
{super|toll|klasse|prima|perfekt|spitze|genial|wunderbar|grossartig|fantastisch|herrlich|cool|mega|top}
{alles klar|alles gut|alles super|okay|passt|gern geschehen|ebenso|gleichfalls}
{hallo|hi|hey|moin|moin moin|servus|gruezi|gruss gott|gruss dich|huhu|tach}
    [{zusammen|liebes team|team|ihr lieben|leute}]
{guten|schonen guten|schoenen guten} {morgen|tag|abend|tach} [{zusammen|liebes team}]
gute nacht
[und] [{einen|ein|euch einen|euch ein|ihnen einen|dir einen|noch einen|noch ein|euch noch einen}]
    {schonen|schoenen|schones|schoenes|guten|tollen} {tag|abend|feierabend|wochenende|sonntag|start in die woche}
    [{noch|euch|dir|ihnen|euch noch}]
{tschuss|tschuess|ciao|bis dann|bis bald|lg|vg|mfg|gruss|grusse}
{liebe|viele|beste|schone|herzliche} {grusse|gruesse}

+ [{ok|okay|super|mange|tusind|tusinde|hjertelig|stort|rigtig mange|saa mange|mange mange|tusind tusind}] tak
    [{skal du have|skal i have|til jer|til dig|til jer alle|igen|endnu engang|herfra|allesammen}] [_for_da_]
~ {det er|det var} [{rigtig|virkelig|meget|saa|super}]
    {sodt|sodt af jer|sodt af dig|fint|dejligt|godt|flot|perfekt|super|venligt af jer|paent af jer}
~ {super|fantastisk|god|flot|fremragende|dejlig} {service|arbejde|hjaelp|support|betjening|kundeservice}
~ {i er|du er} {super|fantastiske|de bedste|for seje|seje|sod|sode|den bedste}
{super|fedt|perfekt|dejligt|fantastisk|skont|herligt|lekkert|sejt|toppen|flot|glimrende}
{okay|oki|alt godt|helt fint|i lige maade|velbekomme|selv tak}
{hej|hejsa|hej hej|halloj|goddag|god dag|godmorgen|god morgen|godaften|god aften|godnat|hi|davs}
    [{alle|allesammen|team|med jer}]
[og] [{hav en|ha en|have en|fortsat}] {god|dejlig|fortsat god|rigtig god|skon}
    {dag|aften|weekend|uge|sondag|eftermiddag} [{til jer|til dig|alle|videre}]
{farvel|vi ses|kh|mvh|knus|venlig hilsen|mange hilsner|de bedste hilsner}

+ [{ok|super|moc|mockrat|tisickrat|nastokrat|velke|opravdu|opravdu moc|jeste jednou}]
    {diky|dik|dekuji|dekuju|dekujeme|dekujem|dikes|dikec} [{vam|ti|moc|mockrat|jeste jednou|krasne|pekne|srdecne}]
    [{vam|ti|moc|mockrat|vsem|lidi}] [_for_cs_]
~ {skvela|dobra|super} {prace|podpora|sluzba}
~ {jste|jsi} {skveli|super|nejlepsi|uzasni|uzasny|zlati}
~ to je {super|skvele|parada|bezva|perfektni}
~ {moc|velmi} mile [od vas]
{super|skvele|parada|vyborne|bezva|krasa|nadhera|perfektni|perfektne|prima|fajn|uzasne|bomba|pecka|v poradku}
{rado se stalo|rozumim|ok|oukej}
{ahoj|ahojky|cau|cauky|zdravim|zdravicko|nazdar|dobry den|dobre rano|dobry vecer|dobre odpoledne|dobrou noc}
    [{vsem|vsichni|lidi}]
[a] [{preji|preju|mejte}] {hezky|pekny|krasny|prijemny} {den|vecer|vikend|zbytek dne|tyden} [{vam|vsem|preji|preju}]
{na shledanou|nashledanou|mejte se|mejte se hezky|s pozdravem}

+ [{ok|oke|szuper|nagyon|ezer|halasan|nagyon szepen|nagyon halasan}]
    {koszi|koszonom|kosz|koszonjuk|koszike|koszcsi} [{szepen|nagyon|meg egyszer|mindent}]
    [{nektek|neked|onoknek|onnek|mindenkinek|a csapatnak}] [_for_hu_]
+ {halas|sok|nagy|ezer} koszonet [{nektek|onoknek|mindenkinek}] [_for_hu_]
~ {[nagyon] kedves [toletek]|ez szuper|ez remek|ez nagyon kedves|szuperek vagytok|ti vagytok a legjobbak}
{szuper|remek|nagyszeru|tokeletes|fantasztikus|csodas|kivalo|kiraly|klassz|pompas|csucs}
{rendben|rendben van|oke|oksa|okes|ertem}
{szia|sziasztok|hello|udv|udvozlom|udvozlet|hali|helo|jo napot|jo napot kivanok|jo reggelt|jo reggelt kivanok|jo estet}
    [{kivanok|mindenkinek}]
[{es|tovabbi}] {szep|jo|tovabbi szep|tovabbi jo} {napot|estet|hetveget|hetet|delutant|ejszakat}
    [{nektek|mindenkinek|kivanok|onoknek}]
{viszlat|viszontlatasra|minden jot|udvozlettel|puszi}

{haha|hahaha|hihi|hehe|hehehe|lol}
"""
_JOINING = "{and|und|og|es|a}"
_THANKED_FOR = """
_for_en_ for [all] [{the|your|ur}] [{very|super|really}]
    [{quick|fast|prompt|kind|great|speedy|helpful|swift|rapid|lovely|amazing|awesome|good|excellent|fantastic}]
    {help|reply|response|answer|support|assistance|info|information|service|advice|effort|efforts|kindness|helping
    |helping me|helping out|replying|answering|responding|getting back|getting back to me|everything|explaining}
_for_de_ {fur|fuer} [{die|deine|eure|ihre|das|den|alles|die super|die so}] [super]
    [{schnelle|rasche|prompte|nette|tolle|schnelle und nette|liebe|freundliche|gute|schnellen|tollen|netten}]
    {hilfe|antwort|ruckmeldung|rueckmeldung|info|infos|auskunft|unterstutzung|unterstuetzung|information|muhe|muehe
    |service|support|alles|reaktion}
_for_da_ for [{den|det|jeres|din|dit|al|alt|al jeres|al den}]
    [{hurtige|hurtigt|gode|godt|fine|fint|super|rigtig gode|store|flotte|venlige|dejlige}]
    {hjaelp|hjaelpen|svar|svaret|service|servicen|info|informationen|tilbagemelding|tilbagemeldingen|indsatsen|support
    |supporten|alt}
_for_cs_ za [{vasi|tu|tak|velmi|opravdu}] [{rychlou|skvelou|milou|ochotnou|super|rychle|bleskovou}]
    {odpoved|pomoc|info|informaci|informace|reakci|podporu|ochotu|vyrizeni|vsechno|vse|snahu|vysvetleni|radu}
_for_hu_ {a|az} [{gyors|segito|kedves|gyors es kedves}]
    {valaszt|valaszotokat|segitseget|segitsegeteket|infot|informaciot|tajekoztatast|ugyintezest|reakciot|tamogatast}
"""


def needs_no_answer(text: str, names: Collection[str] = ()) -> bool:
    """Whether a message only thanks, reacts or greets, in English, German, Danish, Czech or Hungarian.

    `names` are first names that may be thanked ("Thanks Mia!"). Never true for a question, a digit, a link, more than 8
    words, or any word that is not part of a phrase known here; nor for an empty text, which may stand for a picture.
    """
    if len(text) > 400:
        return False
    said = unicodedata.normalize("NFC", text)
    said = _MENTION.sub(" ", said)
    said = _MODIFIERS.sub("", said)
    reacted = False
    kept: list[str] = []
    for char in said:
        if char in _HAPPY:
            reacted = True
            char = " "
        kept.append(char)
    said, smiles = _EMOTICON.subn(" ", "".join(kept))
    reacted = reacted or smiles > 0
    if (
        _TRAILS_OFF.search(said)
        or not _ALLOWED.fullmatch(said)
        or any(char.isnumeric() or char == "_" for char in said)
    ):
        return False
    words = _folded(said)
    if not words:
        return reacted
    if len(words) > MOST_WORDS:
        return False
    known = {folded for name in names for folded in _folded(name)}
    words = [word for word in words if word not in known]
    return any(_understood(each) for each in _spellings(words))


def _folded(text: str) -> list[str]:
    """The words in small letters, without accents and punctuation; apostrophes stay inside a word."""
    text = text.casefold().translate(_SAME)
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return [word for part in re.split(r"[^\w']+", bare) if (word := part.strip("'"))]


_SAME = str.maketrans({"ø": "o", "æ": "ae", "å": "aa", "ł": "l", "’": "'", "‘": "'", "´": "'", "`": "'"})


def _spellings(words: list[str]) -> list[list[str]]:
    """The words as written, and with stretched letters let go: "thaaanks", "coool"."""
    if not any(_LONG.search(word) for word in words):
        return [words]
    return [words, [_LONG.sub(r"\1", word) for word in words], [_LONG.sub(r"\1\1", word) for word in words]]


def _understood(words: list[str]) -> bool:
    """Whether the words fall into known phrases without a rest; praise needs thanks beside it."""
    grammar = _grammar()
    # For each number of words read: the kinds of phrases on some way there. Trying every way is cheap at 8 words.
    ways: list[set[frozenset[str]]] = [set() for _ in range(len(words) + 1)]
    ways[0].add(frozenset())
    for begin in range(len(words)):
        if not ways[begin]:
            continue
        for end in range(begin + 1, len(words) + 1):
            said = " " + " ".join(words[begin:end])
            for kind, pattern in grammar.items():
                if pattern.fullmatch(said):
                    ways[end] |= {way | {kind} for way in ways[begin]}
    return any(way and ("~" not in way or "+" in way) for way in ways[-1])


@lru_cache(maxsize=1)
def _grammar() -> dict[str, re.Pattern[str]]:
    """A pattern for each kind of phrase: "+" thanks, "~" praise, "" all others; each may begin with a joining word."""
    reasons: dict[str, str] = {}
    for line in _lines(_THANKED_FOR):
        name, _, words = line.partition(" ")
        reasons[name] = words
    kinds: dict[str, list[str]] = {"+": [], "~": [], "": []}
    for line in _lines(_PHRASES):
        for name, words in reasons.items():
            line = line.replace(name, words)
        kind = line[0] if line[0] in kinds else ""
        kinds[kind].append(_pattern(line.removeprefix(kind)))
    joining = _pattern(_JOINING)
    return {kind: re.compile(f"(?:{joining})?(?:{'|'.join(phrases)})") for kind, phrases in kinds.items()}


def _lines(text: str) -> list[str]:
    """The lines of a list, those in deeper indent joined to the one before."""
    return [line for line in re.sub(r"\n +", " ", text).splitlines() if line]


def _pattern(phrase: str) -> str:
    """The pattern of a phrase: each of its words behind a space, so that a missing one leaves none."""
    built = ""
    for token in re.findall(r"[\[\]{}|]|[^\s\[\]{}|]+", phrase):
        built += {"[": "(?:", "]": ")?", "{": "(?:", "}": ")", "|": "|"}.get(token) or " " + re.escape(token)
    return built
