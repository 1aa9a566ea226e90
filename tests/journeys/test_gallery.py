"""A picture of every state of the card, drawn by the page from the very blocks that Slack gets, to be looked at."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from platforms.sandbox.page import Page
from platforms.sandbox.world import World
from tests.journeys.little_desk import LittleClock
from tests.journeys.visitor import PICTURES, Visitor, there
from tests.platforms.test_blocks import NOW, STATES, card_of, inquiry_of

WIDE, PHONE = 760, 390
"""Pixels of the channel on a desk, and of a telephone."""


class Still(LittleClock):
    """A clock that stands at the moment of the pictures."""

    def now(self) -> datetime:
        return NOW


@there
@pytest.mark.browser
async def test_every_state_of_the_card_is_drawn_in_full_on_a_desk_and_on_a_telephone(visitor: Visitor) -> None:
    clock = Still()
    world = World(clock.now)
    await world.start()
    page = Page(world, clock)
    await page.start(0)
    try:
        channel = world.slack.channels["C0DESK"]
        for state, (inquiry, view, _, _) in STATES.items():
            if state != "long":
                text, blocks = card_of(inquiry_of(**inquiry), **view)
                world.slack.post(channel, world.slack.bot_message(text, blocks))
        await visitor.come(page.url)
        cards = visitor.tab.locator("#messages .message")
        await expect(cards).to_have_count(len(STATES) - 1)
        await expect(visitor.tab.locator(".b-unknown")).to_have_count(0)
        for width, name in ((WIDE, "cards"), (PHONE, "cards-phone")):
            await alone(visitor, width)
            assert await too_wide(visitor) == []
            if PICTURES and width == WIDE:
                file = Path(PICTURES) / f"{name}.jpg"
                await visitor.tab.locator("#gallery").screenshot(path=file, type="jpeg", quality=60)
    finally:
        await page.stop()
        await world.stop()


async def alone(visitor: Visitor, width: int) -> None:
    """Nothing but the channel, as wide as this and as high as it needs."""
    await visitor.tab.evaluate(
        """width => {
            const cards = document.querySelector("#messages").cloneNode(true);
            for (const part of document.querySelectorAll("#gallery")) part.remove();
            for (const part of document.body.children) part.style.display = "none";
            cards.id = "gallery";
            document.documentElement.style.cssText = document.body.style.cssText =
                `display: block; height: auto; overflow: visible; width: ${width}px; margin: 0`;
            cards.style.cssText = "display: block; height: auto; overflow: visible; max-height: none";
            document.body.append(cards);
        }""",
        width,
    )
    await visitor.tab.set_viewport_size({"width": width, "height": 900})


async def too_wide(visitor: Visitor) -> list[Any]:
    """What is cut off at the right."""
    found: list[Any] = await visitor.tab.evaluate(
        """() => [...document.querySelectorAll("#gallery .message *")]
            .filter((one) => one.checkVisibility({ contentVisibilityAuto: true }))
            .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
            .map((one) => one.className + ": " + one.textContent.slice(0, 60))"""
    )
    return found
