"""The rules of the desk, without anything outside."""
