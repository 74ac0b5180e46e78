"""What the tests share: the `waft` program, the package, and two implementations of COSE by others."""

import functools
import json
import subprocess
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path

import cose
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PROGRAM = ROOT / "target/release/waft"
# In the last phase of each experiment of ruleset.yaml.
NOW = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())
ISSUED, EXPIRES = "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"


@functools.cache
def node(script):
    """One of our scripts: a line of JSON in, a line out. It ends with its input, when we end."""
    return subprocess.Popen(["node", HERE / script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask_node(script, **request):
    """Puts a request to a script; bytes are base64."""
    process = node(script)
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline() or '{"error": "it has ended"}')
    assert "error" not in answer, f"{script}: {answer}"
    return answer["answer"]


def text_of(data):
    return b64encode(data).decode()


class Waft:
    """The program under test, in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.files = 0

    def run(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, cwd=self.folder, check=False)

    def must(self, *arguments):
        answer = self.run(*arguments)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def file(self, content, suffix=""):
        self.files += 1
        path = self.folder / f"file-{self.files}{suffix}"
        path.write_bytes(content.encode() if type(content) is str else content)
        return path

    def build(self, *options, ruleset=HERE / "ruleset.yaml", environment="production", version=1):
        """A snapshot that nobody signed."""
        out = self.file(b"")
        dates = ["--issued", ISSUED, "--expires", EXPIRES, *options]
        self.must("build", ruleset, "--environment", environment, "--version", str(version), *dates, "--out", out)
        return out.read_bytes()

    def keygen(self):
        path = self.file(b"")
        path.unlink()
        self.must("keygen", "--out", path)
        return path.read_text()

    def sign(self, snapshot, pem, role):
        path = self.file(snapshot)
        self.must("sign", path, "--key", self.file(pem), "--role", role)
        return path.read_bytes()

    def verify(self, snapshot, trust, now=NOW, seen=None):
        """What `waft verify` prints, or the code of its refusal. `seen` is a version and its digest."""
        moment = datetime.fromtimestamp(now, UTC).isoformat()
        known = ["--seen-version", str(seen[0]), f"--seen-digest={seen[1]}"] if seen else []
        answer = self.run(
            "verify", self.file(snapshot), "--trust", self.file(json.dumps(trust)), "--now", moment, *known
        )
        assert answer.returncode in (0, 1), answer.stderr
        said = json.loads(answer.stdout)
        return said if answer.returncode == 0 else said["code"]


class Python:
    """pycose."""

    keygen = staticmethod(cose.keygen)

    @staticmethod
    def verify(snapshots, trust, now=NOW):
        def one(snapshot):
            try:
                return cose.verify(snapshot, trust, now)
            except cose.Refused as refused:
                return str(refused)

        return [one(snapshot) for snapshot in snapshots]

    @staticmethod
    def sign(snapshot, pem, role):
        return cose.sign(snapshot, cose.secret(pem), role)


class Node:
    """@auth0/cose."""

    @staticmethod
    def keygen():
        return ask_node("cose.mjs", do="keygen")

    @staticmethod
    def verify(snapshots, trust, now=NOW):
        return ask_node("cose.mjs", do="verify", snapshots=[text_of(one) for one in snapshots], trust=trust, now=now)

    @staticmethod
    def sign(snapshot, pem, role):
        return b64decode(ask_node("cose.mjs", do="sign", snapshot=text_of(snapshot), pem=pem, role=role))


@pytest.fixture(params=[Python, Node], ids=["pycose", "auth0-cose"])
def oracle(request):
    return request.param


@pytest.fixture(scope="session")
def waft(tmp_path_factory):
    assert PROGRAM.exists(), f"there is no {PROGRAM}: cargo build --release --bin waft"
    return Waft(tmp_path_factory.mktemp("waft"))


def key(pem):
    """A key's id and public half as TRUST.json has them."""
    public = cose.secret(pem).x
    return cose.encode(cose.kid_of(public)), cose.encode(public)


def trust_of(project="harbour", environment="production", **roles):
    """A trust that requires one signature by each role's key: publisher=PEM."""
    keys = {role: key(pem) for role, pem in roles.items()}
    return {
        "project": project,
        "environment": environment,
        "keys": dict(keys.values()),
        "require": [{"role": role, "keys": [kid], "atLeast": 1} for role, (kid, _) in keys.items()],
    }
