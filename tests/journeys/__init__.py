"""Whole ways through the bot, or through the sandbox, as the outside sees them."""
