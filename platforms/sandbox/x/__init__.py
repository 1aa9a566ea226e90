"""The X stand-in: `X` is the network with its people and posts, `api` is what it answers over HTTP."""

from platforms.sandbox.x.network import X

__all__ = ["X"]
