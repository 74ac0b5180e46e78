//! Segments for people: in words, and whether somebody is in one and why.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use waft::program::Text;
use waft::table::Section;
use waft::{Program, Session};

use crate::explanation::{ConditionStory, explain_segment};
use crate::value::Tristate;

/// A segment, and whether somebody is in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct SegmentStory {
    /// As the ruleset calls it.
    pub name: String,
    /// Its title, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its condition as a phrase.
    pub words: String,
    /// Whether somebody is in it. Null is unknown: an attribute is missing or of another type.
    pub matches: Tristate,
    /// The tests of single attributes in it.
    pub why: Vec<ConditionStory>,
}

/// Tells every segment, for somebody at a moment (milliseconds since 1970).
pub fn tell(program: &Program, session: &mut Session, context: &Map<String, Json>, now: i64) -> Vec<SegmentStory> {
    (0..program.count(Section::Segments) as u16)
        .filter_map(|index| {
            let segment = program.segment(usize::from(index))?;
            let (matches, condition) = explain_segment(program, index, session, context, now)?;
            let (words, mut why) = (condition.words.clone(), Vec::new());
            collect_tests(condition, &mut why);
            Some(SegmentStory {
                name: program.str(segment.name).to_owned(),
                title: (segment.title != Text::NONE).then(|| program.str(segment.title).to_owned()),
                words,
                matches: Tristate(matches),
                why,
            })
        })
        .collect()
}

fn collect_tests(condition: ConditionStory, tests: &mut Vec<ConditionStory>) {
    if condition.asked.attribute.is_some() {
        tests.push(condition);
    } else {
        condition.into_parts().for_each(|part| collect_tests(part, tests));
    }
}
