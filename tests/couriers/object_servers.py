"""Object stores on this machine: Ceph's gateway, rclone's server, moto."""

from __future__ import annotations

import itertools
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

from tests.couriers.s3_site import ACCESS_KEY, SECRET_KEY
from tests.ports import START_SECONDS, free_port, wait_for, wait_for_port

from deadwax.infrastructure.parent import die_with_parent

numbers = itertools.count(1)


@contextmanager
def running(command: Sequence[str | Path], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            preexec_fn=partial(die_with_parent, signal.SIGKILL),
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def speaks_http(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@contextmanager
def rclone_s3(folder: Path) -> Iterator[str]:
    """The endpoint of `rclone serve s3` on `folder`."""
    where = f"127.0.0.1:{free_port()}"
    binary = Path(sys.executable).parent / "rclone"
    log = folder.parent / f"{folder.name}.log"
    folder.mkdir()
    serve = ["serve", "s3", "--auth-key", f"{ACCESS_KEY},{SECRET_KEY}", "--addr", where]
    with running([binary, *serve, folder], log) as process:
        wait_for(lambda: speaks_http(f"http://{where}"), process, log)
        yield f"http://{where}"


@contextmanager
def moto_server(folder: Path) -> Iterator[str]:
    """The endpoint of moto, which speaks for S3 and STS."""
    port, log = free_port(), folder / "moto.log"
    command = [Path(sys.executable).parent / "moto_server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, log) as process:
        wait_for(lambda: speaks_http(f"http://127.0.0.1:{port}/moto-api/"), process, log)
        yield f"http://127.0.0.1:{port}"


CEPH = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")


def ceph_is_here() -> bool:
    return all(shutil.which(name) for name in CEPH)


@contextmanager
def ceph_gateway(folder: Path) -> Iterator[str]:
    """The endpoint of Ceph's gateway: a monitor, a store in memory and the gateway on loopback,
    without keys between them."""
    monitor, gateway = free_port(), free_port()
    cluster, osd = uuid4(), uuid4()
    settings = folder / "ceph.conf"
    settings.write_text(_CEPH.format(folder=folder, cluster=cluster, monitor=monitor, port=gateway))
    for name in ("mon", "osd", "rgw"):
        (folder / name).mkdir()

    def run(*command: str) -> None:
        subprocess.run(
            [command[0], "-c", str(settings), *command[1:]],
            check=True,
            capture_output=True,
            timeout=START_SECONDS,
        )

    map_file = str(folder / "monmap")
    where = f"[v2:127.0.0.1:{monitor}]"
    run("monmaptool", "--create", "--fsid", str(cluster), "--addv", "a", where, map_file)
    run("ceph-mon", "--mkfs", "-i", "a", "--monmap", map_file)
    with ExitStack() as started:

        def start(*command: str) -> subprocess.Popen[bytes]:
            arguments = [command[0], "-c", str(settings), *command[1:], "-f"]
            return started.enter_context(running(arguments, folder / f"{command[0]}.out"))

        start("ceph-mon", "-i", "a")
        run("ceph", "osd", "new", str(osd), "0")
        run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", str(osd))
        start("ceph-osd", "-i", "0", "--crush-location", "root=default host=here")
        process = start("radosgw", "-n", "client.admin")
        url = f"http://127.0.0.1:{gateway}"
        wait_for(lambda: speaks_http(url), process, folder / "radosgw.out")
        user = ["--uid", "label", "--display-name", "label", "--max-buckets", "10000"]
        keys = ["--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY]
        run("radosgw-admin", "user", "create", *user, *keys)
        yield url


_CEPH = """
[global]
fsid = {cluster}
mon_host = v2:127.0.0.1:{monitor}
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = 4294967296
mon_data = {folder}/mon
mon_data_avail_crit = 1
osd_data = {folder}/osd
rgw_data = {folder}/rgw
run_dir = {folder}
admin_socket =
pid_file =
log_file = {folder}/$name.log
[client]
rgw_frontends = beast endpoint=127.0.0.1:{port}
rgw_enable_gc_threads = false
rgw_enable_lc_threads = false
rgw_enable_quota_threads = false
rgw_run_sync_thread = false
"""


AZURITE = Path(__file__).parents[1] / "servers" / "node_modules" / ".bin" / "azurite-blob"


@contextmanager
def azurite(folder: Path, *options: str | Path) -> Iterator[str]:
    """The address of azurite's one account, all of it in memory."""
    port, log = free_port(), folder / "azurite.log"
    place = ["--blobHost", "127.0.0.1", "--blobPort", str(port)]
    usual = ["--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck", "--silent"]
    scheme = "https" if "--cert" in options else "http"
    with running([AZURITE, *place, *usual, *options], log) as process:
        wait_for_port(port, process, log)
        yield f"{scheme}://127.0.0.1:{port}/devstoreaccount1"


@contextmanager
def gcs_emulator(folder: Path) -> Iterator[str]:
    """The endpoint of gcp-storage-emulator, all of it in memory."""
    port, log = free_port(), folder / "gcs.log"
    command = Path(sys.executable).parent / "gcp-storage-emulator"
    options = ["start", "--host", "127.0.0.1", "--port", str(port), "--in-memory"]
    with running([command, *options], log) as process:
        wait_for(lambda: speaks_http(f"http://127.0.0.1:{port}/"), process, log)
        yield f"http://127.0.0.1:{port}"
