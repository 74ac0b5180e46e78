//! Conditions in plain English, for people who do not read YAML.

use serde_json::Value as Json;
use waft::Program;
use waft::operators::Operator;
use waft::program::{FlagIndex, Segment, Slot, Text};

use super::tree::{Condition, Kind};
use waft_ruleset::Share;

/// A condition as a phrase, such as `country is one of DE, FR and plan is pro`.
pub fn phrase(program: &Program, condition: &Condition) -> String {
    match &condition.kind {
        Kind::All(parts) => joined(program, parts, " and ", |kind| matches!(kind, Kind::Any(_))),
        Kind::Any(parts) => joined(program, parts, " or ", |kind| matches!(kind, Kind::All(_))),
        Kind::Not(part) => match &part.kind {
            Kind::Segment(index) => format!("not in the segment {}", segment_name(program, *index)),
            Kind::Test { operator: Operator::Exists, slot, .. } => format!("{} is missing", name(program, *slot)),
            Kind::Test { operator: Operator::Is, slot, constants } => {
                format!("{} is not {}", name(program, *slot), list(constants))
            }
            Kind::Test { operator: Operator::In | Operator::InWide | Operator::Id, slot, constants } => {
                format!("{} is none of {}", name(program, *slot), list(constants))
            }
            _ => format!("not ({})", phrase(program, part)),
        },
        Kind::Segment(index) => format!("in the segment {}", segment_name(program, *index)),
        Kind::Flag(flag, variants) => format!("the flag {}", flag_words(program, *flag, variants)),
        Kind::Share { unit, name: points, from, to } => {
            let unit = program.unit(*unit).map_or("?", |unit| program.str(unit.name));
            format!("{unit} is between {} and {} of {}", Share::of(*from), Share::of(*to), program.str(*points))
        }
        Kind::List(slot, index) => {
            let list = program.list(*index).map_or("?", |list| program.str(list.name));
            format!("{} is in the list {list}", name(program, *slot))
        }
        Kind::Test { operator: Operator::Within, slot, constants } => {
            let [from, to] = [0, 1].map(|index| constants.get(index).and_then(Json::as_i64).unwrap_or(0));
            let (word, milli) = if to == 0 { ("last", -from) } else { ("next", to) };
            format!("{} is within the {word} {}", name(program, *slot), duration(milli))
        }
        Kind::Test { operator: Operator::Size, slot, constants } => {
            let bound = |index: usize| constants.get(index).and_then(Json::as_u64).unwrap_or(0);
            let (least, most) = (bound(0), bound(1));
            let count = match (least, most == u64::from(u32::MAX)) {
                _ if least == most => least.to_string(),
                (_, true) => format!("{least} or more"),
                (0, false) => format!("at most {most}"),
                (_, false) => format!("{least} to {most}"),
            };
            format!("{} has {count} {}", name(program, *slot), if most == 1 { "item" } else { "items" })
        }
        Kind::Test { operator: Operator::Exists, slot, .. } => format!("{} is known", name(program, *slot)),
        Kind::Test { operator: Operator::HasAll, slot, constants } => {
            format!("{} has {}", name(program, *slot), joined_by("and", constants))
        }
        Kind::Test { operator, slot, constants } => {
            format!("{} {} {}", name(program, *slot), operator.verb(), list(constants))
        }
        Kind::Unknown(number) => format!("operator {number}, which this version of waft does not know"),
    }
}

fn joined(program: &Program, parts: &[Condition], word: &str, parenthesised: fn(&Kind) -> bool) -> String {
    let phrases: Vec<String> = parts
        .iter()
        .map(|part| match phrase(program, part) {
            phrase if parts.len() > 1 && parenthesised(&part.kind) => format!("({phrase})"),
            phrase => phrase,
        })
        .collect();
    phrases.join(word)
}

fn flag_words(program: &Program, flag: FlagIndex, variants: &[u8]) -> String {
    let Some(flag) = program.flag(flag) else { return "?".to_owned() };
    let names: Vec<Json> = variants
        .iter()
        .filter_map(|variant| Some(Json::from(program.str(program.variant(&flag, *variant)?.key))))
        .collect();
    format!("{} is {}", program.str(flag.key), list(&names))
}

/// Milliseconds in the largest unit that they are whole in.
fn duration(milli: i64) -> String {
    let units = [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second")];
    let found = units.iter().find(|(size, _)| milli % size == 0);
    let (size, name) = found.copied().unwrap_or((1_000, "second"));
    let count = milli / size;
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

/// The name of the attribute in a slot.
pub fn name(program: &Program, slot: Slot) -> &str {
    program.attribute(slot).map_or("?", |attribute| program.str(attribute.name))
}

/// A segment's title, or its name if it has none.
pub fn segment_name(program: &Program, index: u16) -> &str {
    match program.segment(usize::from(index)) {
        Some(Segment { name, title: Text::NONE, .. }) => program.str(name),
        Some(Segment { title, .. }) => program.str(title),
        None => "?",
    }
}

fn list(constants: &[Json]) -> String {
    joined_by("or", constants)
}

fn joined_by(word: &str, constants: &[Json]) -> String {
    let texts: Vec<String> = constants
        .iter()
        .map(|constant| match constant {
            Json::String(text) if text.is_empty() => "\"\"".to_owned(),
            // People write a day, and mean its beginning in UTC.
            Json::String(text) => text.strip_suffix("T00:00:00Z").unwrap_or(text).to_owned(),
            other => other.to_string(),
        })
        .collect();
    match texts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {word} {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}
