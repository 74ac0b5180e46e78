"""Points and assignments after section 5 of docs/snapshot-format.md, with libsodium's SipHash-2-4."""

import hashlib
from dataclasses import dataclass

import numpy
from nacl.bindings import crypto_shorthash_siphash24 as siphash


def key_of(purpose, salt):
    s = purpose.encode() + b"\0" + salt.encode()
    return siphash(s, b"waft/bucket/key0") + siphash(s, b"waft/bucket/key1")


def points(purpose, salt, units):
    """The point of each unit, as an array. libsodium answers a hash in little endian."""
    key = key_of(purpose, salt)
    return numpy.frombuffer(b"".join([siphash(unit, key) for unit in units]), "<u8") >> 32


def bound(millionths):
    return (millionths << 32) // 1_000_000


@dataclass(frozen=True)
class Experiment:
    """One phase of an experiment, as ruleset.yaml writes it; shares are in millionths."""

    key: str
    phase: int
    layer: str
    ranges: tuple
    coverage: int
    split: dict
    project: str = "harbour"
    written_salt: str = ""
    written_layer_salt: str = ""

    @property
    def salt(self):
        return self.written_salt or f"{self.project}/{self.key}"

    @property
    def layer_salt(self):
        return self.written_layer_salt or f"{self.project}/{self.layer}"

    def assign(self, units):
        """Per unit: points of layer, coverage and split, whether the first two are in, and the variant or ''."""
        layer = points("layer", self.layer_salt, units).tolist()
        coverage = points("coverage", self.salt, units).tolist()
        split = points("split", f"{self.salt}/{self.phase}", units).tolist()
        arms, total = [], 0
        for variant in sorted(self.split, key=str.encode):
            total += self.split[variant]
            arms.append((bound(total), variant))
        rows = []
        for points_of_unit in zip(layer, coverage, split, strict=True):
            of_layer, of_coverage, of_split = points_of_unit
            in_layer = not self.layer or any(bound(low) <= of_layer < bound(high) for low, high in self.ranges)
            in_coverage = of_coverage < bound(self.coverage)
            taken = in_layer and in_coverage
            variant = next(variant for below, variant in arms if of_split < below) if taken else ""
            rows.append((*points_of_unit, in_layer, in_coverage, variant))
        return rows

    def exposure(self, environment, kind, unit, variant):
        """Section 6: the id of an exposure."""
        parts = ["waft-exposure-1", self.project, environment, self.key, str(self.phase), kind, unit, variant, ""]
        data = b"".join(len(part.encode()).to_bytes(4, "little") + part.encode() for part in parts)
        return hashlib.sha512(data).digest()[:16].hex()
