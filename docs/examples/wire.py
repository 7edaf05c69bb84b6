"""Waggle from Python, without an SDK: `pip install nats-py`, `waggle up`, `python wire.py`."""

import asyncio
import json
import os
import time
import uuid

import nats
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeout

NOTHING_HAPPENED = {"busy", "notReady"}
OUTCOME_UNKNOWN = {"unavailable", "closed", "moved"}


class Fault(Exception):
    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code, self.kind, self.details = error["code"], error["kind"], error["details"]
        self.retry_after = error.get("retryAfterMs", 100) / 1000


class Waggle:
    def __init__(self, connection, tenant="default"):
        self.connection, self.tenant = connection, tenant

    async def once(self, operation, body, timeout):
        """One request and its reply. A fault is raised."""
        subject = f"waggle.v1.{self.tenant}.{operation}"
        message = await self.connection.request(subject, json.dumps(body, allow_nan=False).encode(), timeout=timeout)
        reply = json.loads(message.data)
        if not reply["ok"]:
            raise Fault(reply["error"])
        return reply

    async def read(self, operation, **body):
        return await self.until(20, operation, body)

    async def write(self, operation, key=None, **body):
        """Takes effect once, however often it has to be sent: every try carries the same key."""
        return await self.until(20, operation, {**body, "idempotencyKey": key or str(uuid.uuid4())})

    async def watch(self, collective, start, **conditions):
        """Every change after `start` that meets the conditions, in order. Keep a change's cursor to go on there."""
        while True:
            asked = {"collective": collective, "from": start, "filter": conditions, "waitMs": 1_500}
            reply = await self.read("watch.next", **asked)
            if reply.get("lost"):
                raise LookupError(f"changes are gone: read afresh, then go on from {reply['next']}")
            for change in reply["changes"]:
                yield change
            start = reply["next"]

    async def until(self, seconds, operation, body):
        """Tries again what passes. What is still silent at the end may have taken effect: the key tells, later."""
        deadline = time.monotonic() + seconds
        while True:
            wait = 0.1
            try:
                return await self.once(operation, body, timeout=2)
            except Fault as fault:
                if fault.kind not in NOTHING_HAPPENED | OUTCOME_UNKNOWN:
                    raise
                error, wait = fault, fault.retry_after
            except (NatsTimeout, NoRespondersError) as silence:
                error = silence
            if time.monotonic() + wait > deadline:
                raise error
            await asyncio.sleep(wait)


async def main():
    connection = await nats.connect(os.environ.get("NATS_URL", "nats://127.0.0.1:4222"))
    waggle = Waggle(connection)

    team = (await waggle.write("collective.getOrCreate", name="payments-team", dimension=3))["collective"]["id"]

    lesson = {
        "collective": team,
        "content": "Adding the index locks the ledger table: use CONCURRENTLY.",
        "embedding": [0.1, 0.9, 0.2],
        "type": {"kind": "errorPattern", "signature": "lock timeout", "fix": "CONCURRENTLY", "prevention": ""},
        "sourceAgent": "migrator-3",
    }
    first = await waggle.write("experience.record", key="migration-2291/lesson", **lesson)
    again = await waggle.write("experience.record", key="migration-2291/lesson", **lesson)
    assert first == again, "the same id, the same token"

    found = await waggle.read("experience.search", collective=team, embedding=[0, 1, 0.2], k=3, token=first["token"])
    for hit in found["results"]:
        print(f"{hit['similarity']:.3f}  {hit['experience']['content']}")

    async for change in waggle.watch(team, "start", entities=["experience"]):
        print(change["kind"], change["entity"], change["id"], change["cursor"])
        break

    try:
        await waggle.write("experience.record", collective=team, content="wrong", embedding=[1, 2])
    except Fault as fault:
        print(fault.kind, fault.code, fault.details)

    await connection.close()


if __name__ == "__main__":
    asyncio.run(main())
