"""The few POSIX shell scripts by which SCP does what its protocol cannot.

Names reach them only `quoted`. What they say on their standard output is for programs.
"""

from __future__ import annotations

import posixpath

from deadwax.infrastructure.couriers.remote_shell import quoted

_TOOLS = "scp mkdir mv rm cmp wc head df awk"


def echo(token: str) -> str:
    """Says the token, of letters and digits, where all is there that the others need."""
    return f"for tool in {_TOOLS}; do command -v $tool >&2 || exit 1; done; echo {token}"


def size(path: str) -> str:
    """Nothing if no file stands there."""
    return f"if [ -f {quoted(path)} ]; then wc -c < {quoted(path)}; fi"


def make_way(root: str, part: str) -> str:
    """The root has to exist. A part that an earlier connection may still be writing goes."""
    folder = quoted(posixpath.dirname(part))
    return f"[ -d {quoted(root)} ] && mkdir -p {folder} && rm -f {quoted(part)}"


def publish(part: str, path: str) -> str:
    """`mv -n` renames in one step and never over another file, and some say nothing if it did
    not: so what is there afterwards is looked at."""
    part, path = quoted(part), quoted(path)
    return f"""
    if [ ! -e {path} ] && [ ! -e {part} ]; then echo missing; exit; fi
    if [ ! -e {path} ]; then mv -n {part} {path} || [ -e {path} ] || exit; fi
    if [ ! -e {part} ]; then echo done
    elif cmp -s {part} {path}; then rm -f {part} && echo done
    else echo differs; fi"""


def sha256(path: str) -> str:
    """By what the server has for it; nothing if it has nothing."""
    path = quoted(path)
    return f"""
    if command -v sha256sum >&2; then sha256sum < {path} | cut -c 1-64
    elif command -v shasum >&2; then shasum -a 256 < {path} | cut -c 1-64
    elif command -v openssl >&2; then openssl dgst -sha256 < {path}; fi"""


def files(folder: str) -> str:
    """`<size>/<name>` of each file in the folder, each ended by a zero byte."""
    return f"""
    cd {quoted(folder)} 2> /dev/null || exit 0
    for name in * .[!.]* ..?*; do
      if [ -f "$name" ]; then printf '%d/%s\\0' "$(wc -c < "$name")" "$name"; fi
    done"""


def beginning(path: str, length: int) -> str:
    return f"head -c {length} < {quoted(path)}"


def remove(*paths: str) -> str:
    return f"rm -f {' '.join(quoted(path) for path in paths)}"


def free_kilobytes(folder: str) -> str:
    return f"df -Pk {quoted(folder)} | awk 'NR == 2 {{ print $4 }}'"


def hindrance(root: str, folder: str) -> str:
    """What keeps us from writing into the folder: missing, denied, full, or nothing."""
    return f"""
    if [ ! -d {quoted(root)} ]; then echo missing; exit; fi
    at={quoted(folder)}
    while [ ! -d "$at" ]; do at=$(dirname "$at"); done
    if [ ! -w "$at" ]; then echo denied
    elif [ "$({free_kilobytes(root)})" = 0 ]; then echo full; fi"""
