"""Logs in to an SSH server that has proven who it is."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import paramiko

from deadwax.domain.addresses.ssh import SshAddress
from deadwax.infrastructure.couriers.keys import UnusableKey, agent_key, certified, private_key
from deadwax.infrastructure.couriers.opening import Opening


class LoginRefused(Exception):
    """Our credentials were not enough; says what the server asks for beside them."""


@dataclass(frozen=True)
class Credentials:
    """Read from the stored secrets that an address names."""

    username: str
    secret: str = field(repr=False)
    passphrase: str | None = field(repr=False)
    certificate: str | None
    agent: bool

    @classmethod
    def of(cls, address: SshAddress, opening: Opening) -> Credentials:
        """Raises DeliveryFailed(AUTH_INVALID) for a secret that is not stored."""

        def stored(name: str | None) -> str | None:
            return opening.secret(name) if name else None

        return cls(
            username=address.username,
            secret=opening.secret(address.secret),
            passphrase=stored(address.passphrase),
            certificate=stored(address.certificate),
            agent=address.agent,
        )

    def log_in(self, transport: paramiko.Transport) -> None:
        """Raises LoginRefused, UnusableKey, ExpiredCertificate, or what paramiko raises."""
        with closing(paramiko.Agent() if self.agent else _NoAgent()) as agent:
            key = self._key(agent)
            if key is not None:
                missing = transport.auth_publickey(self.username, key)
            else:
                missing = _by_password(transport, self.username, self.secret)
        if missing:
            raise LoginRefused(f"the server also asks for {', '.join(missing)}")

    def _key(self, agent: paramiko.Agent | _NoAgent) -> paramiko.PKey | None:
        """None for a password."""
        if isinstance(agent, paramiko.Agent):
            key = agent_key(agent, self.secret)
        elif self.secret.lstrip().startswith("-----BEGIN "):
            key = private_key(self.secret, self.passphrase)
        elif self.passphrase is not None or self.certificate is not None:
            raise UnusableKey("the secret is no private key, which the rest of the address is for")
        else:
            return None
        return certified(key, self.certificate) if self.certificate is not None else key


class _NoAgent:
    def close(self) -> None:
        """Nothing is open."""


def _by_password(transport: paramiko.Transport, username: str, password: str) -> list[str]:
    """Returns what the server asks for beside it."""
    try:
        return list(transport.auth_password(username, password, fallback=False))
    except paramiko.BadAuthenticationType as refused:
        if "keyboard-interactive" not in refused.allowed_types:
            raise
    answered, unanswered = list[str](), list[str]()

    def answer(title: str, instructions: str, prompts: Sequence[tuple[str, bool]]) -> list[str]:
        """The password goes to the first question alone, and only if it is not to be shown."""
        asked = [prompt.strip() for prompt, _ in prompts]
        if len(prompts) == 1 and not prompts[0][1] and not answered:
            answered.extend(asked)
            return [password]
        unanswered.extend(asked)
        return ["" for _ in prompts]

    try:
        return _by_questions(transport, username, answer)
    except paramiko.AuthenticationException as refused:
        if unanswered:
            raise LoginRefused(
                f"the server asks for more than a password: {', '.join(unanswered)}"
            ) from refused
        raise


def _by_questions(transport: Any, username: str, answer: Any) -> list[str]:
    """`auth_interactive` without asking for the login service a second time, which some servers
    take for an attack."""
    handler, event = transport.auth_handler, threading.Event()
    handler.auth_event, handler.auth_method = event, "keyboard-interactive"
    handler.username, handler.submethods = username, ""
    handler.interactive_handler = answer
    accepted = paramiko.Message()
    accepted.add_string("ssh-userauth")
    accepted.rewind()
    handler._parse_service_accept(accepted)
    return list(handler.wait_for_response(event))
