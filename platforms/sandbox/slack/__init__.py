"""A stand-in of Slack: Web API, Socket Mode, signed HTTP, and the people of a workspace who use the app."""

from platforms.sandbox.slack.manifest import ManifestRejected
from platforms.sandbox.slack.objects import Command
from platforms.sandbox.slack.people import Reply
from platforms.sandbox.slack.server import Slack

__all__ = ["Command", "ManifestRejected", "Reply", "Slack"]
