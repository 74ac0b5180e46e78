//! Flags that may come to people whose page does not have their code yet: what `needs` says, beside the versions that are deployed.

use serde_json::{Map, Value as Json};
use waft::program::{AttributeType, ValueType};
use waft::{NoTrace, evaluate};
use waft_compile::{compile, refusal, snapshot};
use waft_explain::context;
use waft_explain::decision::{self, DecisionStory};
use waft_ruleset::{Action, Flag, FlagBody, Named, OnUnknown, Rule, Ruleset, suggestion};

/// What behind a flag's name is the name of the question whether its code is there. No flag of a ruleset can have it.
const QUESTION: &str = "/needs";
const ANSWERS: [&str; 3] = ["yes", "no", "unknown"];

/// The context of a deployed version: `appVersion=4.1.0`.
pub(super) fn read(ruleset: &Ruleset, text: &str) -> Result<Map<String, Json>, String> {
    let expected = || format!("--deployed {text}: expected ATTRIBUTE=VALUE, such as appVersion=4.1.0");
    let (name, value) = text.split_once('=').ok_or_else(expected)?;
    let attribute = ruleset.attributes.iter().find(|attribute| attribute.name == name).ok_or_else(|| {
        let known = ruleset.attributes.iter().map(|attribute| attribute.name.as_str());
        format!("--deployed {text}: the ruleset has no attribute `{name}`: {}", suggestion(name, known))
    })?;
    let value = match attribute.item.kind {
        AttributeType::Number | AttributeType::Boolean => serde_json::from_str(value).map_err(|_| expected())?,
        AttributeType::String
        | AttributeType::Date
        | AttributeType::Semver
        | AttributeType::List
        | AttributeType::Unknown => Json::from(value),
    };
    Ok(Map::from_iter([(name.to_owned(), value)]))
}

/// The flags whose code no deployed version has, by their places in the ruleset. What cannot be told of a version is no reason.
pub(super) fn without_code(ruleset: &Ruleset, deployed: &[Map<String, Json>], now: i64) -> Result<Vec<usize>, String> {
    let mut asking = ruleset.clone();
    let needs = |flag: &Flag| flag.bodies().any(|body| body.needs.is_some());
    asking.flags.extend(ruleset.flags.iter().filter(|flag| needs(&flag.item)).map(question));
    let mut without = Vec::new();
    for environment in 0..ruleset.environments.len() {
        let compiled = compile(&asking, environment).map_err(|error| error.what)?;
        let name = ruleset.environments.get(environment).map_or("", |named| named.name.as_str());
        let program = snapshot::unverified_compiled(&ruleset.project, name, compiled)
            .map_err(|one| refusal::sentence(one).to_owned())?;
        for (index, key) in decision::flags(&program, None) {
            let Some(flag) = key.strip_suffix(QUESTION) else { continue };
            let lacks = deployed.iter().all(|context| {
                let mut session = context::session(&program, context);
                let decided = evaluate(&program, index, &mut session, now, &mut NoTrace);
                DecisionStory::of(&program, index, &decided, &session).variant.as_deref() == Some("no")
            });
            let place = ruleset.flags.iter().position(|named| named.name == flag);
            without.extend(place.filter(|_| lacks));
        }
    }
    without.sort_unstable();
    without.dedup();
    Ok(without)
}

/// A flag that says whether a context has the code of another one.
fn question(flag: &Named<Flag>) -> Named<Flag> {
    let body = |body: &FlagBody| {
        let condition = body.needs.clone();
        let on_unknown = condition.is_some().then_some(OnUnknown::Stop);
        let rule = Rule { condition, dates: None, action: Action::Serve(0), on_unknown };
        FlagBody {
            kind: ValueType::String,
            enabled: true,
            variants: ANSWERS.map(|answer| (answer.to_owned(), Json::from(answer))).into(),
            when_off: Some(2),
            default: 1,
            rules: vec![Named { name: "needs".to_owned(), place: flag.place, item: rule }],
            requires: Vec::new(),
            targets: Vec::new(),
            holdout: None,
            metadata: Map::new(),
            remove_by: None,
            purpose: None,
            needs: None,
        }
    };
    let replaced = flag.item.replaced.iter().map(|(environment, other)| (*environment, body(other))).collect();
    let item = Flag { base: body(&flag.item.base), replaced };
    Named { name: format!("{}{QUESTION}", flag.name), place: flag.place, item }
}
