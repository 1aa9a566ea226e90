"""CHOOSE: settings, read by bot.py only."""
