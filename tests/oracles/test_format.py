"""What the document lets vary and what it does not: envelopes made by hand, each judged by Waft and by both oracles."""

import cbor2
import cose
from conftest import Python, trust_of

# An empty directory, and bytes that it does not name.
BODY = bytes(4) + b"nobody reads this" * 4_000
CHUNKS = [BODY[at : at + 65_536] for at in range(0, len(BODY), 65_536)]
MANIFEST = {1: 1, 2: len(BODY), 3: 65_536, 4: b"".join(map(cose.digest_of, CHUNKS))}
CLAIMS = {1: "harbour", 3: "production", 4: 1_798_761_600, 6: 1_767_225_600, -65538: 7}
HEADER = {2: [15], 3: "application/vnd.waft.snapshot", 15: CLAIMS}
SIGNER = {1: -8, 2: [-65537], 4: b"", -65537: "publisher"}
ADOPTED = "adopted"
PEM = Python.keygen()
PRIVATE = cose.serialization.load_pem_private_key(PEM.encode(), None)
KID = cose.kid_of(PRIVATE.public_key().public_bytes_raw())


def encode(item):
    """Deterministic CBOR; bytes are taken as they are."""
    return item if type(item) is bytes else cbor2.dumps(item, canonical=True)


def sealed(header=HEADER, manifest=MANIFEST, signer=SIGNER, body=BODY, wrap=lambda message: cbor2.CBORTag(98, message)):
    """A snapshot whose one signature is right, whatever it is over."""
    if type(signer) is dict:
        signer = {**signer, **({4: KID} if signer.get(4) == b"" else {})}
    header, manifest, signer = encode(header), encode(manifest), encode(signer)
    signature = PRIVATE.sign(cbor2.dumps(["Signature", header, signer, b"", manifest]))
    return cbor2.dumps(wrap([header, {}, manifest, [[signer, {}, signature]]])) + body


def claims(**changes):
    """A header with other claims. `without` names one to leave out."""
    without = changes.pop("without", None)
    changed = CLAIMS | {int(name.replace("n", "-")[1:]): value for name, value in changes.items()}
    return HEADER | {15: {key: value for key, value in changed.items() if key != without}}


def without(map_, key):
    return {name: value for name, value in map_.items() if name != key}


def tagged(change):
    """Changes the four parts of the message before they are encoded."""
    return {"wrap": lambda message: cbor2.CBORTag(98, change(*message))}


CASES = {
    "as it should be": (ADOPTED, {}),
    # Keys that a reader does not know are passed over, unless `crit` names them.
    "an unknown key of the header": (ADOPTED, {"header": HEADER | {42: [1, {2: b"x"}]}}),
    "an unknown private key of the header": (ADOPTED, {"header": HEADER | {-70_000: None}}),
    "an unknown claim": (ADOPTED, {"header": claims(_7=b"id")}),
    "an unknown key of a signer": (ADOPTED, {"signer": SIGNER | {42: cbor2.CBORTag(4_711, "x")}}),
    "an unknown key of the manifest": (ADOPTED, {"manifest": MANIFEST | {99: True}}),
    "crit names an unknown key": ("MALFORMED", {"header": HEADER | {2: [15, 42], 42: 1}}),
    "a signer's crit names an unknown key": ("MALFORMED", {"signer": SIGNER | {2: [-65537, 42], 42: 1}}),
    "crit of nothing": ("MALFORMED", {"header": HEADER | {2: []}}),
    "crit names it twice": ("MALFORMED", {"header": HEADER | {2: [15, 15]}}),
    "no crit": (ADOPTED, {"header": without(HEADER, 2)}),
    "a signer's crit of nothing": ("MALFORMED", {"signer": SIGNER | {2: []}}),
    "a signer's crit names it twice": ("MALFORMED", {"signer": SIGNER | {2: [-65537, -65537]}}),
    # Claims.
    "no project": ("MALFORMED", {"header": claims(without=1)}),
    "no environment": ("MALFORMED", {"header": claims(without=3)}),
    "no exp": ("MALFORMED", {"header": claims(without=4)}),
    "no iat": ("MALFORMED", {"header": claims(without=6)}),
    "no version": ("MALFORMED", {"header": claims(without=-65538)}),
    "the highest version": (ADOPTED, {"header": claims(_n65538=2**53 - 1)}),
    "a version too high": ("MALFORMED", {"header": claims(_n65538=2**53)}),
    "a version below 0": ("MALFORMED", {"header": claims(_n65538=-1)}),
    "true for a version": ("MALFORMED", {"header": claims(_n65538=True)}),
    "exp as a float": ("MALFORMED", {"header": claims(_4=1_798_761_600.5)}),
    "exp in 64 bits": (ADOPTED, {"header": claims(_4=2**64 - 1)}),
    "project as bytes": ("MALFORMED", {"header": claims(_1=b"harbour")}),
    "iat to come": (ADOPTED, {"header": claims(_6=1_798_000_000)}),
    # Headers.
    "another content type": ("MALFORMED", {"header": HEADER | {3: "application/vnd.waft.other"}}),
    "no content type": ("MALFORMED", {"header": without(HEADER, 3)}),
    "no claims": ("MALFORMED", {"header": without(HEADER, 15)}),
    "header with a byte behind it": ("MALFORMED", {"header": encode(HEADER) + b"\0"}),
    "header's keys in another order": ("MALFORMED", {"header": cbor2.dumps({3: HEADER[3], 2: [15], 15: CLAIMS})}),
    "a key twice": ("MALFORMED", {"header": b"\xa4\x02\x81\x0f" + encode(HEADER)[1:]}),
    "no alg": ("MALFORMED", {"signer": without(SIGNER, 1)}),
    "ES256": ("MALFORMED", {"signer": SIGNER | {1: -7}}),
    "no kid": ("MALFORMED", {"signer": without(SIGNER, 4)}),
    "kid of 15 bytes": ("MALFORMED", {"signer": SIGNER | {4: KID[:15]}}),
    "no role": ("MALFORMED", {"signer": without(SIGNER, -65537)}),
    "role as bytes": ("MALFORMED", {"signer": SIGNER | {-65537: b"publisher"}}),
    "another role": ("ROLE_MISSING", {"signer": SIGNER | {-65537: "publishers"}}),
    # The manifest.
    "format 2": ("UNSUPPORTED_FORMAT", {"manifest": {1: 2}}),
    "a larger chunk": (ADOPTED, {"manifest": MANIFEST | {3: 131_072, 4: cose.digest_of(BODY)}}),
    "a smaller chunk": ("MALFORMED", {"manifest": MANIFEST | {3: 32_768}}),
    "a digest too few": ("MALFORMED", {"manifest": MANIFEST | {4: MANIFEST[4][:32]}}),
    "a digest too many": ("MALFORMED", {"manifest": MANIFEST | {4: MANIFEST[4] + bytes(32)}}),
    "another digest": ("DIGEST_MISMATCH", {"manifest": MANIFEST | {4: MANIFEST[4][:32] + bytes(32)}}),
    "another length": ("MALFORMED", {"manifest": MANIFEST | {2: len(BODY) - 1}}),
    "no body at all": (ADOPTED, {"manifest": MANIFEST | {2: 0, 4: b""}, "body": b""}),
    "a list": (ADOPTED, {"manifest": MANIFEST | {5: bytes(32)}}),
    "as many lists as there may be": (ADOPTED, {"manifest": MANIFEST | {5: bytes(32 * 64)}}),
    "a list more": ("TOO_LARGE", {"manifest": MANIFEST | {5: bytes(32 * 65)}}),
    "a list's digest cut short": ("MALFORMED", {"manifest": MANIFEST | {5: bytes(31)}}),
    "a list's digest and some of another": ("MALFORMED", {"manifest": MANIFEST | {5: bytes(48)}}),
    "a manifest with a byte behind it": ("MALFORMED", {"manifest": encode(MANIFEST) + b"\0"}),
    "a manifest that is no map": ("MALFORMED", {"manifest": encode([1])}),
    # The message.
    "no tag": ("MALFORMED", {"wrap": lambda message: message}),
    "COSE_Sign1's tag": ("MALFORMED", {"wrap": lambda message: cbor2.CBORTag(18, message)}),
    "a fifth part": ("MALFORMED", tagged(lambda *parts: [*parts, 1])),
    "an unprotected header": (
        "MALFORMED",
        tagged(lambda header, _, payload, signers: [header, {42: 1}, payload, signers]),
    ),
    "no payload": ("MALFORMED", tagged(lambda header, _, payload, signers: [header, {}, None, signers])),
    "no signature": ("UNSIGNED", tagged(lambda header, _, payload, signers: [header, {}, payload, []])),
    "a signer's unprotected header": (
        "MALFORMED",
        tagged(lambda header, _, payload, signers: [header, {}, payload, [[signers[0][0], {42: 1}, signers[0][2]]]]),
    ),
    "a signature of 63 bytes": (
        "MALFORMED",
        tagged(lambda header, _, payload, signers: [header, {}, payload, [[*signers[0][:2], signers[0][2][:63]]]]),
    ),
}


def verdict(answer):
    return answer if type(answer) is str else ADOPTED


def test_waft_and_the_oracles_judge_alike(waft, oracle):
    trust = trust_of(publisher=PEM)
    snapshots = {name: sealed(**parts) for name, (_, parts) in CASES.items()}
    expected = {name: code for name, (code, _) in CASES.items()}
    # `waft verify` also refuses what leaves a project no room to grow, as the highest version does; a page that has seen none does not.
    any_version = trust | {"maxJump": 2**53 - 1}
    assert waft.verify(snapshots["the highest version"], trust) == "VERSION_JUMP"
    assert {name: verdict(waft.verify(snapshot, any_version)) for name, snapshot in snapshots.items()} == expected
    answers = oracle.verify(list(snapshots.values()), trust)
    assert {name: verdict(answer) for name, answer in zip(snapshots, answers, strict=True)} == expected


def test_a_digest_seen_is_the_one_that_the_document_names(waft, oracle):
    """Seen before, it is no conflict; another of the same version is."""
    trust = trust_of(publisher=PEM)
    snapshot, other = sealed(), sealed(header=claims(_6=1_767_225_601))
    digests = [answer["digest"] for answer in oracle.verify([snapshot, other], trust)]
    assert waft.verify(snapshot, trust, seen=(7, digests[0]))["version"] == 7
    assert waft.verify(snapshot, trust, seen=(7, digests[1])) == "VERSION_CONFLICT"
    assert waft.verify(snapshot, trust, seen=(8, digests[1])) == "ROLLED_BACK"
    far = sealed(header=claims(_n65538=1_000_008))
    assert waft.verify(far, trust, seen=(7, digests[0])) == "VERSION_JUMP"
    # Nor is it far above the lowest version that the trust allows.
    assert waft.verify(far, trust | {"minVersion": 8}, seen=(8, digests[0]))["version"] == 1_000_008
