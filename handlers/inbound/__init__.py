"""Customers' door: how what they write gets in."""
