"""What the hub has for one consultant, as one hash (`sync.digest`): of the stored bytes, so that what it lost shows."""

from __future__ import annotations

from sync.digest import digest
from sync.hub import covering, handover
from sync.hub.access import Device, find_lineage, use_nonce
from sync.hub.database import snapshot, writing
from sync.hub.problems import ProblemError
from sync.hub.rows import Rows, actor_of
from sync.hub.settings import Hub
from sync.protocol import DigestReply, ProblemCode


def digest_for(hub: Hub, device: Device, nonce: str) -> DigestReply:
    """Of all records that this device's consultant may see. Keeps no writer waiting. Raises ProblemError(replayed,
    device_revoked)."""
    if device.is_handed_in:
        raise ProblemError(ProblemCode.DEVICE_REVOKED)
    with writing(hub.engine) as connection:
        use_nonce(connection, device, nonce, hub.now_s())
        rows = Rows(connection, hub.sealing, device.municipality_id)
        covering.settle(handover.Cases(rows, hub.now_s()), device.consultant_id, hub.clock())
    with snapshot(hub.engine) as connection:
        rows = Rows(connection, hub.sealing, device.municipality_id)
        actor = actor_of(connection, *device.of_whom)
        return DigestReply(
            lineage=find_lineage(connection, device.municipality_id) or "",
            last_seq=rows.last_seq(actor),
            digest=digest(rows.seen_by(actor)),
        )
