"""SPEAK: the outside world, one file per network, and the stand-ins that pretend to be it."""
