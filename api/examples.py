"""Example bodies, by operation. A test sends every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CORRELATION_ID = "0b6f0c5e-6f7a-4a43-9d3c-2f2f6c1d9b11"

_LINE = {"year": 2026, "text": "Run-out Records"}
_WORLD = {"included": ["Worldwide"]}

TRACK: dict[str, Any] = {
    "isrc": "QZDWX2600001",
    "title": "Lead-in",
    "artists": [{"name": "The Matrix Numbers", "role": "MainArtist"}],
    "contributors": [{"name": "Ida Lacquer", "roles": ["Composer"]}],
    "genre": "Electronic",
    "language": "zxx",
    "instrumental": True,
    "parental_warning": "NotExplicit",
    "p_line": _LINE,
    "preview_start": 10,
}

RELEASE: dict[str, Any] = {
    "title": "Locked Groove",
    "type": "Album",
    "label": "Run-out Records",
    "icpn": "5901234123457",
    "catalogue_number": "ROR 001",
    "artists": [{"name": "The Matrix Numbers", "role": "MainArtist"}],
    "genre": "Electronic",
    "language": "en",
    "p_line": _LINE,
    "c_line": _LINE,
    "release_date": "2026-11-20",
    "original_release_date": "2026-11-20",
    "parental_warning": "NotExplicit",
    "tracks": [{"number": 1, **TRACK}],
    "rights": [{"territories": _WORLD}],
    "deals": [
        {
            "territories": _WORLD,
            "models": ["SubscriptionModel", "AdvertisementSupportedModel"],
            "uses": ["OnDemandStream"],
            "start": "2026-11-20",
        },
        {
            "territories": {"excluded": ["US"]},
            "models": ["PayAsYouGoModel"],
            "uses": ["PermanentDownload"],
            "price": {"amount": "6.50", "currency": "EUR"},
            "start": "2026-11-20",
        },
    ],
}

TARGET: dict[str, Any] = {
    "platform": "Sandbox DSP",
    "mode": "test",
    "protocol": "sftp",
    "address": {
        "host": "sftp.dsp.example",
        "port": 22,
        "username": "runout",
        "secret": "sandbox-sftp",
        "root": "incoming",
        "host_key": "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGe1qQvBaaq0NRc0v4E",
    },
    "sender": {"dpid": "PADPIDA2013042401U", "name": "Run-out Records"},
    "recipient": {"dpid": "PADPIDA20261121020", "name": "Sandbox DSP"},
    "ern": "4.3",
    "confirmation": "ddex_acknowledgement",
}

_REASON = {"reason": "The artist asked for it."}

SCHEDULE: dict[str, Any] = {
    "name": "New on Fridays",
    "action": "update",
    "reason": "What changed in the week.",
    "labels": ["Run-out Records"],
    "recurring": {
        "every": "week",
        "weekdays": ["friday"],
        "time": "02:30",
        "zone": "Europe/Berlin",
    },
}

BODIES: Mapping[str, dict[str, Any]] = {
    "register_tenant": {"name": "Run-out Records", "kind": "label", "review": False},
    "add_label": {"name": "Run-out Records", "dpid": "PADPIDA2013042401U"},
    "issue_key": {"role": "manager", "name": "Ida's laptop"},
    "draft_release": RELEASE,
    "replace_release": RELEASE,
    "patch_release": {"version": "Remastered", "genre": "Ambient", "catalogue_number": None},
    "put_track": {"number": 1, **TRACK},
    "begin_upload": {"filename": "01 Lead-in.wav", "size": 50_000_044, "sha256": "5f" * 32},
    "complete_upload": {"parts": [{"number": 1, "etag": "9b2cf535f27731c974343645a3985328"}]},
    "link_asset": {"seconds": 3600},
    "link_rendition": {"seconds": 3600},
    "submit_release": {},
    "approve_release": {},
    "archive_release": {"reason": "Never released."},
    "add_code_range": {"kind": "isrc", "prefix": "QZDWX", "first": "00001", "last": "49999"},
    "import_used_codes": {"isrcs": ["QZDWX2600001"], "icpns": ["5901234123457"]},
    "allocate_codes": {"kinds": ["isrc", "icpn"]},
    "ask_for_rendition": {
        "recipe": "preview_mp3",
        "options": {"start": 45, "length": 30, "fade": 1.5, "loudness": -14.0},
        "track": {"release_id": "3f0c9a52-6b1e-4f55-8a52-0d1f1c0a7f11", "number": 1},
    },
    "open_target": TARGET,
    "replace_target": TARGET,
    "pin_host_key": {"host_key": TARGET["address"]["host_key"]},
    "check_connection": {},
    "pause_target": {"reason": "They move house.", "until": "2099-01-04T06:00:00+01:00"},
    "resume_target": {},
    "pause_tenant": {"reason": "The bill is unpaid."},
    "resume_tenant": {},
    "distribute": {
        "target_ids": ["3f0c9a52-6b1e-4f55-8a52-0d1f1c0a7f11"],
        "not_before": "2026-11-13T00:00:00+01:00",
    },
    "deliver_for_test": {"target_id": "3f0c9a52-6b1e-4f55-8a52-0d1f1c0a7f11"},
    "redeliver": {"reason": "They lost the files."},
    "prioritise": {"priority": "high"},
    "assign": {"assignee": "ida@runout.example", "note": "She knows their support."},
    "override": {"status": "live", "reason": "Their support says so, ticket 4712."},
    "confirm_handover": {"how": "Uploaded on their portal, ticket 4712."},
    "plan_bulk": {
        "order": {"action": "distribute", "reason": "The autumn catalogue.", "priority": "low"},
        "selection": {
            "labels": ["Run-out Records"],
            "released_from": "2026-11-01",
            "released_until": "2026-11-30",
            "target_ids": ["3f0c9a52-6b1e-4f55-8a52-0d1f1c0a7f11"],
        },
        "run_when_checked": True,
    },
    "start_bulk": {},
    "stop_bulk": {"reason": "The platform asked us to wait."},
    "continue_bulk": {},
    "create_schedule": SCHEDULE,
    "patch_schedule": {
        "recurring": {"every": "month", "weekdays": None, "day": 31, "last": "2030-12-31"}
    },
    "pause_schedule": _REASON,
    "resume_schedule": {},
    "cancel_schedule": _REASON,
    "retry": {},
    "cancel": _REASON,
    "suspend": _REASON,
    "resume": {},
    "update": _REASON,
    "take_down": _REASON | {"effective": "2027-01-31"},
    "purge": _REASON | {"icpn": "5901234123457"},
    "report_status": {"status": "live", "evidence": "Seen in the store at noon."},
    "resolve": {"delivered": True, "evidence": "Their support confirmed it, ticket 4711."},
}
