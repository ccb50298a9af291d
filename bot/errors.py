"""Errors a person may read; everything else is for us and gets a number."""

from __future__ import annotations

from typing import Any


class UserError(Exception):
    """Something the person can put right: a locale key and its variables, never a ready text.

    ``buttons`` are pairs (locale key of the label, action) shown under the text.
    """

    def __init__(self, key: str, *, buttons: tuple[tuple[str, str], ...] = (), **args: Any) -> None:
        super().__init__(key)
        self.key = key
        self.buttons = buttons
        self.args_for_text = args


class NotAllowed(UserError):
    """The right is missing; the answer is the same whether the thing exists or not."""

    def __init__(self, key: str = "error-no-access", **args: Any) -> None:
        super().__init__(key, **args)


class NotFound(UserError):
    """The thing is gone or never was."""

    def __init__(self, key: str = "error-not-found", **args: Any) -> None:
        super().__init__(key, **args)


class StaleButton(Exception):
    """A press that means nothing any more, or never did: the answer is the fresh screen of its subject."""


def reason_of(failure: BaseException) -> str:
    """The first line of the cause in the words of the system; never an address with its password."""
    cause = getattr(failure, "orig", None) or failure
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return (str(cause) or type(cause).__name__).partition("\n")[0]
