"""From a stored event's type to the class that it belongs to, and to its latest shape."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache
from typing import Any

import deadwax.domain
from deadwax.application.log import UnknownEventType, UnreadableEvent
from deadwax.domain.aggregate import Created, Event

# Kept in columns of their own, or in the case of the aggregate's topic in the type's prefix.
_ENVELOPE = frozenset(field.name for field in fields(Created))


@dataclass(frozen=True, slots=True)
class EventType:
    """What the log needs to know of an event class.

    `own_fields` are those beside the envelope, in the order of the class, each with what
    makes its default value, or None where an event must bring one.
    """

    cls: type[Event]
    topic: str
    version: int
    own_fields: dict[str, Callable[[], Any] | None]
    aggregate_topic: str | None

    def upcast(self, version: int, data: dict[str, Any]) -> None:
        """Bring `data`, written by `version` of the class, to the class's own version."""
        if version > self.version:
            raise UnknownEventType(
                f"{self.topic} has schema version {version}; this program knows {self.version}."
            )
        for older in range(version, self.version):
            step = f"upcast_v{older}_v{older + 1}"
            try:
                getattr(self.cls, step)(data)
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                raise UnreadableEvent(f"{self.topic}: {step} failed: {error!r}") from error


@cache
def event_type_of(cls: type[Event]) -> EventType:
    return EventType(
        cls=cls,
        topic=vars(cls).get("TOPIC", ""),  # an inherited one is another class's
        version=cls.class_version,
        own_fields={f.name: _default(f) for f in fields(cls) if f.name not in _ENVELOPE},
        aggregate_topic=cls.TOPIC.partition(".")[0] if issubclass(cls, Created) else None,
    )


_by_topic: dict[str, EventType] = {}


def event_type_named(topic: str) -> EventType:
    """Raises UnknownEventType. Nothing is ever imported by a name from the database."""
    found = _by_topic.get(topic)
    if found is None:
        kinds = (event_type_of(cls) for cls in _event_classes())
        _by_topic.update((kind.topic, kind) for kind in kinds if kind.topic)
        found = _by_topic.get(topic)
    if found is None:
        raise UnknownEventType(f"This program has no event type {topic!r}.")
    return found


def _default(field: Field[Any]) -> Callable[[], Any] | None:
    if field.default_factory is not MISSING:
        return field.default_factory
    return None if field.default is MISSING else lambda: field.default


def _event_classes() -> Iterator[type[Event]]:
    _import_domain()
    classes: list[type[Event]] = [Event]
    while classes:
        cls = classes.pop()
        yield cls
        classes.extend(cls.__subclasses__())


@cache
def _import_domain() -> None:
    """A class is known once its module is imported, so all of the domain is."""
    for module in pkgutil.iter_modules(deadwax.domain.__path__, "deadwax.domain."):
        importlib.import_module(module.name)
