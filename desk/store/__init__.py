"""Memory: the only rooms that know how the desk keeps things."""

from desk.store.errors import StoreBroken, StoreError, StoreLocked, StoreNewer, StoreUnusable
from desk.store.tiny import TinyStore

__all__ = ["StoreBroken", "StoreError", "StoreLocked", "StoreNewer", "StoreUnusable", "TinyStore"]
