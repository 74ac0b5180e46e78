"""The snapshot that a page's engine is run in with, pkg/src/client/sample.ts: made here, and verified by pycose."""

import hashlib
import re
from datetime import UTC, datetime

import cbor2
import cose
from conftest import HERE, NOW, ROOT, text_of

SOURCE = ROOT / "pkg/src/client/sample.ts"
# The base point, whose secret scalar is 1; the neutral element as commitment; the order of both.
KEY = bytes([0x58] + [0x66] * 31)
COMMITMENT = bytes([1] + [0] * 31)
ORDER = 2**252 + 27742317777372353535851937790883648493
KID = bytes(16)
EXPIRES = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())


def sample(waft):
    """Of no project, version 0. Its signature is what takes the least room: S B - k B is the neutral element where S is k."""
    message, _, body = cose.read(waft.build(ruleset=HERE / "sample.yaml", environment="a"))
    claims = {1: "", 3: "", 4: EXPIRES, 6: 0, cose.VERSION: 0}
    header = cbor2.dumps({3: cose.SNAPSHOT, cose.CLAIMS: claims})
    signer = cbor2.dumps({1: -8, 4: KID, cose.ROLE: ""})
    signed = cbor2.dumps(["Signature", header, signer, b"", message.payload])
    challenge = int.from_bytes(hashlib.sha512(COMMITMENT + KEY + signed).digest(), "little") % ORDER
    signature = COMMITMENT + challenge.to_bytes(32, "little")
    signatures = [[signer, {}, signature]]
    return cbor2.dumps(cbor2.CBORTag(98, [header, {}, message.payload, signatures])) + body


def test_the_sample_is_what_is_made_here(waft):
    source = SOURCE.read_text()
    held = "".join(re.findall(r"'([\w+/]*)'", source[: source.index("KID")]))
    made = text_of(sample(waft)).rstrip("=")
    assert held == made, f"write this into {SOURCE.relative_to(ROOT)}:\n{made}"


def test_its_trust_takes_it(waft):
    source = SOURCE.read_text()
    kid, key = (cose.encode(one) for one in (KID, KEY))
    assert f"'{kid}'" in source and f"'{key}'" in source
    trust = {"project": "", "environment": "", "keys": {kid: key}, "require": [{"role": "", "keys": [kid]}]}
    assert cose.verify(sample(waft), trust, NOW)["version"] == 0
