//! Any context at any time, decided by the example shop: `explain` says what `evaluate` decides, and so does what is drawn at once; and a decision
//! holds until it says so. The input is the moment in 64 bits little endian, and a context as `Session::read` has it.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use serde_json::Map;
use waft::draws::{UNDRAWN, draw_all};
use waft::program::FlagIndex;
use waft::table::Section;
use waft::{NoTrace, Program, Session, evaluate, exposure};
use waft_compile::compile;
use waft_compile::snapshot;
use waft_explain::explanation::{explain, explain_segment};
use waft_ruleset as ruleset;
use waft_ruleset::source::SourceFile;

/// More than what is asked of a draw: see [`draw_all`].
const BESIDE: u32 = 1 << 31;

thread_local! {
    // Of this thread: a body notes which of its chunks were checked.
    static SHOP: Program = shop();
}

fn shop() -> Program {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop"), &mut files);
    let asset = |path: &str| std::fs::read(path).map_err(|error| error.to_string());
    let (ruleset, _) = ruleset::check(&files, &ruleset::World { now: None, asset: &asset }).unwrap();
    let production = ruleset.environments.iter().position(|named| named.name == "production").unwrap();
    let compiled = compile(&ruleset, production).unwrap();
    snapshot::unverified_body("fuzz", "fuzz", &compiled.body).unwrap()
}

fn collect(folder: &Path, files: &mut Vec<SourceFile>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml")
            && !ruleset::cases::is_test(&path.display().to_string())
        {
            files.push(SourceFile { name: path.display().to_string(), bytes: std::fs::read(&path).unwrap() });
        }
    }
}

fuzz_target!(|bytes: &[u8]| SHOP.with(|program| check(program, bytes)));

fn check(program: &Program, bytes: &[u8]) {
    let Some((now, context)) = bytes.split_first_chunk::<8>() else { return };
    let now = i64::from_le_bytes(*now);
    let mut session = Session::new(program);
    session.read(program, context);
    let shown = Map::new();
    for segment in 0..program.count(Section::Segments) as u16 {
        let _ = explain_segment(program, segment, &mut session, &shown, now);
    }
    // One more than there are: a flag that is not found is a decision, too.
    for flag in (0..=program.count(Section::Flags) as u32).map(FlagIndex) {
        let decision = evaluate(program, flag, &mut session, now, &mut NoTrace);
        let exposures = session.exposures().to_vec();
        // The last moment is followed by none.
        assert!(decision.valid_until > now || now == i64::MAX, "{decision:?} is over at {now}");

        let explained = explain(program, flag, &mut session, &shown, now);
        assert_eq!(explained.decision, decision);
        assert_eq!(session.exposures(), exposures);

        let last = evaluate(program, flag, &mut session, now.max(decision.valid_until - 1), &mut NoTrace);
        assert_eq!((last.variant, last.rule), (decision.variant, decision.rule), "{now}: {decision:?}");

        let mut remembered = Vec::new();
        for assignment in &exposures {
            let _ = exposure::id_of(program, assignment, session.subject(), b"");
            if let Some(id) = exposure::sticky_id(program, assignment, session.subject()) {
                let key = exposure::variant_key(program, assignment.variant);
                remembered.extend([&id[..], b" ", key, b"\n"].concat());
            }
        }
        session.set_sticky(remembered);
        let again = evaluate(program, flag, &mut session, now, &mut NoTrace);
        assert_eq!((again.variant, again.rule), (decision.variant, decision.rule), "remembered: {decision:?}");
        session.set_sticky(Vec::new());
    }
    // Nothing is asked to last from the last moment on.
    if now == i64::MAX {
        return;
    }
    let mut drawn = Vec::new();
    draw_all(program, &session, now, BESIDE, &mut drawn);
    for (flag, own) in (0..).map(FlagIndex).zip(drawn.as_chunks().0) {
        let own = u32::from_le_bytes(*own);
        if own != UNDRAWN {
            let decision = evaluate(program, flag, &mut session, now, &mut NoTrace);
            let rule = decision.rule.and_then(|rule| rule.checked_sub(decision.prelude)).unwrap_or(u8::MAX);
            let variant = decision.variant.unwrap();
            assert_eq!(own, BESIDE | u32::from(rule) << 8 | u32::from(variant), "{now}: {decision:?}");
            assert_eq!(decision.valid_until, i64::MAX, "{now}: {decision:?}");
        }
    }
}
