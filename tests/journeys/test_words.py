"""The owner's own words, and what of the bot's speech stands in the catalogue, seen in Slack."""

from __future__ import annotations

import gettext
import io
import re
from pathlib import Path

from babel.messages.pofile import read_po, write_po

from config.catalogue import TEMPLATE, read_words
from desk.model import catalogue
from tests.journeys.conftest import ANA, BEN, DESK, LEADS, LEE, SAM, Journey, inquiry_of, words_of

WORDS = """\
msgid ""
msgstr ""
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "#{number} has {priority} priority now."
msgstr "From here on {priority} is the word for #{number}."

msgid "{who} set the priority to {priority}."
msgstr "{priority} priority, says {who}."
"""


async def test_an_owner_words_a_sentence_anew_and_the_team_reads_it(journey: Journey, tmp_path: Path) -> None:
    path = tmp_path / "words.po"
    path.write_text(WORDS, "utf-8")
    words, mistakes = read_words(path)
    assert not mistakes
    journey.sandbox.bot.settings = journey.sandbox.bot.settings.model_copy(update={"spoken": words})
    await journey.restart()
    await journey.on_x("@acme Where is my parcel?")
    said = await journey.types(LEE, "/desk priority 1 high")
    await journey.pass_(seconds=5)
    assert "From here on high is the word for #1." in said
    assert "high priority, says <@U0LEE>. The promise stays as it is." in journey.thread(1)[-1]


async def test_a_complete_catalogue_changes_cards_pings_and_hours(journey: Journey, tmp_path: Path) -> None:
    path = tmp_path / "all.po"
    path.write_bytes(everything_in_angles())
    words, mistakes = read_words(path)
    assert not mistakes
    journey.sandbox.bot.settings = journey.sandbox.bot.settings.model_copy(update={"spoken": words})
    await journey.restart()
    await journey.on_x("@acme Where is my parcel?")
    await journey.pass_(seconds=5)
    card = journey.card(1)
    for one in ("X ‹mention›", "*‹UNCLAIMED›*", "‹‹first answer› due ", "‹In the channel: "):
        assert one in card, card
    [row] = [block for block in journey.root(1)["blocks"] if block["type"] == "actions"]
    assert [one["text"]["text"] for one in row["elements"][:2]] == ["‹Claim›", "‹Reply…›"]
    assert "‹‹Open› until " in await journey.types(ANA, "/hours")
    assert "‹Mon›–‹Fri› 09:00–17:00" in await journey.types(ANA, "/hours week")
    wrong = await journey.types(LEE, "/hours set fri 17-9")
    assert "‹‹Friday›: 17:00-09:00 ends before it begins.›" in wrong
    await journey.pass_(minutes=60)
    said = " ".join(journey.thread(1))
    assert "left on #1 (@maria_k): ‹first answer› due " in said and "‹No reply yet.› ‹Nobody has it yet.›" in said
    assert "missed its ‹first answer›" in " ".join(words_of(one) for one in journey.slack.messages(LEADS))


def everything_in_angles() -> bytes:
    """A complete catalogue of a language with three plural forms, in which each sentence stands in ‹ ›."""
    catalog = read_po(io.BytesIO(TEMPLATE.read_bytes()), locale="cs")
    for message in catalog:
        if not message.id:
            continue
        if isinstance(message.id, list | tuple):
            message.string = tuple(f"‹{message.id[min(nth, 1)]}›" for nth in range(catalog.num_plurals))
        else:
            message.string = f"‹{message.id}›"
    written = io.BytesIO()
    write_po(written, catalog)
    return written.getvalue()


# what stands in the catalogue

OPEN, CLOSE = "⟦", "⟧"


class Marked(gettext.NullTranslations):
    """A catalogue that puts every sentence of its own between two signs."""

    def gettext(self, message: str) -> str:
        return f"{OPEN}{message}{CLOSE}"

    def ngettext(self, one: str, many: str, n: int) -> str:
        return self.gettext(one if n == 1 else many)


def outside(text: str) -> str:
    """The words that stand outside of the catalogue's sentences, without names, times, links and things to type."""
    for words in THEIRS:
        text = text.replace(words, " ")
    text = re.sub(r"^• .*", "", text)  # a line of the owner's guide
    while (inner := re.sub(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}", " ", text)) != text:
        text = inner
    text = re.sub(r"<[^>]*>|`[^`]*`|“[^”]*”|:[a-z_0-9+-]+:", " ", text)
    text = re.sub(rf"\b({'|'.join(NAMES)})\b", " ", text)
    return " ".join(re.findall(r"[^\W\d_]{2,}", text))


NAMES = [
    "Maria K",
    "maria_k",
    "Ana",
    "Ben",
    "Lee",
    "Sam",
    "Acme",
    "Frontdesk",
    "Facebook",
    "Messenger",
    "coins",
    "English",
]
"""People, companies, platforms and languages: they are called the same in all words."""

THEIRS = ["@acme Where is my parcel?", "Sorry, it left today. – Ana", "she called twice", "spam."]
THEIRS += ["*X, public*", "*X, private*", "*Facebook, public*", "*Facebook, private*"]
THEIRS += ["“X, public”", "*late-parcel* · delivery · A parcel has not come · en, de"]
"""What customers, agents and the owner wrote, where it stands in a sentence."""

STEPS = [
    ("claim", ANA, "/claim 1"),
    ("claim", BEN, "/claim 1"),
    ("claim", BEN, "/claim 99"),
    ("claim", BEN, "/claim"),
    ("reply", BEN, "/reply 1 Mine!"),
    ("reply", ANA, "/reply 1 Sorry, it left today."),
    ("reply", ANA, "/reply 1"),
    ("reply", ANA, "/reply 1 " + "word " * 100),
    ("note", ANA, "/note 1 she called twice"),
    ("queue", ANA, "/queue"),
    ("show", ANA, "/desk show 1"),
    ("find", ANA, "/find parcel"),
    ("find", ANA, "/find qqqq"),
    ("sla", ANA, "/sla"),
    ("sla", ANA, "/sla 1"),
    ("guide", ANA, "/desk guide"),
    ("customer", ANA, "/customer 1"),
    ("priority", LEE, "/desk priority 1 high"),
    ("promise", ANA, "/promise 1 tomorrow 15:00 a call"),
    ("assign", LEE, "/assign 1 @ben"),
    ("release", BEN, "/release 1"),
    ("snooze", BEN, "/snooze 1 2h"),
    ("follow", LEE, "/desk follow 1"),
    ("done", ANA, "/done 1 solved"),
    ("reopen", ANA, "/reopen 1"),
    ("wow", ANA, "/desk wow 1 a handwritten card"),
    ("ignore", LEE, "/desk ignore 2 spam"),
    ("ignore", LEE, "/desk ignored"),
    ("merge", ANA, "/desk merge 3 into 1"),
    ("split", ANA, "/desk split 3"),
    ("canned", ANA, "/canned parcel"),
    ("delete", ANA, "/desk delete 1"),
    ("correct", ANA, "/desk correct 1 Sorry, it left on Monday."),
    ("hide", ANA, "/desk hide 1"),
    ("private", ANA, "/private 3 Please tell us your number."),
    ("hours", ANA, "/hours"),
    ("hours", ANA, "/hours 9-17"),
    ("hours", LEE, "/hours tomorrow 9-12"),
    ("hours", LEE, "/hours nonsense"),
    ("shift", ANA, "/desk away"),
    ("shift", ANA, "/desk back"),
    ("desk", ANA, "/desk"),
    ("help", ANA, "/desk help"),
    ("desk", ANA, "/desk claimm 1"),
    ("desk", LEE, "/desk status"),
    ("desk", LEE, "/desk hold on"),
    ("desk", LEE, "/desk hold off"),
    ("access", SAM, "/claim 1"),
]
"""What is typed, and under which name what comes of it is counted."""


async def test_what_the_bot_says_stands_in_the_catalogue(journey: Journey) -> None:
    before = {one for _, one in everything(journey)}
    catalogue.use(Marked())
    try:
        found = await whole_story(journey, before)
    finally:
        catalogue.use(gettext.NullTranslations())
    assert not found, "\n".join(f"{name}: {words}" for name in found for words in sorted(found[name]))


async def whole_story(journey: Journey, seen: set[str]) -> dict[str, set[str]]:
    """A day with much of what can be typed; what was said outside of the catalogue, by what it came from. `seen`:
    what was said before the story."""
    found: dict[str, set[str]] = {}

    def look(name: str, told: str = "") -> None:
        said = [*everything(journey), (name, told)]
        for where, one in said:
            if one not in seen and (words := outside(one)):
                found.setdefault(where or name, set()).add(f"{words}   <- {one[:300]!r}")
        seen.update(one for _, one in said)

    post = await journey.on_x("@acme Where is my parcel?")
    await journey.on_x("@acme Buy my coins", handle="coins", name="Maria K.")
    await journey.comment("Is the shop open?", person="Maria K.")
    look("receive")
    for name, user, command in STEPS:
        told = await journey.types(user, command)
        await journey.pass_(seconds=15)
        look(name, told)
    await journey.on_x("@acme It came, thank you!", reply_to=post)
    look("receive")
    await journey.pass_(hours=12)
    look("the clock")
    return found


def everything(journey: Journey) -> list[tuple[str, str]]:
    """The lines that the bot wrote, anywhere, without what customers and agents wrote; "card" before a card's own."""
    slack, said = journey.slack, []
    for channel in (DESK, LEADS):
        for top in slack.messages(channel):
            said += [top, *(slack.replies(channel, top["ts"]) if top.get("reply_count") else [])]
    for user in (ANA, BEN, LEE, SAM):
        said += slack.ephemerals(user)
    lines = []
    for message in said:
        if message.get("user") in (None, slack.bot_user) or message.get("bot_id"):
            own = {**message, "blocks": [b for b in message.get("blocks") or () if b["type"] != "rich_text"]}
            words = words_of(own) if own["blocks"] else message.get("text", "")
            lines += [("card" if inquiry_of(message) else "", one) for one in words.split("\n")]
    return lines
