"""Memory: the only rooms that know how the desk keeps things."""
