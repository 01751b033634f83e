"""One HTTP connection to a platform: the only place that knows the client library."""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

import deadwax
from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.http import HttpAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.http.bodies import Body
from deadwax.infrastructure.couriers.http.login import login_of
from deadwax.infrastructure.couriers.http.meanings import Complaint, Meanings, failure_of
from deadwax.infrastructure.couriers.http.values import MOST_ANSWER, Answer
from deadwax.infrastructure.couriers.http_failures import retry_after
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.stall import StallWatch
from deadwax.infrastructure.couriers.tls import tls_context

_MOST_WORDS = 300
_MOST_OF_FAILURE = 64 * 1024
_REFUSED = (FailureCategory.AUTH_INVALID, FailureCategory.AUTH_EXPIRED)

Explain = Callable[[Answer], Complaint | None]
"""What an answer complains of: None where it does not."""


class HttpClient:
    """Follows no redirect, and sends credentials to the address's own origin alone."""

    def __init__(
        self,
        address: HttpAddress,
        opening: Opening,
        meanings: Meanings,
        explain: Explain,
        below: tuple[str, ...] = (),
    ) -> None:
        self._meanings, self._explain, self._below = meanings, explain, below
        self._base = str(address.base_url)
        self._home = _origin(self._base)
        self._hosts = {str(host) for host in address.also_hosts}
        self._fixed = {name: str(value) for name, value in address.headers.items()}
        self._login = login_of(address.auth, opening)
        tls = tls_context(address.authority, address.auth.certificate, opening.secret)
        self._watch = StallWatch(None, opening.stall_seconds)
        self._http = httpx.Client(
            verify=tls,
            timeout=opening.stall_seconds,
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": f"deadwax/{deadwax.__version__}", "Accept-Encoding": "identity"},
        )
        self._asking = False
        self.proof: dict[str, str] = {}
        self.latency_ms = 0.0

    def close(self) -> None:
        self._watch.close()
        self._http.close()

    def moved(self) -> None:
        """Tell the stall watch that the request in progress made some."""
        if self._asking:
            self._watch.moved()

    def rest(self) -> None:
        """Tell it that we are not waiting for the server."""
        if self._asking:
            self._watch.rest()

    def url(self, place: str) -> str:
        """An address of a call: what follows the base URL, or all of it."""
        return place if "://" in place else self._base + place

    def below(self, url: str, location: str) -> str:
        """What a server said, relative to what it was asked."""
        return urljoin(self.url(url), location)

    def exchange(
        self,
        method: str,
        url: str,
        what: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
        passing: frozenset[int] = frozenset(),
        limit: int = MOST_ANSWER,
    ) -> Answer:
        """Raises DeliveryFailed for an answer that is no success, unless its status is one of
        `passing`; INTEGRITY for one of more than `limit` bytes. A token that is refused is
        replaced once, and the request made again. `what` begins the words of a failure."""
        url = self.url(url)
        ours = self._is_ours(url, what)

        def ask(fresh: bool) -> tuple[Answer, DeliveryFailed | None]:
            own = self._fixed | self._login.headers(self._post, fresh=fresh) if ours else {}
            answer = self._once(method, url, what, {**own, **(headers or {})}, body, limit)
            return answer, None if answer.status in passing else self._failure(answer, what)

        answer, failed = ask(fresh=False)
        if failed and ours and self._login.renewable and failed.category in _REFUSED:
            answer, failed = ask(fresh=True)
        if failed:
            raise failed
        return answer

    def greet(self) -> None:
        """Ask for the base URL: whatever it answers, it is there, and takes our credentials as
        far as it looks at them there."""
        answered = frozenset(range(200, 500)) - {401, 403}
        self.exchange("GET", "", "asking whether it is there", passing=answered)

    def _post(self, url: str, headers: dict[str, str], form: bytes) -> Answer:
        body = Body("application/x-www-form-urlencoded", (form,))
        what = f"asking {urlsplit(url).hostname} for a token"
        answer = self._once("POST", url, what, headers, body, MOST_ANSWER)
        if answer.status in (400, 401):  # RFC 6749, 5.2: it does not know or trust us
            said = answer.json.get("error") if isinstance(answer.json, dict) else None
            words = f"{what}: refused{f' ({self._safe(said)})' if isinstance(said, str) else ''}."
            raise DeliveryFailed(FailureCategory.AUTH_INVALID, words)
        failed = self._failure(answer, what)
        if failed:
            raise failed
        return answer

    def _once(
        self,
        method: str,
        url: str,
        what: str,
        headers: Mapping[str, str],
        body: Body | None,
        limit: int,
    ) -> Answer:
        sent = dict(headers)
        if body is not None:
            sent = {"Content-Type": body.type, **sent, "Content-Length": str(body.size)}
        started = time.perf_counter()
        with self._failing(what), self._waiting():
            request = self._http.build_request(
                method,
                url,
                headers=sent,
                content=body.blocks() if body is not None else None,
                extensions={"trace": self._trace},
            )
            with closing(self._http.send(request, stream=True)) as response:
                self._see(response)
                most = limit if response.is_success else _MOST_OF_FAILURE
                found = bytearray()
                for block in response.iter_bytes():
                    self.moved()
                    found += block
                    if len(found) > most:
                        break
        self.latency_ms = (time.perf_counter() - started) * 1000
        answer = Answer(response.status_code, response.headers, bytes(found), self._below)
        if response.is_success and len(found) > limit:
            raise DeliveryFailed(
                FailureCategory.INTEGRITY, f"{what}: the answer has more than {limit} bytes."
            )
        return answer

    def _failure(self, answer: Answer, what: str) -> DeliveryFailed | None:
        complaint = self._explain(answer)
        if complaint is None:
            if 200 <= answer.status < 300:
                return None
            complaint = Complaint()
        category = self._meanings.category(answer.status, complaint)
        words = f"{what}: the server answered {answer.status}"
        if 300 <= answer.status < 400:
            elsewhere = urlsplit(answer.headers.get("Location", "")).hostname
            words += f", a redirect{f' to {elsewhere}' if elsewhere else ''}, which is not followed"
        for said in (complaint.code, complaint.message):
            if said:
                words += f"; {self._safe(said)}"
        return DeliveryFailed(category, f"{words}.", retry_after(answer.headers, datetime.now(UTC)))

    def _safe(self, said: str) -> str:
        """A server's words on one line, without what it may have been told by us."""
        for hidden in self._login.hidden():
            if hidden:
                said = said.replace(hidden, "***")
        return " ".join("".join(c if c.isprintable() else " " for c in said).split())[:_MOST_WORDS]

    def _is_ours(self, url: str, what: str) -> bool:
        """Whether credentials may go there. Raises for where nothing of ours may."""
        try:
            origin = _origin(url)
        except ValueError:
            origin = ("", "", 0)
        if origin == self._home:
            return True
        if origin[1] not in self._hosts or origin[0] != self._home[0]:
            words = f"{what}: the server sends us to {origin[1] or 'no host'}, which is not agreed"
            raise DeliveryFailed(
                FailureCategory.PERMISSION_DENIED, f"{words}; also_hosts may name it."
            )
        return False

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        with self._watch.watching():
            self._asking = True
            try:
                yield
            finally:
                self._asking = False

    @contextmanager
    def _failing(self, what: str) -> Iterator[None]:
        try:
            yield
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            raise failure_of(error, what, self._watch.stalled) from None

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """The socket of a connection, when it is made; that of TLS takes the place of TCP's."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            sock = info["return_value"].get_extra_info("socket")
            if isinstance(sock, socket.socket):
                self._watch.turn_to(sock)

    def _see(self, response: httpx.Response) -> None:
        tls = response.extensions["network_stream"].get_extra_info("ssl_object")
        if tls is not None:
            digest = hashlib.sha256(tls.getpeercert(True)).hexdigest()
            self.proof["certificate"] = f"sha256:{digest}"


def _origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises ValueError."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    if not parts.hostname or not port:
        raise ValueError("no address of HTTP")
    return parts.scheme, parts.hostname.lower(), port
