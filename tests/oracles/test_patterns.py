"""Patterns beside RE2: what `waft lint` takes, RE2 takes, too, and both match the same texts. What RE2 takes and Waft does not is one
of the forms that docs/ruleset.md, section 6, names, or too large."""

import json
import random

import re2
from conftest import ISSUED, trust_of

SEED = 20_261_128
# Parts that are put together at random. Each is there for a form of RE2's syntax, or for one that others have and RE2 has not.
ATOMS = [
    *"abkKé0_- \n.^$|(){}[]*+?,",
    *(rf"\{letter}" for letter in 'dDwWsSbBAzntrfvaCZhGXQE0178xpP.<>_-"{}[]\\ é'),
    *("(?i)", "(?s)", "(?m)", "(?U)", "(?i-s:", "(?:", "(?P<n>", "(?<m>", "(?x)", "(?R)", "(?u)", "(?=", "(?!", "(?<=", "(?P=n)", "(?#"),
    *("{2}", "{,3}", "{1,}", "{0,2}", "{ 2}", "{02}", "{2,1}", "{,}", "{1", "{a}"),
    *("[ab]", "[^a]", "[a-c]", "[]a]", "[^]]", "[a-]", "[-a]", "[a-c-e]", r"[\d-]", r"[a-\d]", r"[\]]", "[[a]]", "[a&&b]", "[a--b]"),
    *("[a~~b]", "[&]", "[^^]", "[[:alpha:]]", "[[:^space:]b]", "[[:foo:]]", "[[:word:]-]", r"[\W_]", r"[^\S ]", r"[\pN]", r"[\Qa\E]"),
    *(r"\Qa.b\E", r"\Q[\E", r"\Q\E", r"\101", r"\x41", r"\x{1F600}", r"\x{e9}", r"\x4", r"\u0041", r"\b{start}", r"[\b]"),
    *(r"\p{Greek}", r"\P{Greek}", r"\p{^Lu}", r"\PN", r"\pZ", r"\p{greek}", r"\p{Letter}", r"\p{Any}", r"\pC", r"\p{Cyrillic}"),
]
TEXTS = [
    *("", *"abkKé0_- \n\r\t\v\f\0.,()[]{}*+?^$|&~\\sSQ", "\u00a0", "\u0130", "\u017f", "\u0345", "\u03b1", "\u0391", "\u0431", "\u212a"),
    *("\u2028", "\u3042", "\U0001f600", "aa", "ab", "ba", "bb", "aab", "abc", "a.b", "a-b", "a\nb", "a\r\nb", "\na", "b\n", "AB", "Ké"),
    *("a{,3}", "a{2}", "{", "a{1", "x y", "a b", "1a", "a1", "-a-", "[a]", "[[a]]", "a&b", "\\d", "0 0", "kK\u212a", "éÉ", "a\0b", "_a_"),
    *("aaaa", "abababab", "a" * 20, "b\u00e9\u03b1", "\u03b1\u0391", "\U0001f600a", "\u200da", "\u00ad", "\ue000"),
]
# What is refused because it is read one way here and another there, or cannot be: in the words of the finding.
REFUSED = ("read one way here and another there", r"`\C` is no escape", "no text has the character")


def corpus():
    chance = random.Random(SEED)
    patterns = set(ATOMS)
    patterns.update(before + atom + behind for atom in ATOMS for before, behind in (("^", "$"), ("(?i)", ""), ("a", "*"), ("(", ")+"), ("(?i)^", "$"), ("[", "]")))
    while len(patterns) < 6_000:
        patterns.add("".join(chance.choices(ATOMS, k=chance.randint(2, 6))))
    return sorted(patterns)


def ruleset(patterns):
    """A flag for each pattern, one a line, so that a finding's line is a pattern's place."""
    flags = [
        f'"p{index}":{{"type":"boolean","whenOff":"off","default":"off","rules":[{{"id":"r","if":{{"text":{{"matches":{json.dumps(pattern)}}}}},'
        f'"serve":"on"}}]}}'
        for index, pattern in patterns
    ]
    head = '{"project":"harbour","environments":{"production":{}},"attributes":{"text":"string"},"flags":{\n'
    return head + ",\n".join(flags) + "\n}}\n"


def refusals(waft, patterns):
    """The findings by the patterns' places."""
    path = waft.file(ruleset(enumerate(patterns)), ".json")
    found = json.loads(waft.run("lint", path, "--format", "json").stdout)
    return {finding["line"] - 2: finding for finding in found if finding["severity"] == "error"}


def theirs(pattern):
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None


def test_patterns_are_re2s(waft):
    patterns = corpus()
    refused = refusals(waft, patterns)
    assert {finding["code"] for finding in refused.values()} == {"INVALID_REGEX", "REGEX_TOO_LARGE"}
    compiled = [theirs(pattern) for pattern in patterns]
    for index, (pattern, of_re2) in enumerate(zip(patterns, compiled, strict=True)):
        finding = refused.get(index)
        if finding is None:
            assert of_re2 is not None, f"{pattern!r} is none of RE2's"
        elif finding["code"] == "INVALID_REGEX" and of_re2 is not None:
            assert any(words in finding["message"] for words in REFUSED), f"{pattern!r}: {finding['message']}"

    taken = [index for index in range(len(patterns)) if index not in refused]
    assert len(taken) > 1_500
    publisher = waft.keygen()
    text = ruleset((index, patterns[index]) for index in taken)
    snapshot = waft.file(waft.sign(waft.build(ruleset=waft.file(text, ".json")), publisher, "publisher"))
    trust = waft.file(json.dumps(trust_of(publisher=publisher)))
    for text in TEXTS:
        asked = ["--trust", trust, "--now", ISSUED, "--context", json.dumps({"text": text})]
        decided = json.loads(waft.must("eval", snapshot, *asked))
        for index in taken:
            expected = compiled[index].search(text) is not None
            assert decided[f"p{index}"]["value"] is expected, f"{patterns[index]!r} in {text!r}"
