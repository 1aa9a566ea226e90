"""Memory: the only rooms that know how the desk keeps things."""

from desk.store.errors import StoreBroken, StoreError, StoreFull, StoreLocked, StoreNewer, StoreUnusable
from desk.store.tiny import TinyStore

__all__ = ["StoreBroken", "StoreError", "StoreFull", "StoreLocked", "StoreNewer", "StoreUnusable", "TinyStore"]
