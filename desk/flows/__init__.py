"""Verbs: one file per thing that happens; each flow takes `desk` first."""
