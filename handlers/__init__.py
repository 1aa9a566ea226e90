"""HEAR: every door into the bot."""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from desk.desk import Desk
from handlers import actions, commands, thread, views
from handlers.access import Access


def register(app: AsyncApp, desk: Desk, access: Access) -> None:
    """The list of doors."""
    commands.register(app, desk, access)
    actions.register(app, desk, access)
    views.register(app, desk, access)
    thread.register(app, desk, access)
