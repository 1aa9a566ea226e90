"""Somebody at the sandbox page: a real browser, and what one does and sees in it.

One browser serves all tests of a process: to start one takes longer than most of them. So these tests share a loop, and
everything asynchronous that they use is made for it (`there`).
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, async_playwright, expect
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page as Tab

ROOT = Path(__file__).resolve().parents[2]
PICTURES = os.environ.get("FRONTDESK_PICTURES", "")
"""A folder (docs/pictures) where the tests leave the pictures that the docs show; none are taken without."""
PATIENCE = 30_000
"""Milliseconds that a line may need to appear: the desk looks at X every few seconds."""

there = pytest.mark.asyncio(loop_scope="session")
for_all = pytest_asyncio.fixture(loop_scope="session")

expect.set_options(timeout=15_000)


@dataclass
class Visitor:
    """Somebody at the page: what they do, with a picture of each thing they saw."""

    tab: Tab
    album: Path
    wrong: list[str] = field(default_factory=list)
    pictures: int = 0

    async def come(self, url: str) -> None:
        self.tab.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.tab.on("console", self._said)
        await self.tab.goto(url)
        await self.tab.wait_for_selector("body.ready")

    def _said(self, line: Any) -> None:
        # That a server is away, when a test stops it, is noted by the browser itself.
        if line.type == "error" and "ERR_CONNECTION" not in line.text:
            self.wrong.append(line.text)

    async def picture(self, name: str) -> None:
        """What they see now, where pictures are wanted."""
        if not PICTURES:
            return
        self.pictures += 1
        await self.tab.wait_for_timeout(300)
        await self.tab.screenshot(path=self.album / f"{self.pictures:02d}-{name}.png")

    async def close_up(self, what: Locator, name: str) -> None:
        """A picture of one part of the page, kept for the docs where they are to be made anew. The page draws a message
        anew whenever the desk changes it: one that was drawn anew meanwhile is taken again."""
        await expect(what).to_be_visible()
        if not PICTURES:
            return
        file = self.album / f"{name}.png"
        for last in (False, False, True):
            try:
                await what.screenshot(path=file)
                break
            except PlaywrightError as error:
                if last or "not attached" not in error.message:
                    raise
        await asyncio.to_thread(shutil.copy, file, Path(PICTURES) / file.name)

    async def write(self, place: str, name: str, text: str) -> None:
        """As a customer, on X, in X's messages, on Facebook or in Messenger."""
        await self.tab.click(f"#tab-{place}")
        await self.tab.fill("#customers .writer", name)
        await self.tab.fill("#customers textarea", text)
        await self.tab.click("#customers .post.btn")

    async def say(self, text: str, where: str = "#composer") -> None:
        await self.tab.fill(f"{where} textarea", text)
        await self.tab.press(f"{where} textarea", "Enter")

    async def be(self, name: str) -> None:
        await self.tab.click(f"#people .person:has-text('{name}')")
        await expect(self.tab.locator("#people .person[aria-checked='true']")).to_contain_text(name)

    def messages(self, words: str, where: str = "#messages") -> Locator:
        """Messages in the channel (or thread) that hold these words."""
        return self.tab.locator(f"{where} .message", has_text=words)

    def posts(self, words: str) -> Locator:
        """What stands in the customers' column."""
        return self.tab.locator("#customers .feed .post", has_text=words)

    async def number_of(self, words: str) -> int:
        """The number of the inquiry whose card holds these words."""
        card = self.messages(words).first
        await card.wait_for(timeout=PATIENCE)
        found = re.search(r"#(\d+)", await card.inner_text())
        assert found is not None
        return int(found[1])

    async def asks(self, text: str, name: str = "Maria", place: str = "x") -> int:
        """Write as a customer, and wait for the card: the inquiry's number."""
        await self.write(place, name, text)
        return await self.number_of(text.removeprefix("@acme "))

    async def opens_thread(self, words: str) -> Locator:
        """Open the thread below the card that holds these words; the card."""
        card = self.messages(words).first
        await card.hover()
        await card.locator(".open-thread").click()
        await expect(self.tab.locator("#thread")).to_be_visible()
        return card

    async def jump(self, label: str) -> None:
        await self.tab.click("#jump summary")
        await self.tab.click(f"#jump .menu button:has-text('{label}')")
        await expect(self.tab.locator("#clock .jumping")).to_be_hidden(timeout=PATIENCE)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    """The browser of this process, for as long as it runs."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        await started.close()


@for_all
async def visitor(browser: Browser, tmp_path: Path) -> AsyncIterator[Visitor]:
    """A window of the usual size that knows nothing of any other; the page may not have made an error when the test
    ends. Nothing moves in it: what fades in is there at once."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    tab = await context.new_page()
    tab.set_default_timeout(8_000)
    someone = Visitor(tab, tmp_path)
    yield someone
    await context.close()
    assert someone.wrong == []
