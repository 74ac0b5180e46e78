"""Ids as people have them, in five shapes. The same ids in each run."""

import random
import uuid

GIVEN = ["ada", "björn", "chloé", "dmitri", "erin", "fatima", "giorgos", "hana", "ines", "jürgen", "李"]
HOSTS = ["example.com", "mail.example.org", "post.example", "xn--bcher-kva.example"]


def integers(count):
    return [str(number) for number in range(count)]


def uuid_v4(count):
    chance = random.Random("uuid v4")
    return [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(count)]


def uuid_v7(count):
    """RFC 9562: 48 bits of milliseconds, here all within one hour; version, variant and 74 random bits."""
    chance = random.Random("uuid v7")
    start = 1_780_000_000_000
    times = [start + at * 3_600_000 // count for at in range(count)]
    fields = (7 << 76 | chance.getrandbits(12) << 64 | 2 << 62 | chance.getrandbits(62) for _ in times)
    return [str(uuid.UUID(int=time << 80 | rest)) for time, rest in zip(times, fields, strict=True)]


def emails(count):
    chance = random.Random("e-mails")
    return [f"{chance.choice(GIVEN)}.{at}+{chance.randrange(100)}@{chance.choice(HOSTS)}" for at in range(count)]


def common_prefix(count):
    return [f"harbour-goods/production/eu-central/visitor/{at:010}" for at in range(count)]


SHAPES = {shape.__name__: shape for shape in (integers, uuid_v4, uuid_v7, emails, common_prefix)}
