"""Nouns: what the desk talks about. Pure: no I/O, no clock, standard library only."""
