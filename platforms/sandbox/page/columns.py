"""The customers' column: what stands on X, in X's messages, on Facebook and in Messenger, in one plain form."""

from __future__ import annotations

from typing import Any

NEWEST = 40
"""How many conversations of one place are shown."""


def columns(world: Any) -> dict[str, list[dict[str, Any]]]:
    """Conversations of the four places, the one with the newest message first; each is {id, name, posts}."""
    return {
        "x": _x(world.x),
        "x_direct": _x_directs(world.x),
        "facebook": _facebook(world.graph),
        "messenger": _messenger(world.graph),
    }


def _x(x: Any) -> list[dict[str, Any]]:
    threads: dict[str, list[dict[str, Any]]] = {}
    for post in x.all_posts():
        threads.setdefault(post["conversation_id"], []).append(
            {
                "id": post["id"],
                "name": post["name"],
                "handle": post["username"],
                "text": post["text"],
                "at": post["at"],
                "ours": post["ours"],
                "native": post["native"],
                "edited": post["edited"],
                "pictures": [one["alt"] or "picture" for one in post["pictures"]],
                "to": post["in_reply_to"],
                "depth": 0 if post["in_reply_to"] is None else 1,
            }
        )
    return _newest_first(threads)


def _x_directs(x: Any) -> list[dict[str, Any]]:
    threads: dict[str, list[dict[str, Any]]] = {}
    people: dict[str, None] = {}
    for change in x.shelf.directs.values():
        other = change.recipient if change.sender == x.me.id else change.sender
        people[x.shelf.people[other].username] = None
    for username in people:
        threads[username] = [
            {
                "id": direct["id"],
                "name": x.me.name if direct["ours"] else direct["name"],
                "handle": x.me.username if direct["ours"] else direct["username"],
                "with": direct["name"],
                "text": direct["text"],
                "at": direct["at"],
                "pictures": [one["alt"] or "picture" for one in direct["pictures"]],
                "ours": direct["ours"],
            }
            for direct in x.directs_with(username)
        ]
    return _newest_first(threads)


def _facebook(graph: Any) -> list[dict[str, Any]]:
    threads: dict[str, list[dict[str, Any]]] = {}
    published = {one["id"] for one in graph.published}

    def walk(thing: dict[str, Any], depth: int, into: list[dict[str, Any]]) -> None:
        into.append(
            {
                "id": thing["id"],
                "name": thing["author"],
                "text": thing["text"],
                "at": thing["at"],
                "ours": thing["by_page"],
                "native": thing["by_page"] and thing["id"] not in published,
                "edited": thing["edited"],
                "pictures": [_name(place) for place in thing["pictures"]],
                "hidden": thing["hidden"],
                "to": thing["on"],
                "depth": min(depth, 2),
            }
        )
        for child in thing["comments"]:
            walk(child, depth + 1, into)

    for post in graph.feed():
        walk(post, 0, threads.setdefault(post["id"], []))
    return _newest_first(threads)


def _messenger(graph: Any) -> list[dict[str, Any]]:
    threads: dict[str, list[dict[str, Any]]] = {}
    published = {one["id"] for one in graph.published}
    for person in list(graph.conversations):
        name = graph.person(person).name
        threads[person] = [
            {
                "id": said["id"],
                "name": said["author"],
                "with": name,
                "text": said["text"],
                "at": said["at"],
                "pictures": [_name(place) for place in said["pictures"]],
                "ours": said["by_page"],
                "native": said["by_page"] and said["id"] not in published,
            }
            for said in graph.conversation(person)
        ]
    return _newest_first(threads)


def _name(place: str) -> str:
    """A file's name at the end of its address, without the number that the stand-in puts in front."""
    name = place.partition("?")[0].rpartition("/")[2]
    return name.partition("_")[2] or name


def _newest_first(threads: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    lists = [(max(post["at"] for post in posts), key, posts) for key, posts in threads.items() if posts]
    lists.sort(key=lambda one: one[0], reverse=True)
    return [{"id": key, "posts": posts} for _, key, posts in lists[:NEWEST]]
