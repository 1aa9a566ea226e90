"""docs/agents.md, done in a browser: every path from a notification to a published answer, its actions counted, and a
picture of what an agent meets on the way.

An action is one thing that somebody does: a press on a button or on a menu's entry, a choice in a list, or words that
are written and sent. Waiting is none, and the notification itself has brought them to the card.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

import bot
from platforms.sandbox.opening import Places
from platforms.sandbox.page import Page
from tests.journeys.conftest import DESK, TUESDAY, Journey, bugs_in
from tests.journeys.visitor import ROOT, Visitor, for_all, there

pytestmark = pytest.mark.browser
MOST = 3
"""Actions from a notification to a published answer (issue: an agent's day)."""
THREAD = "#thread-composer"


@dataclass
class Day:
    """One desk and one browser window for all of this file; each test brings its own customers."""

    journey: Journey
    visitor: Visitor
    actions: int = 0
    customers: int = 0

    # the agent, each of whose acts is counted

    async def press(self, what: Locator) -> None:
        self.actions += 1
        await what.click()
        await self.settle()

    async def type(self, text: str, where: str = "#composer") -> None:
        self.actions += 1
        await self.visitor.say(text, where)
        await self.settle()

    async def send(self, text: str = "") -> None:
        """What was written in the form that is open, sent."""
        self.actions += 1
        if text:
            await self.form.locator("textarea").first.fill(text)
        await self.form.locator("[data-submit]").click()
        await self.settle()

    async def choose(self, action: str, value: str) -> None:
        self.actions += 1
        await self.form.locator(f"select[data-action='{action}']").select_option(value)
        await self.settle()

    # what is there

    @property
    def form(self) -> Locator:
        return self.visitor.tab.locator("dialog.modal")

    async def settle(self) -> None:
        """The page's request has arrived, and what the desk has to say to it is said."""
        await self.visitor.tab.wait_for_timeout(120)
        await self.journey.pass_(seconds=2)

    async def written(self, text: str, handle: str = "", name: str = "Maria K.", **more: Any) -> tuple[Locator, int]:
        """A customer of their own writes on X; the card, and its number."""
        self.customers += 1
        await self.journey.on_x(text, handle or f"maria_{self.customers}", name, **more)
        card = self.visitor.messages(text.removeprefix("@acme ")).first
        await expect(card).to_be_visible()
        self.actions = 0
        return card, int((re.search(r"#(\d+)", await card.inner_text()) or [0, 0])[1])

    async def published(self, text: str) -> None:
        """It stands in public on X once the hold is over, and took no more than was said."""
        took = self.actions
        await self.journey.pass_(seconds=15)
        assert any(text in post["text"] for post in self.journey.published), self.journey.published[-2:]
        assert took == self.actions <= MOST

    async def picture(self, what: Locator, name: str) -> None:
        """For docs/agents.md, where it is to be made anew."""
        await self.visitor.tab.mouse.move(0, 0)
        await self.visitor.tab.evaluate("document.activeElement.blur()")
        await self.visitor.tab.wait_for_timeout(150)
        await self.visitor.close_up(what, name)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def open_desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Day]:
    sandbox = bot.Sandbox(TUESDAY, tmp_path_factory.mktemp("day"))
    await sandbox.start()
    journey = Journey(sandbox)
    await journey.pass_(seconds=5)
    page = Page(journey.world, Places(journey.clock, lambda: sandbox.bot.desk.rules.hours))
    await page.start(0)
    context = await browser.new_context(viewport={"width": 1440, "height": 1000}, reduced_motion="reduce")
    tab = await context.new_page()
    tab.set_default_timeout(8_000)
    visitor = Visitor(tab, tmp_path_factory.mktemp("album"))
    await visitor.come(page.url)
    yield Day(journey, visitor)
    await context.close()
    assert visitor.wrong == []
    await page.stop()
    await journey.audit()
    await sandbox.stop()


@for_all
async def day(open_desk: Day, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Day]:
    """The desk's channel before Ana's eyes, with nothing in the way."""
    tab = open_desk.visitor.tab
    while await open_desk.form.count():
        await tab.keyboard.press("Escape")
        await tab.wait_for_timeout(100)
    await tab.click(f"[data-channel='{DESK}']")
    open_desk.actions = 0
    yield open_desk
    assert bugs_in(caplog) == []


def promised(path: str) -> int:
    """How many actions the guide says that a path takes."""
    guide = (ROOT / "docs" / "agents.md").read_text("utf-8")
    row = re.search(rf"^\| {re.escape(path)} \|.*\| (\d) \|$", guide, re.MULTILINE)
    assert row is not None, f"docs/agents.md has no row for {path!r}"
    return int(row[1])


@there
async def test_a_command_answers_with_one_action(day: Day) -> None:
    card, number = await day.written("@acme my parcel has been stuck since Monday")
    await day.picture(card, "agents-new")
    await day.type(f"/reply {number} Sorry, Maria. It reaches you tomorrow.")
    held = day.visitor.messages("Undo").last
    await day.picture(held, "agents-held")
    assert day.actions == promised("a command")
    await day.published("It reaches you tomorrow.")
    await expect(card).to_contain_text("CLAIMED by @Ana")


@there
async def test_the_button_and_its_form_answer_with_two(day: Day) -> None:
    card, _ = await day.written("@acme do you deliver to Malta?")
    await day.press(card.locator("[data-action='reply']"))
    await expect(day.form).to_contain_text("do you deliver to Malta?")
    await expect(day.form.locator("textarea").first).to_be_focused()
    await day.form.locator("textarea").first.fill("We do, Maria, within five working days.")
    await expect(day.form).to_contain_text("/280")
    await day.picture(day.form, "agents-form")
    await day.send()
    assert day.actions == promised("*Reply…* on the card")
    await day.published("We do, Maria")


@there
async def test_a_picture_goes_along_and_both_sides_see_it(day: Day) -> None:
    day.journey.x.add_person("lena", "Lena M.")
    broken = day.journey.x.picture(png(200, 60, 40), "A cup in two")
    card, _ = await day.written("@acme is this how it should look?", "lena", "Lena M.", pictures=[broken])
    await expect(card).to_contain_text("“A cup in two”")
    await day.press(card.locator("[data-action='reply']"))
    day.actions += 1
    await day.form.locator("input[type='file']").set_input_files(
        {"name": "whole.png", "mimeType": "image/png", "buffer": png(40, 120, 60)}
    )
    await day.form.locator("[data-action='shows']").fill("The cup, whole")
    await day.form.locator("textarea").first.fill("No, Lena: like this one. A new one is on its way.")
    await day.form.locator("[data-action='shows']").scroll_into_view_if_needed()
    await day.picture(day.form, "agents-files")
    await day.send()
    assert day.actions == promised("a picture in the form")
    await day.published("No, Lena")
    await day.visitor.tab.click("#tab-x")
    await expect(day.visitor.posts("No, Lena")).to_contain_text("The cup, whole")


def png(*colour: int) -> bytes:
    """A small picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return len(data).to_bytes(4, "big") + whole + zlib.crc32(whole).to_bytes(4, "big")

    rows = b"".join(b"\0" + bytes(colour) * 60 for _ in range(40))
    head = (60).to_bytes(4, "big") + (40).to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@there
async def test_in_the_thread_two_are_enough(day: Day) -> None:
    card, _ = await day.written("@acme is the shop in Porto open on Sunday?")
    await card.hover()
    await day.press(card.locator(".open-thread"))
    await day.type("!reply It is, from ten to four.", THREAD)
    assert day.actions == promised("`!reply` in the thread")
    await day.published("It is, from ten to four.")


@there
async def test_the_menu_of_a_message_opens_the_same_form(day: Day) -> None:
    card, _ = await day.written("@acme which tea has no caffeine?")
    await card.hover()
    await day.press(card.locator(".tools details.more summary"))
    await day.press(card.get_by_role("menuitem", name="Reply to customer"))
    await day.send("All but the green ones, Maria.")
    assert day.actions == promised("the menu of a message")
    await day.published("All but the green ones")


@there
async def test_home_is_the_agents_own_queue_and_answers_with_three(day: Day) -> None:
    _, number = await day.written("@acme the zip of my bag broke")
    await day.press(day.visitor.tab.locator("[data-channel='home']"))
    home = day.visitor.tab.locator("#home-view")
    await expect(home).to_contain_text("the zip of my bag broke")
    await day.picture(home, "agents-home")
    await day.press(home.locator(f"[data-action='reply'][aria-label='Reply… (inquiry {number})']"))
    await day.send("That should not happen. A new one is on its way.")
    assert day.actions == promised("*Home*")
    await day.published("A new one is on its way.")


@there
async def test_a_canned_answer_in_the_form_takes_three(day: Day) -> None:
    card, _ = await day.written("@acme my new mug arrived broken")
    await day.press(card.locator("[data-action='reply']"))
    await day.choose("canned_pick", "broken-item")
    await expect(day.form.locator("textarea").first).to_have_value(re.compile("free of charge"))
    await day.picture(day.form, "agents-canned")
    await day.send()
    assert day.actions == promised("a canned answer in the form")
    await day.published("free of charge")


@there
async def test_a_canned_answer_by_name_takes_two(day: Day) -> None:
    _, number = await day.written("@acme still no parcel, what now?")
    await day.type(f"/canned {number} late-parcel days=3")
    await day.press(day.visitor.messages("late-parcel for").last.get_by_role("button", name="Use"))
    assert day.actions == promised("`/canned` by name")
    await day.published("3 more working days")


@there
async def test_praise_is_thanked_with_one_press_on_its_card_or_in_its_queue(day: Day) -> None:
    card, _ = await day.written("@acme thank you so much, you are the best!")
    await expect(card).to_contain_text("NO ANSWER NEEDED")
    await day.picture(card, "agents-praise")
    before = len(day.journey.published)
    await day.press(card.locator("[data-action='thank']"))
    assert day.actions == promised("*Thank them*")
    await day.journey.pass_(seconds=15)
    assert len(day.journey.published) == before + 1
    await expect(card).to_contain_text("CLOSED")
    _, number = await day.written("@acme great service, thanks!")
    await day.type("/queue thanks")
    queue = day.visitor.messages("said something nice").last
    await expect(queue).to_contain_text(f"#{number}")
    await day.press(queue.locator("[data-action^='thank_']").first)
    await day.journey.pass_(seconds=15)
    assert len(day.journey.published) == before + 2


@there
async def test_looking_into_it_is_one_press_and_stays_promised(day: Day) -> None:
    card, _ = await day.written("@acme I was charged twice for order 4471")
    await day.press(card.locator("[data-action='holding']"))
    assert day.actions == promised("*Looking into it…*")
    await day.journey.pass_(seconds=15)
    await expect(card).to_contain_text("PROMISED")
    await day.picture(card, "agents-promised")


@there
async def test_a_guard_shows_its_reasons_once_and_send_anyway_sends(day: Day) -> None:
    card, number = await day.written("@acme how do I reach you?")
    await day.press(card.locator("[data-action='reply']"))
    await day.send("Call me at +47 22 12 34 56, Maria.")
    await expect(day.form).to_contain_text("A phone number would stand in public")
    await day.picture(day.form, "agents-guard")
    await day.send()
    assert day.actions == promised("*Reply…*, and a guard asks")
    await day.published("+47 22 12 34 56")
    assert number


@there
async def test_taking_it_private_is_one_command_and_the_card_says_when_they_came(day: Day) -> None:
    card, number = await day.written("@acme my refund never came", "rosa_d", "Rosa D.")
    await day.type(f"/private {number} Which order is it, Rosa? We look it up at once.")
    assert day.actions == promised("`/private`")
    await day.journey.pass_(seconds=20)
    assert "Which order is it, Rosa?" in day.journey.x.sent_directs[-1]["text"]
    await expect(card).to_contain_text("invited to private messages")
    await day.journey.direct_on_x("Order 4471. Thank you!", "rosa_d", "Rosa D.")
    await day.journey.pass_(seconds=90)
    await expect(card).to_contain_text("moved to private, arrived")
    await day.picture(card, "agents-private")


@there
async def test_private_from_the_card_invites_them_in_the_same_step(day: Day) -> None:
    card, _ = await day.written("@acme why was I charged twice?", "noor_b", "Noor B.")
    before = len(day.journey.published)
    await day.press(card.locator("[data-action='private']"))
    await expect(day.form).to_contain_text("Only @noor_b reads it")
    await day.press(day.form.get_by_label("And invite them in public"))
    await day.send("Which card was it, Noor? The last four digits are enough.")
    assert day.actions == promised("*Private…* on the card")
    await day.journey.pass_(seconds=30)
    assert "Which card was it, Noor?" in day.journey.x.sent_directs[-1]["text"]
    [invitation] = day.journey.published[before:]
    assert "private" in invitation["text"]
    await expect(card).to_contain_text("invited to private messages")


@there
async def test_practice_looks_at_what_was_written_and_sends_nothing(day: Day) -> None:
    out = len(day.journey.published)
    await day.type("/practice")
    await day.visitor.tab.click("[data-channel='C0PRACTICE']")
    card = day.visitor.messages("PRACTICE").last
    await day.press(card.locator("[data-action='practice_reply']"))
    await day.send("Sorry for the wait, Ines. The lamp is at our depot. I'll write to you by tomorrow 10:30.")
    assert day.actions == promised("practice")
    await card.locator(".replies").click()
    review = day.visitor.messages("Signed:", "#replies").first
    await day.picture(review, "agents-practice")
    await day.journey.pass_(seconds=15)
    assert len(day.journey.published) == out


@there
async def test_the_customers_earlier_inquiries_and_notes_are_one_command_away(day: Day) -> None:
    _, first = await day.written("@acme where is my blue mug?", "ulla_h", "Ulla H.")
    await day.type(f"/customer {first} note prefers to be written to")
    _, second = await day.written("@acme and where is the red one?", "ulla_h", "Ulla H.")
    await day.type(f"/customer {second}")
    shown = day.visitor.messages("prefers to be written to").last
    await expect(shown).to_contain_text("Only visible to you")
    await expect(shown).to_contain_text(f"#{first}")
    await day.picture(shown, "agents-customer")


@there
async def test_two_inquiries_that_are_one_become_one(day: Day) -> None:
    first, one = await day.written("@acme my lamp flickers", "tom_b", "Tom B.")
    _, two = await day.written("@acme the lamp of order 88, I mean", "tom_b", "Tom B.")
    await day.type(f"/merge {two} into {one}")
    gone = day.visitor.messages(f"merged into #{one}").first
    await expect(gone).to_contain_text(f"#{two} CLOSED")
    await expect(gone).to_contain_text(f"(now in #{one})")
    await expect(gone.locator("[data-action='reopen']")).to_have_count(0)
    await day.picture(gone, "agents-merged")
    await expect(first).to_contain_text("2 messages from customers")


@there
async def test_a_published_answer_is_deleted_where_it_stands(day: Day) -> None:
    card, number = await day.written("@acme is the sale over?")
    await day.type(f"/reply {number} It is, since yesterdya.")
    await day.published("since yesterdya")
    await card.locator(".replies").click()
    line = day.visitor.messages("Published", "#replies").last
    await day.picture(line, "agents-published")
    await line.locator("[data-action='delete_answer']").click()
    await day.form.last.get_by_role("button", name="Delete").click()
    await day.settle()
    await day.journey.pass_(seconds=10)
    await expect(day.visitor.messages("Deleted by", "#replies").last).to_be_visible()
    assert not any("yesterdya" in post["text"] for post in day.journey.x.all_posts())


def test_every_path_of_the_guide_is_counted_and_none_takes_more_than_three() -> None:
    guide = (ROOT / "docs" / "agents.md").read_text("utf-8")
    counted = set(re.findall(r'promised\("([^"]+)"\)', Path(__file__).read_text("utf-8")))
    paths = re.findall(r"^\| (.+?) \| .* \| (\d) \|$", guide, re.MULTILINE)
    assert {name for name, _ in paths} == counted
    assert all(int(count) <= MOST for _, count in paths)
    for name in re.findall(r"\]\((pictures/[\w-]+\.png)\)", guide):
        assert (ROOT / "docs" / name).is_file(), name
