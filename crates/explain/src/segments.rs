//! Segments for people: in words, and whether somebody is in one and why.

use serde_json::{Map, Value as Json, json};
use waft::program::{Segment, Text};
use waft::table::Section;
use waft::{Program, Session};

use crate::explanation::explain_segment;
use crate::value::truth;

/// Every segment: `{name, title?, words, matches, why: [{words, attribute, value?, result, why?, note?}]}`, where `matches` and
/// `result` are true, false, or null for unknown. `why` lists the tests of single attributes.
pub fn tell(program: &Program, session: &mut Session, context: &Map<String, Json>, now: i64) -> Vec<Json> {
    (0..program.count(Section::Segments) as u16)
        .filter_map(|index| {
            let Segment { name, title, .. } = program.segment(usize::from(index))?;
            let (matches, condition) = explain_segment(program, index, session, context, now)?;
            let mut why = Vec::new();
            collect_tests(&condition, &mut why);
            let mut told = json!({
                "name": program.str(name),
                "words": condition.get("words"),
                "matches": truth(matches),
                "why": why,
            });
            if let (Some(told), true) = (told.as_object_mut(), title != Text::NONE) {
                told.insert("title".into(), program.str(title).into());
            }
            Some(told)
        })
        .collect()
}

fn collect_tests(condition: &Json, tests: &mut Vec<Json>) {
    let parts = |key: &str| condition.get(key).and_then(Json::as_array).into_iter().flatten();
    parts("all").chain(parts("any")).for_each(|part| collect_tests(part, tests));
    for part in [condition.get("not"), condition.get("condition")].into_iter().flatten() {
        collect_tests(part, tests);
    }
    if condition.get("attribute").is_some() {
        tests.push(condition.clone());
    }
}
