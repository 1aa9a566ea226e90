"""Slack: the channel that is the desk's board, its people, and everything drawn there."""
