"""DECIDE: what the team promised, and what happens."""
