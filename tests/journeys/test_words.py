"""The owner's own words, and what of the bot's speech stands in the catalogue, seen in Slack."""

from __future__ import annotations

from pathlib import Path

from config.catalogue import read_words
from tests.journeys.conftest import LEE, Journey

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
