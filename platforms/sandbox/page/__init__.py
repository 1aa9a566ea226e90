"""The sandbox page: Slack, the customers' networks and a clock in one browser window."""

from platforms.sandbox.page.server import Page

__all__ = ["Page"]
