"""HEAR: every door into the bot."""
