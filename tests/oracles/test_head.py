"""Heads, both ways: what Waft writes is read by another implementation, and what that writes is read by Waft."""

import json
import time

import cose
import pytest
from conftest import HERE, trust_of

HOUR = 3_600


@pytest.fixture(scope="module")
def keys(waft):
    return {role: waft.keygen() for role in ("publisher", "freshness", "kill")}


@pytest.fixture(scope="module")
def trust(keys):
    return trust_of(**keys)


@pytest.fixture(scope="module")
def snapshot(waft, keys):
    """Of today, as pointers are."""
    out = waft.file(b"")
    waft.must("build", HERE / "ruleset.yaml", "--environment", "production", "--version", "7", "--out", out)
    return waft.sign(out.read_bytes(), keys["publisher"], "publisher")


class Head:
    """A head's file, and the commands that write it."""

    def __init__(self, waft, keys, trust, snapshot):
        self.waft, self.path = waft, waft.file(b"")
        self.path.unlink()
        self.keys = {role: waft.file(pem) for role, pem in keys.items()}
        self.trust, self.snapshot = waft.file(json.dumps(trust)), waft.file(snapshot)

    def run(self, *command, role):
        self.waft.must(*command, "--head", self.path, "--trust", self.trust, "--key", self.keys[role])

    def kill(self, *flags):
        self.run("kill", *flags, role="kill")

    def refresh(self):
        self.run("head", "refresh", "--snapshot", self.snapshot, role="freshness")

    def verified(self):
        answer = self.waft.run("verify", self.path, "--trust", self.trust)
        said = json.loads(answer.stdout)
        return said if answer.returncode == 0 else said["code"]


@pytest.fixture
def head(waft, keys, trust, snapshot):
    return Head(waft, keys, trust, snapshot)


def code(data, trust, now):
    try:
        return cose.head(data, trust, now)
    except cose.Refused as refused:
        return str(refused)


def test_written_by_waft(head, trust, snapshot):
    head.kill("checkout", "express-checkout")
    assert head.verified() == "HEAD_INCOMPLETE" == code(head.path.read_bytes(), trust, time.time())
    head.refresh()
    data = head.path.read_bytes()
    told = cose.head(data, trust, time.time())
    assert (told["number"], told["kills"]) == (1, ["checkout", "express-checkout"])
    message, claims, _ = cose.read(snapshot)
    digest = cose.encode(cose.digest_of(message.phdr_encoded + message.payload))
    assert told["pointer"] == {"version": claims[cose.VERSION], "digest": digest, "kills": 1, "trust": 0}
    ours = head.verified()
    assert (ours["kills"]["flags"], ours["pointer"]["digest"]) == (told["kills"], digest)
    # With the snapshot behind it.
    head.path.write_bytes(data + snapshot)
    assert cose.head(data + snapshot, trust, time.time())["snapshot"] == snapshot
    assert head.verified()["snapshot"]["version"] == 7


def claims(version, issued, expires):
    return {1: "harbour", 3: "production", 4: expires, 6: issued, cose.VERSION: version}


def test_written_by_others(head, keys, trust):
    now = int(time.time())
    secrets = {role: cose.secret(pem) for role, pem in keys.items()}

    def kills(number=1, flags=("a", "b"), issued=now - HOUR, expires=now + HOUR, role="kill"):
        document = cose.document(cose.KILLS, {2: list(flags)}, claims(number, issued, expires))
        return cose.sign(document, secrets[role], role, cose.KILLS)

    def pointer(least=1, trusted=0, issued=now - HOUR, expires=now + HOUR, role="freshness"):
        said = {2: bytes(32), 3: least, 4: trusted}
        return cose.sign(
            cose.document(cose.POINTER, said, claims(7, issued, expires)), secrets[role], role, cose.POINTER
        )

    newer = cose.document("application/vnd.waft.newer", {2: "x"}, claims(1, now, now))
    cases = [
        (None, kills() + pointer()),
        (None, kills(flags=()) + pointer()),
        (None, kills() + newer + pointer()),
        (None, kills(number=2) + pointer()),
        ("HEAD_INCOMPLETE", kills()),
        ("HEAD_INCOMPLETE", pointer()),
        ("HEAD_INCOMPLETE", kills(number=1) + pointer(least=2)),
        ("MALFORMED", pointer() + kills()),
        ("MALFORMED", kills() + kills()),
        ("MALFORMED", kills(flags=("b", "a")) + pointer()),
        ("EXPIRED", kills(expires=now) + pointer()),
        ("EXPIRED", kills() + pointer(expires=now)),
        ("TOO_LARGE", kills() + pointer(issued=now - 47 * HOUR, expires=now + 2 * HOUR)),
        ("ROLE_MISSING", kills(role="freshness") + pointer()),
        ("ROLE_MISSING", kills() + pointer(role="kill")),
    ]
    for expected, data in cases:
        theirs = code(data, trust, now)
        head.path.write_bytes(data)
        ours = head.verified()
        if expected is None:
            assert ours["kills"]["flags"] == theirs["kills"]
            assert ours["pointer"]["version"] == theirs["pointer"]["version"] == 7
        else:
            assert (expected, expected) == (theirs, ours)


def test_every_bit_counts(head, trust):
    head.kill("checkout")
    head.refresh()
    data, now = head.path.read_bytes(), time.time()
    for bit in range(0, 8 * len(data), 5):
        flipped = data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]
        assert type(code(flipped, trust, now)) is str
