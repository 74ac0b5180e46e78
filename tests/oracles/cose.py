"""A verifier and a signer of snapshots in Python, written from docs/snapshot-format.md alone. Nothing of Waft is used here.

pycose takes the COSE_Sign message apart, checks its signatures and makes new ones; cbor2 reads the rest. Neither minds in
which of several encodings CBOR comes, so what may come in only one is encoded anew and compared.
"""

import hashlib
import io
from base64 import urlsafe_b64decode, urlsafe_b64encode

import cbor2
from cryptography.hazmat.primitives import serialization
from pycose import headers
from pycose.algorithms import EdDSA
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import CoseMessage, SignMessage
from pycose.messages.signer import CoseSignature

CLAIMS, ROLE, VERSION = 15, -65537, -65538
SNAPSHOT, PREVIEW = "application/vnd.waft.snapshot", "application/vnd.waft.preview"
POINTER, KILLS, TRUST = "application/vnd.waft.pointer", "application/vnd.waft.kills", "application/vnd.waft.trust"
# What is no snapshot has a role of its own, whose signatures snapshots do not need.
ROLES = {PREVIEW: "preview", POINTER: "freshness", KILLS: "kill", TRUST: "root"}
# The lengths that a chunk may have.
DOUBLED = [65_536 << times for times in range(48)]


class Refused(Exception):
    """The message is the code."""


def must(holds, code="MALFORMED"):
    if not holds:
        raise Refused(code)


def digest_of(data):
    return hashlib.sha512(data).digest()[:32]


def kid_of(public):
    return hashlib.sha256(public).digest()[:16]


def is_unsigned(value):
    return type(value) is int and value >= 0


def in_order(one, other):
    """Strictly ascending."""
    return one < other


def the_map(data):
    """A map in the one encoding that is allowed."""
    try:
        decoded = cbor2.loads(data)
        encoded = cbor2.dumps(decoded, canonical=True)
    except Exception as error:
        raise Refused("MALFORMED") from error
    must(encoded == data and type(decoded) is dict)
    return decoded


def split(data):
    """The envelope, which is the first CBOR item, and the body."""
    try:
        stream = io.BytesIO(data)
        item = cbor2.CBORDecoder(stream, read_size=1).decode()
        envelope = cbor2.dumps(item, canonical=True)
    except Exception as error:
        raise Refused("MALFORMED") from error
    end = stream.tell()
    must(envelope == data[:end])
    # pycose takes what it needs, however much there is.
    must(type(item) is cbor2.CBORTag and type(item.value) is list and len(item.value) == 4)
    must(type(item.value[3]) is list and all(type(one) is list and len(one) == 3 for one in item.value[3]))
    return data[:end], data[end:]


def read(data, content_type=SNAPSHOT):
    """Section 1: the message, its claims, and the body."""
    must(len(data) <= 67_108_864, "TOO_LARGE")
    envelope, body = split(data)
    try:
        message = CoseMessage.decode(envelope)
    except Exception as error:
        raise Refused("MALFORMED") from error
    must(isinstance(message, SignMessage) and type(message.payload) is bytes and not message.uhdr)
    must(len(message.payload) <= 3_584, "TOO_LARGE")
    must(len(message.signers) <= 16, "TOO_LARGE")

    header = the_map(message.phdr_encoded)
    must(message.get_attr(headers.ContentType) == content_type)
    must(understood(message, CLAIMS) and type(header.get(CLAIMS)) is dict)
    claims = header[CLAIMS]
    must(type(claims.get(1)) is str and type(claims.get(3)) is str)
    must(all(is_unsigned(claims.get(key)) for key in (4, 6, VERSION)) and claims[VERSION] < 2**53)
    must(5 not in claims or is_unsigned(claims[5]))

    for signer in message.signers:
        header = the_map(signer.phdr_encoded)
        must(signer.get_attr(headers.Algorithm) is EdDSA and understood(signer, ROLE) and not signer.uhdr)
        kid = signer.get_attr(headers.KID)
        must(type(kid) is bytes and len(kid) == 16 and type(header.get(ROLE)) is str)
        must(type(signer.signature) is bytes and len(signer.signature) == 64)
    kids = [signer.get_attr(headers.KID) for signer in message.signers]
    must(all(map(in_order, kids, kids[1:])))
    return message, claims, body


def understood(message, known):
    """Whether `crit`, where it is, names what we know and nothing else."""
    crit = message.get_attr(headers.Critical)
    return crit is None or crit == [known]


def required(trust, content_type):
    """The requirements of a trust that apply to a kind."""
    own = ROLES.get(content_type)
    return [one for one in trust["require"] if (one["role"] == own if own else one["role"] not in ROLES.values())]


def signed(data, trust, now, content_type):
    """Section 3 up to step 4, without the version: the message, its claims, and the body."""
    message, claims, body = read(data, content_type)
    keys = {decode(kid): decode(public) for kid, public in trust["keys"].items()}
    listed = {decode(kid) for requirement in trust["require"] for kid in requirement["keys"]}
    kids = {signer.get_attr(headers.KID) for signer in message.signers}
    must(kids, "UNSIGNED")
    must(kids & listed, "UNKNOWN_KEY")
    must(required(trust, content_type), "ROLE_MISSING")
    for requirement in required(trust, content_type):
        able = {decode(kid) for kid in requirement["keys"]}
        valid = 0
        for signer in message.signers:
            kid = signer.get_attr(headers.KID)
            if kid in able and the_map(signer.phdr_encoded)[ROLE] == requirement["role"]:
                signer.key = OKPKey(crv=Ed25519, x=keys[kid])
                must(signer.verify_signature(), "BAD_SIGNATURE")
                valid += 1
        must(valid >= requirement.get("atLeast", 1), "ROLE_MISSING")
    must(claims[1] == trust["project"], "WRONG_PROJECT")
    must(claims[3] == trust["environment"], "WRONG_ENVIRONMENT")
    must(content_type != SNAPSHOT or claims[VERSION] >= trust.get("minVersion", 0), "ROLLED_BACK")
    must(claims.get(5, 0) <= now, "NOT_YET_VALID")
    must(now < claims[4], "EXPIRED")
    return message, claims, body


def verify(data, trust, now, content_type=SNAPSHOT):
    """Section 3, or 9 for a preview token; `seen` is left to others. Answers what the snapshot says."""
    message, claims, body = signed(data, trust, now, content_type)
    if content_type == PREVIEW:
        must(claims[4] - min(claims[6], now + 86_400) <= 2_592_000, "TOO_LARGE")

    manifest = the_map(message.payload)
    must(manifest.get(1) == 1, "UNSUPPORTED_FORMAT")
    length, chunk, digests = (manifest.get(key) for key in (2, 3, 4))
    must(is_unsigned(length) and chunk in DOUBLED and type(digests) is bytes)
    must(len(body) == length and len(digests) == 32 * -(-length // chunk))
    chunks = [body[at : at + chunk] for at in range(0, length, chunk)]
    must(type(manifest.get(5, b"")) is bytes and len(manifest.get(5, b"")) % 32 == 0)
    must(len(manifest.get(5, b"")) <= 32 * 64, "TOO_LARGE")
    must(b"".join(map(digest_of, chunks)) == digests, "DIGEST_MISMATCH")
    return {
        "project": claims[1],
        "environment": claims[3],
        "version": claims[VERSION],
        "digest": encode(digest_of(message.phdr_encoded + message.payload)),
        "chunks": len(chunks),
    }


def ascends(values):
    return all(map(in_order, values, values[1:]))


def trust_of(claims, payload):
    """Section 15: a trust document's payload as TRUST.json."""
    told = the_map(payload)
    must(told.get(1) == 1, "UNSUPPORTED_FORMAT")
    numbers = [told.get(2, 0), told.get(3, 0), told.get(4, 1_000_000)]
    must(all(is_unsigned(number) and number < 2**53 for number in numbers) and type(told.get(5, [])) is list)
    trust = {"project": claims[1], "environment": claims[3], "number": claims[VERSION], "keys": {}, "require": []}
    trust |= dict(zip(("epoch", "minVersion", "maxJump"), numbers, strict=True))
    for one in told.get(5, []):
        must(type(one) is dict and type(one.get(1)) is str and is_unsigned(one.get(2)) and type(one.get(3)) is list)
        must(all(type(key) is dict and len(key.get(1, "")) == 16 and len(key.get(2, "")) == 32 for key in one[3]))
        kids = [key[1] for key in one[3]]
        must(ascends(kids))
        must(0 < one[2] <= len(kids), "INVALID_TRUST")
        must(all(encode(kid) not in trust["keys"] for kid in kids), "INVALID_TRUST")
        trust["keys"] |= {encode(key[1]): encode(key[2]) for key in one[3]}
        trust["require"].append({"role": one[1], "keys": list(map(encode, kids)), "atLeast": one[2]})
    must(ascends([one["role"].encode() for one in trust["require"]]))
    must(required(trust, SNAPSHOT) and required(trust, TRUST), "INVALID_TRUST")
    return trust


def advance(data, trust, payload, now):
    """Section 15: the trust that a document leads to, after one whose payload is given, and its own payload."""
    must(len(data) <= 8_192, "TOO_LARGE")
    message, claims, body = signed(data, trust, now, TRUST)
    must(body == b"")
    must(claims[VERSION] != trust["number"] or message.payload == payload, "VERSION_CONFLICT")
    must(claims[VERSION] > trust["number"], "ROLLED_BACK")
    must(claims[VERSION] == trust["number"] + 1, "VERSION_JUMP")
    told = trust_of(claims, message.payload)
    signed(data, told, now, TRUST)
    same = told["epoch"] == trust["epoch"]
    must(told["epoch"] >= trust["epoch"] and not (same and told["minVersion"] < trust["minVersion"]), "ROLLED_BACK")
    must(told["epoch"] <= trust["epoch"] + 1, "VERSION_JUMP")
    return told, message.payload


def documents(data):
    """Section 11: the documents of a head by content type, and the snapshot behind them, if there is one."""
    found, at, last = {}, 0, ""
    while at < len(data):
        must(at <= 16_384, "TOO_LARGE")
        envelope, _ = split(data[at:])
        header = the_map(cbor2.loads(envelope).value[0])
        content_type = header.get(3)
        if content_type == SNAPSHOT:
            return found, data[at:]
        must(type(content_type) is str and content_type.encode() > last.encode())
        found[content_type], last, at = envelope, content_type, at + len(envelope)
    must(len(data) <= 16_384, "TOO_LARGE")
    return found, None


def payload(data, trust, now, content_type):
    """Sections 11 to 13: what a document says. Of one that was adopted before, `now` is 0."""
    message, claims, body = signed(data, trust, now, content_type)
    must(not body)
    said = the_map(message.payload)
    must(said.get(1) == 1, "UNSUPPORTED_FORMAT")
    return said, claims, digest_of(message.phdr_encoded + message.payload)


def head(data, trust, now):
    """What a page that knows of nothing takes of a head: its kill list, and its pointer or why there is none."""
    found, snapshot = documents(data)
    taken = {"kills": None, "number": 0, "pointer": None}
    if KILLS in found:
        said, claims, _ = payload(found[KILLS], trust, now, KILLS)
        keys = said.get(2)
        must(type(keys) is list and all(type(key) is str for key in keys))
        keys_encoded = ["".encode(), *(key.encode() for key in keys)]
        must(all(map(in_order, keys_encoded, keys_encoded[1:])))
        must(claims[VERSION] <= trust.get("maxJump", 1_000_000), "VERSION_JUMP")
        taken |= {"kills": keys, "number": claims[VERSION]}
    must(POINTER in found, "HEAD_INCOMPLETE")
    said, claims, _ = payload(found[POINTER], trust, now, POINTER)
    digest, kills, number = (said.get(key) for key in (2, 3, 4))
    must(type(digest) is bytes and len(digest) == 32 and is_unsigned(kills) and is_unsigned(number))
    must(claims[4] - claims[6] <= 172_800, "TOO_LARGE")
    must(claims[VERSION] >= trust.get("minVersion", 0), "ROLLED_BACK")
    must(max(kills, number) <= trust.get("maxJump", 1_000_000), "VERSION_JUMP")
    must(taken["number"] >= kills, "HEAD_INCOMPLETE")
    live = {"version": claims[VERSION], "digest": encode(digest), "kills": kills, "trust": number}
    return taken | {"pointer": live, "snapshot": snapshot}


def document(content_type, said, claims):
    """A document that nobody has signed."""
    header = {2: [15], 3: content_type, 15: claims}
    encoded = [cbor2.dumps(header, canonical=True), {}, cbor2.dumps({1: 1, **said}, canonical=True), []]
    return cbor2.dumps(cbor2.CBORTag(98, encoded))


def sign(data, secret, role, content_type=SNAPSHOT):
    """The snapshot with one more signature, in its place by kid. `secret` is an OKPKey."""
    message, _, body = read(data, content_type)
    signer = CoseSignature(
        phdr={headers.Algorithm: EdDSA, headers.Critical: [ROLE], headers.KID: kid_of(secret.x), ROLE: role}
    )
    signer.key = secret
    old = message.signers
    message.signers = [signer]
    made = cbor2.loads(message.encode()).value[3]
    signatures = [[one.phdr_encoded, {}, one.signature] for one in old] + made
    signatures.sort(key=lambda one: cbor2.loads(one[0])[4])
    return assemble(message, signatures) + body


def assemble(message, signatures):
    """An envelope of a message's header and payload, and of these signatures."""
    return cbor2.dumps(cbor2.CBORTag(98, [message.phdr_encoded, {}, message.payload, signatures]))


def keygen():
    """A new secret key in PEM."""
    key = OKPKey.generate_key(crv="ED25519")
    private = serialization.load_der_private_key(bytes.fromhex("302e020100300506032b657004220420") + key.d, None)
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def secret(pem):
    """An OKPKey of a PEM file. Behind the secret half, `waft keygen` writes the public one."""
    private = serialization.load_pem_private_key(pem.encode(), None)
    return OKPKey(crv=Ed25519, x=private.public_key().public_bytes_raw(), d=private.private_bytes_raw())


def encode(data):
    """base64url without padding, as TRUST.json has it."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    """What `encode` encoded."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
