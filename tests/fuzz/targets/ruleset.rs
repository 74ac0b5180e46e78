//! Any text is a ruleset or has findings; what has none compiles.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waft_compile::compile;
use waft_ruleset as ruleset;
use waft_ruleset::source::SourceFile;

fuzz_target!(|bytes: &[u8]| {
    let file = SourceFile { name: "fuzz.yaml".into(), bytes: bytes.to_vec() };
    if let Ok((ruleset, _)) = ruleset::check(&[file], &ruleset::World::still()) {
        for environment in 0..ruleset.environments.len() {
            let _ = compile(&ruleset, environment);
        }
    }
});
