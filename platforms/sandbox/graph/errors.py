"""What Graph says when it refuses: one sentence, type, code and subcode per mistake."""

from __future__ import annotations

from typing import Any

READ_THE_DOCS = "Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api"
TOKEN_TROUBLE: dict[int | None, str] = {
    None: "Invalid OAuth access token - Cannot parse access token",
    458: "Error validating access token: The user has not authorized application 4000.",
    459: "Error validating access token: You cannot access the app till you log in to www.facebook.com and follow the "
    "instructions given.",
    460: "Error validating access token: The session has been invalidated because the user changed their password or "
    "Facebook has changed the session for security reasons.",
    463: "Error validating access token: Session has expired. The current time is later than its end.",
    464: "Error validating access token: Sessions for the user are not allowed because the user is not a confirmed "
    "user.",
    467: "Error validating access token: The session is invalid because the user logged out.",
    493: "The access token is invalid since the user hasn't engaged the app in longer than 90 days.",
}
THROTTLED = {
    4: "(#4) Application request limit reached",
    17: "(#17) User request limit reached",
    32: "(#32) Page request limit reached",
    613: "(#613) Calls to this api have exceeded the rate limit.",
}
SENTENCES = {
    1: "An unknown error occurred",
    2: "An unexpected error has occurred. Please retry your request later.",
    10: "(#10) Application does not have permission for this action",
    100: "(#100) Invalid parameter",
    190: TOKEN_TROUBLE[None],
    200: "(#200) Permissions error",
    368: "The action attempted has been deemed abusive or is otherwise disallowed",
    506: "(#506) Duplicate status message",
    551: "(#551) This person isn't available right now.",
    10900: "(#10900) Activity already replied to",
    **THROTTLED,
}


class GraphError(Exception):
    """One refusal; `status` is the HTTP status it goes out with."""

    def __init__(
        self,
        code: int,
        message: str | None = None,
        *,
        subcode: int | None = None,
        kind: str = "OAuthException",
        status: int = 400,
        transient: bool = False,
    ) -> None:
        self.code = code
        self.message = message or SENTENCES.get(code, f"(#{code}) Error")
        self.subcode = subcode
        self.kind = kind
        self.status = status
        self.transient = transient
        super().__init__(self.message)

    def body(self, trace: str = "A0sandbox") -> dict[str, Any]:
        """The answer's body, `{"error": {…}}`."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind, "code": self.code}
        if self.transient:
            error["is_transient"] = True
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        error["fbtrace_id"] = trace
        return {"error": error}


def error_body(code: int, *, subcode: int | None = None, message: str | None = None) -> dict[str, Any]:
    """A body for a fault switch: `wire.fault("graph", "POST *", "status", status=400, body=error_body(368))`."""
    if code == 190 and message is None:
        message = TOKEN_TROUBLE.get(subcode)
    if code == 10 and subcode == 2018278 and message is None:
        return outside_window().body()
    return GraphError(code, message, subcode=subcode).body()


def gone(method: str, object_id: str) -> GraphError:
    """The object was removed, never existed, or belongs to somebody else: Graph does not say which."""
    return GraphError(
        100,
        f"Unsupported {method.lower()} request. Object with ID '{object_id}' does not exist, cannot be loaded due to "
        f"missing permissions, or does not support this operation. {READ_THE_DOCS}",
        subcode=33,
        kind="GraphMethodException",
    )


def unknown_path(path: str) -> GraphError:
    """No such edge, or a version that was never published."""
    return GraphError(2500, f"Unknown path components: {path}")


def sunset(newest: str) -> GraphError:
    """A version that is no longer served."""
    return GraphError(
        2635,
        f"(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version: {newest}.",
    )


def parameter(sentence: str, *, subcode: int | None = None) -> GraphError:
    """A parameter is missing or wrong."""
    return GraphError(100, f"(#100) {sentence}", subcode=subcode)


def nonexisting_field(name: str, node: str) -> GraphError:
    """`fields` names something that the node does not have."""
    return GraphError(100, f"(#100) Tried accessing nonexisting field ({name}) on node type ({node})")


def missing_permission(name: str) -> GraphError:
    """The token was not granted `name`; the code depends on what was asked."""
    if name == "pages_messaging":
        return GraphError(230, "(#230) Requires pages_messaging permission to manage the object")
    if name.startswith("pages_read"):
        return GraphError(
            10,
            f"(#10) This endpoint requires the '{name}' permission or the 'Page Public Content Access' feature. Refer "
            "to https://developers.facebook.com/docs/apps/review/login-permissions for details.",
        )
    if name == "human_agent":
        return GraphError(10, "(#10) Application does not have permission to use the HUMAN_AGENT tag")
    return GraphError(
        200,
        f"(#200) The permission(s) {name} are not available. It could be because either they are "
        "deprecated or need to be approved by App Review.",
    )


def outside_window() -> GraphError:
    """More than 24 hours (7 days with HUMAN_AGENT) after the person's last message."""
    return GraphError(
        10,
        "(#10) This message is sent outside of allowed window. Learn more about the new policy here: "
        "https://developers.facebook.com/docs/messenger-platform/policy-overview",
        subcode=2018278,
    )
