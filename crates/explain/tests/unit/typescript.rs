//! The TypeScript types of what the studio hands over: pkg/src/explanation.ts is what is made of the structs.

use std::fmt::Write as _;
use std::fs;

use ts_rs::{Config, TS};

use crate::decision::{Explanation, ExposureStory};
use crate::draft::{
    Model, ModelAttribute, ModelExperiment, ModelFlag, ModelLayer, ModelPhase, ModelPlan, ModelRamp, ModelRange,
    ModelRule, ModelSegment, ModelShare, ModelStep, Note,
};
use crate::explanation::{
    ConditionStory, Expected, KillStory, LayerStory, PointStory, PreviewStory, RuleStory, ShareStory, TraceEntry,
    TrialStory, Why,
};
use crate::population::{
    ArmCount, ColumnReport, Counted, DateForm, DayCount, Encoding, FormCount, Group, NumberForm, Odd, Overlap,
    PopulationCount, Report, SegmentCount, Skipped, SkippedRow, TrialCount, ValueCount,
};
use crate::segments::SegmentStory;
use crate::value::{Percent, Tristate, Value};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../pkg/src/");

/// The longest line that `biome` leaves whole.
const LINE: usize = 140;

/// The head of a file.
fn head(what: &str, imports: &str) -> String {
    format!(
        "/**\n * {what} Made of the structs of crates/explain, by `WAFT_WRITE=1 cargo test -p waft-explain typescript`: change it there.\n */\n{imports}"
    )
}

#[test]
fn typescript_has_the_types_of_what_is_explained() {
    let mut file = head("What the studio tells.", "\nimport type { Reason } from './codes.js';\n");
    write::<Explanation>(&mut file);
    write::<ExposureStory>(&mut file);
    write::<TraceEntry>(&mut file);
    write::<KillStory>(&mut file);
    write::<PreviewStory>(&mut file);
    write::<RuleStory>(&mut file);
    write::<ConditionStory>(&mut file);
    write::<Why>(&mut file);
    write::<Expected>(&mut file);
    write::<ShareStory>(&mut file);
    write::<TrialStory>(&mut file);
    write::<PointStory>(&mut file);
    write::<LayerStory>(&mut file);
    write::<SegmentStory>(&mut file);
    write::<Percent>(&mut file);
    write::<Tristate>(&mut file);
    write::<Value>(&mut file);
    hold("explanation.ts", &file);
}

#[test]
fn typescript_has_the_types_of_what_is_counted() {
    let mut file = head("What the workbench tells of drafts and people.", "");
    write::<PopulationCount>(&mut file);
    write::<SegmentCount>(&mut file);
    write::<Counted>(&mut file);
    write::<Group>(&mut file);
    write::<Overlap>(&mut file);
    write::<ValueCount>(&mut file);
    write::<TrialCount>(&mut file);
    write::<ArmCount>(&mut file);
    write::<DayCount>(&mut file);
    write::<Report>(&mut file);
    write::<Encoding>(&mut file);
    write::<Skipped>(&mut file);
    write::<SkippedRow>(&mut file);
    write::<ColumnReport>(&mut file);
    write::<NumberForm>(&mut file);
    write::<DateForm>(&mut file);
    write::<FormCount>(&mut file);
    write::<Odd>(&mut file);
    write::<Note>(&mut file);
    write::<Model>(&mut file);
    write::<ModelAttribute>(&mut file);
    write::<ModelSegment>(&mut file);
    write::<ModelFlag>(&mut file);
    write::<ModelRule>(&mut file);
    write::<ModelRamp>(&mut file);
    write::<ModelStep>(&mut file);
    write::<ModelExperiment>(&mut file);
    write::<ModelPhase>(&mut file);
    write::<ModelShare>(&mut file);
    write::<ModelPlan>(&mut file);
    write::<ModelLayer>(&mut file);
    write::<ModelRange>(&mut file);
    hold("counted.ts", &file);
}

/// Holds a file to what it should be; or writes it.
fn hold(name: &str, written: &str) {
    let path = format!("{FOLDER}{name}");
    if std::env::var_os("WAFT_WRITE").is_some() {
        fs::write(&path, written).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == written, "WAFT_WRITE=1 cargo test -p waft-explain typescript");
}

/// Adds a type, as the package writes types: every field has a comment, and none is written to.
fn write<T: TS>(file: &mut String) {
    let config = Config::default();
    let (docs, written) = (comment(&T::docs().unwrap()), T::decl(&config).replace('"', "'"));
    let Some(fields) = written.strip_prefix(&format!("type {} = {{", T::name(&config))) else {
        return writeln!(file, "\n{docs}\nexport {}", union(&written)).unwrap();
    };
    writeln!(file, "\n{docs}\nexport interface {} {{", T::name(&config)).unwrap();
    for field in fields.split("/**").skip(1) {
        let (docs, field) = field.split_once("*/").unwrap();
        let field = field.trim().trim_end_matches("};").trim().trim_end_matches(',');
        let field = field.replace("Array<[", "ReadonlyArray<readonly [").replace("Array<", "ReadonlyArray<");
        let field = field.replace("ReadonlyReadonlyArray", "ReadonlyArray");
        writeln!(file, "  {}\n  readonly {field};", comment(docs)).unwrap();
    }
    file.push_str("}\n");
}

/// A comment in one line.
fn comment(written: &str) -> String {
    let lines = written.lines().map(|line| line.trim().trim_matches(['*', '/']).trim());
    format!("/** {} */", lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" "))
}

/// A type that is one of several, a line each if they are too long for one.
fn union(written: &str) -> String {
    match written.split_once(" = ") {
        Some((name, several)) if written.len() + "export ".len() > LINE => {
            format!("{name} =\n  | {}", several.replace(" | ", "\n  | "))
        }
        _ => written.to_owned(),
    }
}
