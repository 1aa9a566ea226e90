"""Tests of the Slack stand-in, driven with the SDK of Slack alone."""
