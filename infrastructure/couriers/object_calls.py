"""Calls of an object store, whose clients raise errors of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.http_failures import category_without_answer

E = TypeVar("E", bound=Exception)


class ObjectCalls(Generic[E]):
    """`where` begins the words of every failure. `raised` is what the client raises, which
    `failure_of` explains."""

    def __init__(
        self,
        where: str,
        raised: tuple[type[E], ...],
        failure_of: Callable[[E, str], DeliveryFailed],
    ) -> None:
        self.where = where
        self._raised, self._failure_of = raised, failure_of

    @contextmanager
    def call(self, what: str) -> Iterator[None]:
        """Turn what the client raises into DeliveryFailed."""
        what = f"{self.where}: {what}"
        try:
            yield
        except self._raised as error:
            raise self._failure_of(error, what) from error
        except OSError as error:
            words = f"{what}: {type(error).__name__}."
            raise DeliveryFailed(category_without_answer(error), words) from error

    def broken(self, words: str) -> DeliveryFailed:
        return self.failure(FailureCategory.INTEGRITY, words)

    def failure(self, category: FailureCategory, words: str) -> DeliveryFailed:
        return DeliveryFailed(category, f"{self.where}: {words}.")
