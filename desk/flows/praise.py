"""The thank-you queue: who praises us and asks for nothing is thanked with one press, in words that take turns."""

from __future__ import annotations

from dataclasses import replace

from desk.desk import Desk
from desk.flows.finding import customer_name, meant, must_be_free_or_mine, must_be_open, newest_customer_entry
from desk.flows.languages import language_for
from desk.flows.reply import send
from desk.model.asking import Answer, Ask, Button
from desk.model.catalogue import say, say_n
from desk.model.inquiry import Flag, Inquiry, Status
from desk.model.praise import first_name, thanks
from desk.model.refusals import Refusal
from desk.model.words import clean, strong
from desk.ports import Tx

SAID = "thanked with"
KEPT = 40
"""How many of the last thank-yous are remembered, so that wordings take turns."""
SHOWN = 5
"""Rows with a button each; a row of buttons in Slack may not be long."""
CUT = 80


def is_praise(inquiry: Inquiry) -> bool:
    """Whether it only thanks or praises, as far as the desk can tell, and nobody has said anything to it yet."""
    quiet = inquiry.clock is None and inquiry.first_answered_at is None
    return quiet and inquiry.status in (Status.NEW, Status.OPEN) and Flag.WITHDRAWN not in inquiry.flags


async def thank_queue(desk: Desk, ask: Ask) -> Answer:
    """All praise that nobody has answered, the oldest first, with a button for each of the first."""

    async def work(tx: Tx) -> Answer:
        found = sorted((i for i in tx.open_inquiries() if is_praise(i)), key=lambda i: (i.created_at, i.number))
        if not found:
            return Answer(say("Nobody waits for a thank-you."))
        lines = []
        for inquiry in found[:SHOWN]:
            words = " ".join(newest_customer_entry(tx, inquiry).text.split())
            cut = f"{words[:CUT]}…" if len(words) > CUT else words
            lines.append(f"{strong(f'#{inquiry.number}')} {clean(customer_name(inquiry))}: “{clean(cut)}”")
        buttons = tuple(
            Button(f"thank_{index}", say("Thank #{number}", number=i.number), str(i.number), "" if index else "primary")
            for index, i in enumerate(found[:SHOWN])
        )
        head = say_n("{n} person said something nice.", "{n} people said something nice.", len(found))
        more = f" {say('Showing the first {n}.', n=SHOWN)}" if len(found) > SHOWN else ""
        return Answer(f"{head}{more}", lines=tuple(lines), buttons=buttons)

    return await desk.read(work)


async def thank(desk: Desk, ask: Ask) -> Answer:
    """Thank for it in the customer's language, signed, held for a moment like any answer, and closed once it stands."""

    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        must_be_open(desk, inquiry, ask)
        must_be_free_or_mine(desk, inquiry, replace(ask, force=False))
        if inquiry.clock is not None and not ask.force:
            raise Refusal(
                say(
                    "#{number} waits for an answer, and a mere thank-you is none. Nothing was sent. Reply: {command}. "
                    "If it is praise all the same: {thank}",
                    number=inquiry.number,
                    command=ask.command("reply", say("your words"), inquiry.number),
                    thank=ask.command("thank", "--force", inquiry.number),
                )
            )
        newest = newest_customer_entry(tx, inquiry)
        said = list(tx.setting(SAID) or ())
        name = first_name(newest.author.name)
        key, text = thanks(language_for(desk, inquiry, newest.text), name, said)
        answer = send(desk, tx, replace(ask, text=text, extra="close"), inquiry, private=inquiry.private)
        tx.set_setting(SAID, [*said, key][-KEPT:])
        return answer

    return await desk.once(ask, work)
