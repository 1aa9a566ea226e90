"""The Graph stand-in: a Facebook Page with its comments and its Messenger, over HTTP, as facebook-sdk expects it."""

from platforms.sandbox.graph.errors import GraphError, error_body
from platforms.sandbox.graph.server import Graph

__all__ = ["Graph", "GraphError", "error_body"]
