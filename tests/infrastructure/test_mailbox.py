"""Platforms' notices in a real mailbox: Dovecot, over TLS."""

from __future__ import annotations

import getpass
import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme
from tests.conftest import required
from tests.ports import wait_for_port

from deadwax.application.errors import DeliveryFailed
from deadwax.application.statements import Statement
from deadwax.domain.addresses.parts import Host, SecretName
from deadwax.domain.errors import Refused
from deadwax.domain.failures import FailureCategory
from deadwax.domain.reports import Mailbox, Pattern, Reports
from deadwax.domain.texts import Name
from deadwax.infrastructure.reports.mailbox import open_mailbox
from deadwax.infrastructure.reports.mails import read_mail

PASSWORD = "a mail password"
PATTERNS = (
    Pattern(r"UPC:?\s+(?P<release_id>\d{12,13})"),
    Pattern(r"(?i)your release is (now )?(?P<status>live|rejected|removed)"),
    Pattern(r"Reason: (?P<information>.+)"),
)


@dataclass(frozen=True)
class Dovecot:
    mailbox: Mailbox
    folder: Path

    def put(self, number: int, message: EmailMessage) -> None:
        (self.folder / "new" / f"{int(time.time())}.{number}.test").write_bytes(bytes(message))


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    binary = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    required(binary, "Dovecot")
    home = Path(tempfile.mkdtemp(prefix="dw-dovecot"))
    home.chmod(0o755)  # its processes for strangers run as another user
    maildir = home / "mail"
    for name in ("new", "cur", "tmp"):
        (maildir / name).mkdir(parents=True)
    owner = pwd.getpwnam("nobody" if os.geteuid() == 0 else getpass.getuser())
    for folder in (maildir, *maildir.iterdir()):  # no mail is read as root
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(home / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(home / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(home / "cert.pem"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    (home / "dovecot.conf").write_text(
        f"""
        base_dir = {home}/run
        log_path = {home}/log
        protocols = imap
        listen = 127.0.0.1
        ssl = required
        ssl_cert = <{home}/cert.pem
        ssl_key = <{home}/key.pem
        {"" if os.geteuid() == 0 else _as_ourselves()}
        first_valid_uid = 0
        mail_location = maildir:{maildir}
        passdb {{
          driver = static
          args = password={PASSWORD.replace(" ", "_")}
        }}
        userdb {{
          driver = static
          args = uid={owner.pw_uid} gid={owner.pw_gid} home={maildir}
        }}
        service imap-login {{
          chroot =
          inet_listener imap {{
            port = 0
          }}
          inet_listener imaps {{
            port = {port}
            ssl = yes
          }}
        }}
        service anvil {{
          chroot =
        }}
        """
    )
    process = subprocess.Popen([str(binary), "-F", "-c", str(home / "dovecot.conf")])
    try:
        wait_for_port(port, process, home / "log")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(home / "ca.pem"))
            yield Dovecot(_mailbox(port), maildir)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(home)


def _as_ourselves() -> str:
    """One who is not root can start nothing as anybody else."""
    user, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
    return f"""default_login_user = {user}
        default_internal_user = {user}
        default_internal_group = {group}"""


def _mailbox(port: int) -> Mailbox:
    return Mailbox(
        host=Host("localhost"),
        port=port,
        username=Name("label"),
        secret=SecretName("mail"),
        senders=(Name("@vinyl.example"),),
        patterns=PATTERNS,
    )


def _mail(sender: str, text: str, *, html: bool = False) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = sender, "label@example.com"
    message["Subject"] = "Your release – Überblick"
    message["Message-ID"] = f"<{abs(hash((sender, text)))}@vinyl.example>"
    message.set_content(text, subtype="html" if html else "plain")
    return message


LIVE = "Hello,\nyour release is now live.\nUPC: 5901234123457\n"


def test_only_the_platforms_mail_is_read_and_nothing_is_changed(dovecot: Dovecot) -> None:
    dovecot.put(1, _mail("Vinyl <noreply@vinyl.example>", LIVE))
    dovecot.put(2, _mail("friend@example.org", "private"))
    mailbox = open_mailbox(dovecot.mailbox, PASSWORD.replace(" ", "_"), 5)
    found = mailbox.recent()
    mails = [mailbox.fetch(mail) for mail in found]
    mailbox.close()
    (theirs,) = [mail for mail in mails if mail]
    assert len(found) == 2
    assert (theirs.subject, theirs.id[-15:]) == ("Your release – Überblick", "@vinyl.example>")
    reports = Reports(mailbox=dovecot.mailbox)
    assert read_mail(theirs.data, "message/rfc822", reports) == [
        Statement(at="", status="live", release_id="5901234123457")
    ]
    again = open_mailbox(dovecot.mailbox, PASSWORD.replace(" ", "_"), 5)
    assert again.recent() == found
    again.close()
    assert not [path for path in (dovecot.folder / "cur").iterdir() if "S" in path.name[-3:]]


def test_a_wrong_password_is_told_and_not_repeated(dovecot: Dovecot) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        open_mailbox(dovecot.mailbox, "not_the_password", 5)
    assert failed.value.category is FailureCategory.AUTH_INVALID
    assert "not_the_password" not in failed.value.detail


def test_a_certificate_of_nobody_known_is_refused(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
    with pytest.raises(DeliveryFailed) as failed:
        open_mailbox(dovecot.mailbox, PASSWORD, 5)
    assert failed.value.category is FailureCategory.NETWORK_CONNECTIVITY


def test_a_folder_that_is_not_there_is_told(dovecot: Dovecot) -> None:
    missing = replace(dovecot.mailbox, folder=Name("Nowhere"))
    with pytest.raises(DeliveryFailed) as failed:
        open_mailbox(missing, PASSWORD.replace(" ", "_"), 5)
    assert failed.value.category is FailureCategory.NOT_FOUND


def test_the_words_of_a_mail_in_html_are_read() -> None:
    text = "<p>Sorry: your release is <b>rejected</b>.</p><p>UPC 5901234123457</p>"
    mail = _mail("a@vinyl.example", text.replace(" <b>", " ").replace("</b>", ""), html=True)
    (said,) = read_mail(bytes(mail), "message/rfc822", Reports(mailbox=_mailbox(993)))
    assert (said.status, said.release_id) == ("rejected", "5901234123457")


@pytest.mark.parametrize(
    ("sender", "text", "code"),
    [
        ("friend@example.org", LIVE, "mail_from_others"),
        ("a@vinyl.example.org", LIVE, "mail_from_others"),
        ("a@vinyl.example", "We like it.", "mail_not_understood"),
    ],
)
def test_a_mail_that_says_nothing_certain_is_kept_for_a_person(
    sender: str, text: str, code: str
) -> None:
    mail = bytes(_mail(sender, text))
    with pytest.raises(Refused) as kept:
        read_mail(mail, "message/rfc822", Reports(mailbox=_mailbox(993)))
    assert [p.code for p in kept.value.problems] == [code]


@pytest.mark.parametrize(
    ("pattern", "text", "code"),
    [
        (r"(?P<status>(a+)+x)", "a" * 5000, "pattern_too_slow"),
        (r"UPC (?P<release_id>\d+) (?P<status>\S+)", "UPC 12 live\0", "report_not_text"),
    ],
)
def test_neither_a_slow_pattern_nor_what_is_no_text_holds_up_other_mail(
    pattern: str, text: str, code: str
) -> None:
    mailbox = replace(_mailbox(993), patterns=(Pattern(pattern),))
    mail = f"From: a@vinyl.example\r\nSubject: news\r\n\r\n{text}".encode()
    with pytest.raises(Refused) as kept:
        read_mail(mail, "message/rfc822", Reports(mailbox=mailbox))
    assert [p.code for p in kept.value.problems] == [code]
