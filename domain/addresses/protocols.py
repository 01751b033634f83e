"""The protocols, and the address that belongs to each."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from deadwax.domain.addresses.ftp import FtpAddress, FtpsAddress
from deadwax.domain.addresses.http import GraphqlAddress, RestAddress, SoapAddress
from deadwax.domain.addresses.local import FolderAddress, ManualAddress
from deadwax.domain.addresses.object_stores import AzureBlobAddress, GcsAddress, S3Address
from deadwax.domain.addresses.plugin import PluginAddress
from deadwax.domain.addresses.pull import PullAddress
from deadwax.domain.addresses.ssh import ScpAddress, SftpAddress


class Protocol(StrEnum):
    """How files get to the platform. `web_service`: it pulls from us, as DDEX lays down;
    `manual`: a person hands over what was laid ready; `plugin`: an installed one does it."""

    SFTP = "sftp"
    SCP = "scp"
    FTP = "ftp"
    FTPS = "ftps"
    S3 = "s3"
    AZURE_BLOB = "azure_blob"
    GCS = "gcs"
    REST = "rest"
    SOAP = "soap"
    GRAPHQL = "graphql"
    FOLDER = "folder"
    MANUAL = "manual"
    WEB_SERVICE = "web_service"
    PLUGIN = "plugin"


AnyAddress = (
    SftpAddress
    | ScpAddress
    | FtpAddress
    | FtpsAddress
    | S3Address
    | AzureBlobAddress
    | GcsAddress
    | RestAddress
    | SoapAddress
    | GraphqlAddress
    | FolderAddress
    | ManualAddress
    | PullAddress
    | PluginAddress
)

ADDRESSES: dict[Protocol, type[Any]] = {
    Protocol.SFTP: SftpAddress,
    Protocol.SCP: ScpAddress,
    Protocol.FTP: FtpAddress,
    Protocol.FTPS: FtpsAddress,
    Protocol.S3: S3Address,
    Protocol.AZURE_BLOB: AzureBlobAddress,
    Protocol.GCS: GcsAddress,
    Protocol.REST: RestAddress,
    Protocol.SOAP: SoapAddress,
    Protocol.GRAPHQL: GraphqlAddress,
    Protocol.FOLDER: FolderAddress,
    Protocol.MANUAL: ManualAddress,
    Protocol.WEB_SERVICE: PullAddress,
    Protocol.PLUGIN: PluginAddress,
}
"""Exactly this class: an address of SCP is none of SFTP."""
