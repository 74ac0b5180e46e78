//! Conditions as they are written, part by part: of a ruleset that is checked, or of a text that is in none.

use crate::finding::{Code, Finding, Findings, Place};
use crate::language::condition;
use crate::language::names::Names;
use crate::source::{self, Entry, Kind, Node, SourceFile};
use crate::types::{Condition, Ruleset};

/// The name of the text, as findings show it.
const NAME: &str = "condition";

/// A condition in the parts in which it is written.
#[derive(Clone, Debug)]
pub enum Written {
    /// `all`; entries of a map side by side, with the operators of an attribute, and flags, each by itself.
    All(Vec<Written>),
    /// `any`.
    Any(Vec<Written>),
    /// `not`.
    Not(Box<Written>),
    /// One test, segment, list, share or flag, whatever it is made of.
    Leaf(Condition),
}

/// By what a condition comes to, where its text is not there: `isNot` is `not` of a test then.
impl From<&Condition> for Written {
    fn from(condition: &Condition) -> Self {
        match condition {
            Condition::All(parts) => Written::All(parts.iter().map(Written::from).collect()),
            Condition::Any(parts) => Written::Any(parts.iter().map(Written::from).collect()),
            Condition::Not(part) => Written::Not(Box::new(Written::from(&**part))),
            Condition::Segment(_)
            | Condition::Flag(_)
            | Condition::Share(_)
            | Condition::List(_)
            | Condition::Test(_) => Written::Leaf(condition.clone()),
        }
    }
}

impl Written {
    /// Calls a visitor for all that is made of no other part.
    pub fn leaves<'w>(&'w self, visit: &mut dyn FnMut(&'w Condition)) {
        match self {
            Written::All(parts) | Written::Any(parts) => parts.iter().for_each(|part| part.leaves(visit)),
            Written::Not(part) => part.leaves(visit),
            Written::Leaf(condition) => visit(condition),
        }
    }

    /// Parts side by side; one part stands for itself.
    fn all_of(mut parts: Vec<Written>) -> Written {
        match (parts.len(), parts.pop()) {
            (1, Some(part)) => part,
            (_, last) => Written::All(parts.into_iter().chain(last).collect()),
        }
    }
}

/// Reads a condition's text: YAML, which may name whatever the ruleset declares. Returns it, or everything that is wrong.
///
/// `{ country: { in: [DE, AT] }, segment: members }`
pub fn condition(text: &str, ruleset: &Ruleset) -> Result<Written, Vec<Finding>> {
    let mut findings = Findings::new(vec![NAME.to_owned()]);
    let file = SourceFile { name: NAME.to_owned(), bytes: text.as_bytes().to_vec() };
    let node = source::read(0, &file, &mut findings);
    let written = node.and_then(|node| read(&node, ruleset, &mut findings));
    if written.is_none() && !findings.has_errors() {
        let remedy = "say what it asks, such as { country: { is: DE } }";
        findings.add(Place { file: 0, line: 1, column: 1 }, Code::EmptyCondition, "an empty condition", remedy);
    }
    written.filter(|_| !findings.has_errors()).ok_or_else(|| findings.into_sorted())
}

/// Reads a condition of a ruleset that is checked. None if it is no condition of it.
pub fn written(node: &Node, ruleset: &Ruleset) -> Option<Written> {
    let mut findings = Findings::default();
    read(node, ruleset, &mut findings).filter(|_| !findings.has_errors())
}

fn read(node: &Node, ruleset: &Ruleset, findings: &mut Findings) -> Option<Written> {
    let segments: Vec<String> = ruleset.segments.iter().map(|segment| segment.name.clone()).collect();
    let flags: Vec<String> = ruleset.flags.iter().map(|flag| flag.name.clone()).collect();
    let names = Names {
        attributes: &ruleset.attributes,
        segments: &segments,
        lists: &ruleset.lists,
        units: &ruleset.units,
        flags: &flags,
    };
    // Whole first: how deep it nests, and what is no condition at all.
    let whole = condition::read(node, &names, findings)?;
    lint_variants(&whole, ruleset, findings);
    in_parts(node, &names, findings)
}

/// Parts of a map are on one level: one for each operator of an attribute, and for each flag.
fn in_parts(node: &Node, names: &Names<'_>, findings: &mut Findings) -> Option<Written> {
    let mut parts = Vec::new();
    for entry in node.entries()? {
        parts.extend(of_entry(entry, names, findings)?);
    }
    Some(Written::all_of(parts))
}

fn of_entry(entry: &Entry, names: &Names<'_>, findings: &mut Findings) -> Option<Vec<Written>> {
    let mut each =
        |items: &[Node]| items.iter().map(|item| in_parts(item, names, findings)).collect::<Option<Vec<_>>>();
    match (entry.key.as_str(), &entry.value.kind) {
        ("all", Kind::List(items)) => each(items).map(|parts| vec![Written::All(parts)]),
        ("any", Kind::List(items)) => each(items).map(|parts| vec![Written::Any(parts)]),
        ("not", _) => Some(vec![Written::Not(Box::new(in_parts(&entry.value, names, findings)?))]),
        // The fields of a share are one.
        (key, Kind::Map(several)) if key != "share" => {
            let alone = several.iter().map(|one| Node { kind: Kind::Map(vec![one.clone()]), ..entry.value.clone() });
            alone.map(|value| leaf(&Entry { value, ..entry.clone() }, names, findings)).collect()
        }
        _ => leaf(entry, names, findings).map(|leaf| vec![leaf]),
    }
}

fn leaf(entry: &Entry, names: &Names<'_>, findings: &mut Findings) -> Option<Written> {
    let alone = Node { place: entry.place, kind: Kind::Map(vec![entry.clone()]) };
    condition::read(&alone, names, findings).map(Written::Leaf)
}

/// Flags that it asks for have the variants that it names.
fn lint_variants(condition: &Condition, ruleset: &Ruleset, findings: &mut Findings) {
    condition.walk(&mut |part| {
        let Condition::Flag(named) = part else { return };
        let flags = ruleset.flags.iter().filter(|flag| flag.name == named.name);
        let bodies = || flags.clone().flat_map(|flag| flag.item.bodies());
        for variant in &named.item {
            if !bodies().any(|body| body.variants.iter().any(|(key, _)| key == variant)) {
                let known = bodies().flat_map(|body| &body.variants).map(|(key, _)| key.as_str());
                let remedy = crate::suggestion(variant, known);
                let message = format!("the flag `{}` has no variant `{variant}`", named.name);
                findings.add(named.place, Code::UnknownVariant, message, remedy);
            }
        }
    });
}
