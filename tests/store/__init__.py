"""What the desk's memory promises, tried on every way of keeping it."""
