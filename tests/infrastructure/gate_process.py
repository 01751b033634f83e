"""A process that asks to enter as often as it can, and says how often it might."""

from __future__ import annotations

import sys
import time
from uuid import UUID, uuid4

from deadwax.application.gate import Ending
from deadwax.domain.delivery_policy import Breaker, DeliveryPolicy, Rate
from deadwax.infrastructure.database import open_pool
from deadwax.infrastructure.gate import RedisGate


def main(what: str, redis_url: str, database_url: str, target: str, tries: str) -> None:
    target_id, passed = UUID(target), 0
    policies = {
        "rate": DeliveryPolicy(at_once=64, rate=Rate(messages=20, seconds=600)),
        "at_once": DeliveryPolicy(at_once=3),
        "probe": DeliveryPolicy(at_once=64, breaker=Breaker(failures=1, seconds=1)),
    }
    with open_pool(database_url, size=1, name="test") as pool:
        gate = RedisGate(redis_url, pool, lease=30)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        for _ in range(int(tries)):
            holder = uuid4()
            if gate.enter(target_id, holder, policies[what]) is None:
                passed += 1
                if what == "rate":
                    gate.leave(target_id, holder, policies[what], Ending.SERVED)
            time.sleep(0.001)
        gate.close()
    sys.stdout.write(f"{passed}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
