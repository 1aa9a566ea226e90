"""What the desk promises, each promise a sentence."""
