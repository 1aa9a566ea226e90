"""Random interleavings of everything that can happen to a desk, each ending with the closing audit."""
