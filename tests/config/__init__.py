"""What the configuration promises: one file, checked whole, all mistakes at once."""
