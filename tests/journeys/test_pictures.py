"""What the clock looks like: card, ladder, board, hours and a public post, as people see them; the docs show these."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

import bot
from platforms.sandbox.opening import Places
from platforms.sandbox.page.server import Page
from tests.journeys.conftest import ANA, DESK, LEE, TUESDAY, audited
from tests.journeys.visitor import Visitor, there

LEADS_ROOM = "frontdesk-leads"


@there
@pytest.mark.browser
async def test_the_clock_is_seen_on_card_ladder_board_hours_and_in_public(
    visitor: Visitor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with audited(bot.Sandbox(TUESDAY, tmp_path), caplog) as journey:
        await journey.owner_sets(
            desk={"board": True},
            availability={"languages": ["en"]},
            contact={"phone": "+351 21 000 00 00"},
        )
        page = Page(journey.world, Places(journey.clock, lambda: journey.sandbox.bot.desk.rules.hours))
        await page.start(0)
        try:
            await journey.message("Hi, I was charged twice for order 4471.", person="Peter Holm")
            await journey.on_x("@acme my parcel has been stuck since Monday, please help!")
            await journey.comment("Is there lactose in the new blend?", person="Zuzana M.")
            await journey.types(ANA, "/reply 3 No, it is made with oat milk. I ask our kitchen about traces.")
            await journey.pass_(seconds=30)
            await journey.types(ANA, "/promise 3 16:00 traces of milk")
            await journey.types(ANA, "/claim 1")
            await journey.pass_(minutes=18)
            await visitor.come(page.url)
            tab = visitor.tab

            card = visitor.messages("my parcel has been stuck").first
            await expect(card).to_contain_text("LATE")
            await visitor.close_up(card, "card")
            await card.locator(".replies").click()
            warning = visitor.messages("business time left", "#replies").first
            await expect(warning.get_by_role("button", name="I'm on it")).to_be_visible()
            await visitor.close_up(warning, "warning")
            board = visitor.messages("unclaimed").first
            await expect(board).to_contain_text("promised: traces of milk")
            await visitor.close_up(board, "board")
            await tab.click(f"text={LEADS_ROOM}")
            alert = visitor.messages("missed its first answer").first
            await expect(alert).to_contain_text("On shift: Ana, Ben, Lee")
            await visitor.close_up(alert, "alert")

            await tab.locator("nav").get_by_role("button", name=re.compile("^frontdesk(?!-)")).click()
            await visitor.be("Lee")
            await journey.slack.command(LEE, DESK, "/hours")
            hours = visitor.messages("In your zone").last
            await visitor.close_up(hours, "hours")
            await journey.slack.command(LEE, DESK, "/hours post")
            preview = visitor.messages("This would stand in public").last
            await expect(preview).to_contain_text("by phone: +351 21 000 00 00")
            await journey.presses_in(LEE, DESK, "This would stand in public", "hours_post")
            await journey.pass_(minutes=1)
            await tab.click("#tab-x")
            post = visitor.posts("We are here until 17:00")
            await visitor.close_up(post, "public-post")
            assert journey.clock.now() < TUESDAY + timedelta(hours=1)
        finally:
            await page.stop()
