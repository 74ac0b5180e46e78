//! A program, read into things.

use serde_json::Value as Json;
use waft::Program;
use waft::manifest::digest_of;
use waft::program::List;
use waft::table::Section;

use super::flags;
use super::form::{condition, salt};
use super::thing::{Part, Thing, ThingKind, Things};
use crate::value::array;
use waft_compile::keys;
use waft_ruleset::{counted, type_name};

/// All things of a program.
pub(super) fn all(program: &Program) -> Things {
    let mut things = Things::new();
    let str = |text| program.str(text).to_owned();
    for attribute in program.slots().filter_map(|slot| program.attribute(slot)) {
        let parts = vec![Part::text("type", type_name(attribute.kind))];
        things.insert(ThingKind::Attribute.named(str(attribute.name)), Thing { parts });
    }
    for unit in (0..program.count(Section::Units) as u16).filter_map(|index| program.unit(index)) {
        let name = crate::condition::name(program, unit.slot);
        let parts = vec![Part::text("attribute", name).needing([ThingKind::Attribute.named(name)])];
        things.insert(ThingKind::Unit.named(str(unit.name)), Thing { parts });
    }
    for layer in (0..program.count(Section::Layers) as u16).filter_map(|index| program.layer(index)) {
        let parts = vec![Part::text("salt", salt(program, layer.salt, layer.name))];
        things.insert(ThingKind::Layer.named(str(layer.name)), Thing { parts });
    }
    for index in 0..program.count(Section::Lists) as u16 {
        if let Some(list) = program.list(index) {
            things.insert(ThingKind::List.named(str(list.name)), self::list(program, &list));
        }
    }
    for index in 0..program.count(Section::Segments) {
        if let Some(segment) = program.segment(index) {
            let title = Part::text("title", str(segment.title)).aside();
            let parts = vec![condition(program, "condition", segment.condition), title];
            things.insert(ThingKind::Segment.named(str(segment.name)), Thing { parts });
        }
    }
    flags::add(program, &mut things);
    things
}

fn list(program: &Program, list: &List) -> Thing {
    let (form, words) = match (list.file(), program.fingerprints(list)) {
        (None, Ok(ids)) => (Json::from(keys::to_text(&digest_of(&[ids]))), counted(ids.len() as u64 / 8, "id")),
        (file, found) => {
            let digest = file.and_then(|file| program.snapshot().list_digest(file as usize));
            let digest = digest.map_or_else(|| "of no file".to_owned(), keys::to_text);
            let words = match found {
                Ok(ids) => counted(ids.len() as u64 / 8, "id"),
                Err(_) => "a file that is not beside the snapshot".to_owned(),
            };
            (array!["file", digest], words)
        }
    };
    let salt = Part::text("salt", salt(program, list.salt, list.name));
    let preload = if list.preload { "before the first decision" } else { "when it is asked for" };
    Thing { parts: vec![Part::new("ids", form, words), salt, Part::text("loaded", preload).aside()] }
}
