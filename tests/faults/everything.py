"""Imports what our processes import when they start, some of it only then."""

import deadwax.infrastructure.container
import deadwax.infrastructure.couriers.folder
import deadwax.infrastructure.couriers.http.rest
import deadwax.infrastructure.couriers.sftp
import deadwax.workers.cli
import deadwax.workers.dispatcher
import deadwax.workers.projector
import deadwax.workers.scheduler
import deadwax.workers.worker  # noqa: F401
