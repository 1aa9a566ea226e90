"""Talk in a thread: internal, kept as a note, and gently questioned where a customer waits."""

from __future__ import annotations

from dataclasses import replace

from desk.desk import Desk
from desk.flows.finding import customer_name, meant
from desk.flows.reply import begun, send, under_way
from desk.flows.settle import add_note
from desk.model.asking import Answer, Ask, Button
from desk.model.catalogue import say
from desk.model.inquiry import Said
from desk.model.people import Person
from desk.model.refusals import Refusal
from desk.ports import Tx


async def overheard(desk: Desk, person: Person, number: int, text: str, ts: str) -> Answer | None:
    """Keep it as a note. Where the assignee speaks and the customer waits, an answer that only they see."""

    async def work(tx: Tx) -> Answer | None:
        inquiry = tx.inquiry(number)
        if inquiry is None or any(entry.slack_ts == ts for entry in tx.entries(number)):
            return None
        add_note(tx, inquiry, person.user, text, desk.now(), show=False, slack_ts=ts)
        if inquiry.assignee != person.user or inquiry.clock is None or not text.strip():
            return None
        return Answer(
            say("Internal. {name} has not been answered.", name=customer_name(inquiry)),
            buttons=(
                Button("send_as_reply", say("Send as reply"), f"{number}:{ts}", "primary"),
                Button("keep_internal", say("Keep internal"), f"{number}:{ts}"),
            ),
        )

    return await desk.transact(work)


async def reworded(desk: Desk, number: int, ts: str, text: str) -> None:
    """Talk that its author edited in Slack, or deleted (no text): the note says the same as the thread."""

    async def work(tx: Tx) -> None:
        said = next((entry for entry in tx.entries(number) if entry.slack_ts == ts and entry.said is Said.NOTE), None)
        if said is not None and said.text != text:
            tx.keep_entry(replace(said, text=text, deleted=not text))

    await desk.transact(work)


async def send_as_reply(desk: Desk, ask: Ask, ts: str) -> Answer:
    """What was typed plainly in the thread goes to the customer after all, as if `!reply` had stood before it."""

    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        said = next((entry for entry in tx.entries(inquiry.number) if entry.slack_ts == ts), None)
        if said is None or not said.text:
            raise Refusal(say("I can't find those words any more. Type them behind !reply."))
        if said.agent != ask.agent.user:
            raise Refusal(say("Those are a colleague's words. Type yours behind !reply."))
        draft = f"talk:{inquiry.number}:{ts}"
        if (before := under_way(tx, inquiry.number, draft)) is not None:
            return before
        answer = send(desk, tx, replace(ask, text=said.text), inquiry, private=inquiry.private)
        begun(tx, inquiry.number, draft, desk.now())
        return answer

    return await desk.once(ask, work)


async def keep_internal(desk: Desk, ask: Ask) -> Answer:
    """Nothing to do: it is internal already."""

    async def work(tx: Tx) -> Answer:
        inquiry = meant(tx, ask)
        return Answer(say("It stays with the team. {name} still waits.", name=customer_name(inquiry)))

    return await desk.once(ask, work)
