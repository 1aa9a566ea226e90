"""What things cost, measured side by side with what they are measured against; no test asserts a time."""
