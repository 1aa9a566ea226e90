"""HEAR: every door into the bot."""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from desk.desk import Desk
from handlers import actions, commands, errors, events, shortcuts, thread, views
from handlers.access import Access


def register(app: AsyncApp, desk: Desk, access: Access) -> None:
    """The guard in front, the list of doors, and the one place where an error becomes a sentence."""
    access.register(app)
    errors.register(app, desk, access.bot_user)
    commands.register(app, desk)
    actions.register(app, desk)
    views.register(app, desk)
    shortcuts.register(app, desk)
    events.register(app, desk)
    thread.register(app, desk, access)
