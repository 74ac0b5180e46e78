//! Constants of other files, read as text: those of src/limits.rs, and what TypeScript repeats of them.

/// What TypeScript repeats of them.
const REPEATED: &[&str] = &[
    "HEAD_BYTES",
    "LIST_BYTES",
    "MAX_JUMP",
    "MAX_STALE_SECONDS",
    "POINTER_SECONDS",
    "SNAPSHOT_BYTES",
    "TEXT_LENGTH",
    "TRUST_BYTES",
    "TRUST_DOCUMENTS",
    "TRUST_DOCUMENT_BYTES",
    "TRUST_KEYS",
    "TRUST_REQUIREMENTS",
    "UNIT_BYTES",
];

/// Names and values of a file's constants: numbers, products, sums and shifts of them, and of constants above.
pub(crate) fn constants(source: &str, start: &str) -> Vec<(String, u64)> {
    let mut known: Vec<(String, u64)> = Vec::new();
    for line in source.lines() {
        let Some((name, rest)) = line.trim().strip_prefix(start).and_then(|rest| rest.split_once([':', ' '])) else {
            continue;
        };
        let Some((_, value)) = rest.split_once('=') else { continue };
        let value = value.split("//").next().unwrap().trim().trim_end_matches(';');
        if let Some(value) = evaluate_expression(value, &known) {
            known.push((name.to_owned(), value));
        }
    }
    known
}

fn evaluate_expression(text: &str, known: &[(String, u64)]) -> Option<u64> {
    let text = text.trim();
    if let Some(inside) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'))
        && !inside.contains('(')
    {
        return evaluate_expression(inside, known);
    }
    for (operator, apply) in [
        (" - ", (|a, b| a - b) as fn(u64, u64) -> u64),
        (" + ", |a, b| a + b),
        (" << ", |a, b| a << b),
        (" * ", |a, b| a * b),
    ] {
        if let Some((left, right)) = text.rsplit_once(operator) {
            return Some(apply(evaluate_expression(left, known)?, evaluate_expression(right, known)?));
        }
    }
    let number = text.replace('_', "").parse().ok();
    number.or_else(|| known.iter().find(|(name, _)| name == text).map(|(_, value)| *value))
}

/// A page has no way to read them: the comment above each says of which one it is a copy.
#[test]
fn limits_that_typescript_repeats_are_the_same() {
    let limits = constants(include_str!("../../../../src/limits.rs"), "pub const ");
    let mut found = Vec::new();
    let source = include_str!("../../../../pkg/src/limits.ts");
    for (at, start) in source.match_indices("`waft::limits::") {
        let name = source[at + start.len()..].split('`').next().unwrap();
        let line = source[at..].lines().find(|line| line.contains("const ")).unwrap();
        let value = line.split_once('=').unwrap().1.trim().trim_end_matches(';');
        let ours = limits.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no limit {name}")).1;
        assert_eq!(evaluate_expression(value, &[]), Some(ours), "{name}: {line}");
        found.push(name.to_owned());
    }
    found.sort();
    assert_eq!(found, REPEATED);
}
