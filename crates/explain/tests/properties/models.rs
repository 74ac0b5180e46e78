//! What a model says of shares, dates and traffic is what deciding one by one gives; and how far people come with a trial, too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};
use waft::buckets::Bound;
use waft::rule::Action;
use waft::{Compared, Program, Reason, Stage, Step, Trace, Truth, condition, evaluate};
use waft_explain::context;
use waft_explain::draft::{Draft, Files, Model, ModelRule};
use waft_explain::population::{Reading, Settings, Table, TrialCount};
use waft_ruleset::Share;

use crate::plain;
use crate::random::{DAY, DAYS, FLAGS, Random, day, milli, ruleset, some_context};

/// Rules of which a flag is another one in the environment that is drafted, at a moment.
fn draft(rules: &Json, now: i64) -> Draft {
    let files = Files::from([("waft.json".to_owned(), rules.to_string().into_bytes())]);
    let compiled = Draft::compile(&files, Some("test"), now).unwrap();
    compiled.draft.unwrap_or_else(|| panic!("{:#?}\n{rules:#}", compiled.findings))
}

/// Random rules; the rules of the first flag are those of the environment `test`, and others elsewhere.
fn replaced(random: &mut Random) -> Json {
    let mut rules = ruleset(random);
    rules["environments"] = json!({ "other": {}, "test": {} });
    let own = rules["flags"]["f0"]["rules"].take();
    rules["flags"]["f0"]["in"] = json!({ "test": { "rules": own, "default": "on" } });
    rules["flags"]["f0"]["rules"] = json!([{ "id": "elsewhere", "ramp": "on", "unit": "visitor",
        "steps": [{ "to": "3%", "at": day(1) }], "from": day(2) }]);
    rules
}

/// Hears what a flag's own rules compare, each with the rule's id.
struct Heard<'p> {
    program: &'p Program,
    rule: String,
    inner: usize,
    all: Vec<(String, Compared)>,
}

impl Trace for Heard<'_> {
    fn step(&mut self, step: Step) {
        match step {
            Step::Need { .. } => self.inner += 1,
            Step::Needed { .. } => self.inner -= 1,
            Step::Rule { id, .. } if self.inner == 0 => self.program.str(id).clone_into(&mut self.rule),
            Step::Point(compared) if self.inner == 0 => self.all.push((self.rule.clone(), compared)),
            _ => {}
        }
    }
}

/// Whether a point lies below a share that is a fraction.
fn below(point: u32, share: f64) -> bool {
    bound(share).covers(point)
}

fn bound(share: f64) -> Bound {
    Share((share * 1_000_000.0).round() as u32).bound()
}

fn runs(now: i64, from: f64, to: Option<f64>) -> bool {
    from <= now as f64 && to.is_none_or(|to| (now as f64) < to)
}

/// Holds what was compared to what the model says of it.
fn hold(model: &Model, rule: &ModelRule, compared: &Compared, now: i64) {
    let (point, inside) = (compared.point, compared.inside);
    let experiment = model.experiments.iter().find(|one| rule.does == "experiment" && one.key == rule.serves);
    let phase = experiment.and_then(|one| one.phases.get(one.running?));
    match compared.stage {
        Stage::Layer => {
            let experiment = experiment.unwrap();
            let layer = model.layers.iter().find(|layer| Some(&layer.key) == experiment.layer.as_ref()).unwrap();
            assert!(layer.ranges.windows(2).all(|pair| pair[0].to == pair[1].from));
            assert_eq!((layer.ranges[0].from, layer.ranges.last().unwrap().to), (0.0, 1.0));
            let range = layer.ranges.iter().find(|range| below(point, range.to)).unwrap();
            assert_eq!(inside, range.experiment.as_ref() == Some(&experiment.key));
            let own = layer.ranges.iter().filter(|range| range.experiment.as_ref() == Some(&experiment.key));
            let wide: f64 = own.map(|range| range.to - range.from).sum();
            assert!((wide - experiment.reach).abs() < 1e-9);
        }
        Stage::Coverage => assert_eq!(inside, below(point, phase.unwrap().coverage)),
        Stage::Split => {
            let phase = phase.unwrap();
            assert!(runs(now, phase.from, phase.to) && phase.started);
            let end = if compared.below == Bound::ALL { 1 << 32 } else { u64::from(compared.below.0) };
            let width = (end - u64::from(compared.from.0)) as f64 / 4_294_967_296.0;
            assert!(phase.split.iter().any(|arm| (arm.share - width).abs() < 1e-6), "{width} of {:?}", phase.split);
        }
        Stage::Ramp => {
            let ramp = rule.ramp.as_ref().unwrap();
            let mut begun = ramp.steps.iter().filter(|step| step.begins && step.at.unwrap() <= now as f64);
            let share = begun.next_back().unwrap().share;
            // A monitored one reaches twice its share.
            let reach = if ramp.monitored { (2.0 * share).min(1.0) } else { share };
            assert!((compared.bound().0 as i64 - i64::from(bound(reach).0)).abs() < 2 || inside == below(point, reach));
        }
        Stage::Half | Stage::Released | Stage::Holdout => {}
    }
}

#[test]
fn shares_dates_and_traffic_of_a_model_are_those_of_deciding_one_by_one() {
    let (mut random, mut stages) = (Random(163), BTreeSet::new());
    for _ in 0..120 {
        let rules = replaced(&mut random);
        let is_timeless = !rules.to_string().contains("\"within");
        let people: Vec<_> = (0..30).map(|_| some_context(&mut random)).collect();
        for _ in 0..3 {
            let now = milli(random.below(DAYS)) + (random.below(3) as i64 - 1) * 1_000;
            let draft = draft(&rules, now);
            let (model, program) = (draft.model(), draft.program());
            let flag = &model.flags[0];
            assert_eq!(
                (&flag.replaced, flag.default.as_str()),
                (&vec!["default".to_owned(), "rules".to_owned()], "on")
            );
            for flag in &model.flags {
                let index = program.find(flag.key.as_bytes()).unwrap();
                assert!(flag.moments.is_sorted());
                for person in &people {
                    let mut heard = Heard { program, rule: String::new(), inner: 0, all: Vec::new() };
                    let mut session = context::session(program, person);
                    let decision = evaluate(program, index, &mut session, now, &mut heard);
                    let until = decision.valid_until;
                    assert!(
                        !is_timeless || until == i64::MAX || flag.moments.contains(&(until as f64)),
                        "{} changes at {until}, not at one of {:?} in\n{rules:#}",
                        flag.key,
                        flag.moments,
                    );
                    for (id, compared) in &heard.all {
                        stages.insert(format!("{:?}", compared.stage));
                        match flag.rules.iter().find(|rule| rule.id == *id) {
                            Some(rule) => hold(model, rule, compared, now),
                            None => assert_eq!(compared.stage, Stage::Holdout),
                        }
                        if compared.stage == Stage::Holdout
                            && let Some(one) = model.experiments.iter().find(|one| one.flag.as_ref() == Some(&flag.key))
                        {
                            assert_eq!(compared.inside, below(compared.point, one.held));
                        }
                    }
                }
            }
        }
    }
    // All but `Released`: a random ramp that is monitored waits below 50 %.
    assert_eq!(stages.len(), 6, "{stages:?}");
}

#[test]
fn a_phase_to_come_has_the_traffic_of_its_time_and_a_rest_that_is_over_is_free() {
    let split = json!({ "on": "50%", "off": "50%" });
    let phase =
        |id: u32, from: &str, to: &str| json!({ "id": id, "from": from, "to": to, "coverage": "50%", "split": split });
    let rules = json!({
        "project": "p", "environments": { "test": {} }, "attributes": { "id": "string" }, "units": { "visitor": { "attribute": "id" } },
        "holdouts": { "h": { "unit": "visitor", "share": "20%", "from": day(10), "to": day(20) } },
        "layers": { "l": { "unit": "visitor", "resting": { "40%-50%": day(3), "60%-70%": day(30) } } },
        "experiments": { "e": { "unit": "visitor", "layer": { "l": ["0%-40%"] }, "phases": [
            phase(1, &day(1), &day(4)), phase(2, &day(12), &day(16)), phase(3, &day(20), &day(25)),
        ] } },
        "flags": { "f": { "type": "boolean", "whenOff": "off", "default": "off", "holdout": "h", "rules": [{ "id": "r", "experiment": "e" }] } },
    });
    // Before the second phase, in it, and when all is over: each has the holdout of its own time.
    for now in [milli(2), milli(14), milli(27)] {
        let draft = draft(&rules, now);
        let experiment = &draft.model().experiments[0];
        assert_eq!(experiment.held, if now == milli(14) { 0.2 } else { 0.0 });
        let traffic = experiment.phases.iter().map(|phase| phase.traffic);
        assert!(traffic.zip([0.2, 0.16, 0.2]).all(|(told, planned)| (told - planned).abs() < 1e-9), "{experiment:#?}");
        let resting = draft.model().layers[0].ranges.iter().filter(|range| range.until.is_some());
        let resting: Vec<_> = resting.map(|range| (range.from, range.to)).collect();
        assert_eq!(resting, if now == milli(2) { vec![(0.4, 0.5), (0.6, 0.7)] } else { vec![(0.6, 0.7)] });
    }
}

#[test]
fn steps_that_wait_and_a_pause_are_told() {
    let steps = json!([
        { "to": "10%", "at": "2026-11-16T08:00Z" }, { "to": "50%", "after": "14d" },
        { "to": "75%", "after": "48h", "units": 5_000 }, { "to": "100%", "after": "approval" },
    ]);
    let rule = |ramp: Json| {
        let mut rule = json!({ "id": "r", "ramp": "on", "unit": "visitor", "steps": steps });
        ramp.as_object().unwrap().iter().for_each(|(name, value)| rule[name] = value.clone());
        let rules = json!({
            "project": "p", "environments": { "test": {} }, "attributes": { "id": "string" }, "units": { "visitor": { "attribute": "id" } },
            "metrics": { "m": { "conversion": "c", "better": "up" } },
            "flags": { "f": { "type": "boolean", "whenOff": "off", "default": "off", "rules": [rule] } },
        });
        draft(&rules, 0).model().flags[0].rules[0].ramp.clone().unwrap()
    };
    let at = |text: &str| Some(waft::date::parse(text.as_bytes()).unwrap() as f64);
    let told = |ramp: &waft_explain::draft::ModelRamp| -> Vec<_> {
        ramp.steps.iter().map(|step| (step.share, step.at, step.begins)).collect()
    };
    let plain = rule(json!({}));
    let (second, third) = (at("2026-11-30T08:00Z"), at("2026-12-02T08:00Z"));
    let first = (0.1, at("2026-11-16T08:00Z"), true);
    assert_eq!(told(&plain), [first, (0.5, second, true), (0.75, third, false), (1.0, None, false)]);
    assert_eq!(
        (plain.steps[2].units, plain.steps[2].hold, plain.steps[3].approval),
        (Some(5_000.0), Some(172_800_000.0), true)
    );
    let paused = rule(json!({ "paused": "2026-11-20T00:00Z" }));
    assert_eq!(told(&paused)[..2], [first, (0.5, second, false)]);
    let guarded = rule(json!({ "guard": { "m": { "worse": "5%" } } }));
    assert!(guarded.monitored && !guarded.steps[1].begins);
}

fn read(program: &Program, people: &[Map<String, Json>]) -> Table {
    let mut reading = Reading::new(&[program], Settings::default());
    people.iter().for_each(|person| reading.push(format!("{}\n", Json::from(person.clone())).as_bytes()).unwrap());
    reading.finish().unwrap().0
}

/// Who is admitted, held out, and gets which variant, one by one.
fn one_by_one(program: &Program, [flag, id]: [&str; 2], people: &[Map<String, Json>], now: i64) -> Expected {
    let index = program.find(flag.as_bytes()).unwrap();
    let flag = program.flag(index).unwrap();
    let (place, rule) = program
        .rules(&flag)
        .enumerate()
        .skip(flag.prelude.into())
        .find(|(_, rule)| program.str(rule.id) == id)
        .unwrap();
    let place = place as u8;
    let mut expected = Expected::default();
    for person in people {
        let mut session = context::session(program, person);
        let decision = plain(program, index, &mut session, now).0;
        let by = decision.rule.and_then(|rule| program.rule_of(&flag, rule)).map(|rule| rule.action());
        let truth = condition::of_rule(program, &rule, &mut session, now);
        match decision.rule {
            _ if decision.reason == Reason::Disabled && !matches!(by, Some(Action::Holdout(_))) => expected.off += 1.0,
            Some(rule) if rule < place && matches!(by, Some(Action::Holdout(_))) => expected.held += 1.0,
            Some(rule) if rule < place => expected.before += 1.0,
            _ if truth != Truth::True => expected.others += 1.0,
            Some(rule) if rule == place => {
                let variant = program.variant(&flag, decision.variant.unwrap()).unwrap();
                *expected.taken.entry(program.str(variant.key).to_owned()).or_insert(0.0) += 1.0;
            }
            _ => expected.left += 1.0,
        }
    }
    expected
}

#[derive(Debug, Default, PartialEq)]
struct Expected {
    off: f64,
    held: f64,
    before: f64,
    others: f64,
    /// Admitted, and not taken.
    left: f64,
    taken: BTreeMap<String, f64>,
}

fn told(counted: &TrialCount, idle: bool) -> Expected {
    let taken = counted.arms.iter().filter(|arm| !arm.variant.is_empty() && arm.people > 0.0);
    let control: f64 = counted.arms.iter().filter(|arm| arm.variant.is_empty()).map(|arm| arm.people).sum();
    Expected {
        off: counted.off,
        held: counted.held,
        before: counted.before,
        others: counted.others + counted.unknown + if idle { counted.idle } else { 0.0 },
        left: counted.no_unit + counted.outside + counted.later + control + if idle { 0.0 } else { counted.idle },
        taken: taken.map(|arm| (arm.variant.clone(), arm.people)).collect(),
    }
}

#[test]
fn whom_a_trial_takes_is_told_as_people_one_by_one() {
    let (mut random, mut seen) = (Random(167), 0);
    for round in 0..150 {
        let rules = replaced(&mut random);
        let now = milli(random.below(DAYS));
        let draft = draft(&rules, now);
        let people: Vec<_> = (0..if round == 0 { 5_000 } else { 80 }).map(|_| some_context(&mut random)).collect();
        let (program, table) = (draft.program(), read(draft.program(), &people));
        let mut kept = None;
        for flag in &draft.model().flags {
            for rule in flag.rules.iter().filter(|rule| rule.does != "serve") {
                let names = [flag.key.as_str(), rule.id.as_str()];
                let (counted, columns) = table.trial(program, names, None, now, kept.take().unwrap_or_default());
                kept = Some(columns);
                let counted = counted.unwrap();
                let expected = one_by_one(program, names, &people, now);
                // At a moment at which it takes nobody it is not asked whom it would admit.
                if counted.idle > 0.0 {
                    let sum = |one: &Expected| one.others + one.left;
                    let ours = told(&counted, true);
                    assert_eq!(
                        (ours.off, ours.held, ours.before, sum(&ours)),
                        (expected.off, expected.held, expected.before, sum(&expected))
                    );
                    continue;
                }
                seen += usize::from(!expected.taken.is_empty());
                assert_eq!(told(&counted, false), expected, "{names:?} at {now} in\n{rules:#}");
                let planned: f64 = counted.arms.iter().map(|arm| arm.planned).sum();
                assert!((planned - 1.0).abs() < 1e-6 || counted.phase.is_none(), "{counted:?}");
            }
        }
        assert_eq!(draft.model().flags.len(), FLAGS);
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn units_a_day_are_those_whom_the_rule_admits_by_their_first_day() {
    let rules = json!({
        "project": "p", "environments": { "test": {} }, "attributes": { "id": "string", "s": "string", "d": "date" },
        "units": { "visitor": { "attribute": "id" } }, "layers": { "l": { "unit": "visitor" } },
        "holdouts": { "h": { "unit": "visitor", "share": "20%", "from": day(0) } },
        "experiments": { "e": { "unit": "visitor", "layer": { "l": ["0%-50%"] }, "phases": [{ "id": 1, "from": day(0), "split": { "on": "50%", "off": "50%" } }] } },
        "flags": { "f": { "type": "boolean", "whenOff": "off", "default": "off", "holdout": "h",
            "rules": [{ "id": "r", "if": { "s": { "is": "a" } }, "experiment": "e" }] } },
    });
    let now = milli(35);
    let draft = draft(&rules, now);
    let mut random = Random(173);
    let people: Vec<Map<String, Json>> = (0..3_000)
        .map(|_| {
            let id = format!("u{}", random.below(2_000));
            let person = json!({ "id": id, "s": *random.pick(&["a", "b"]), "d": day(random.below(39)) });
            person.as_object().unwrap().clone()
        })
        .collect();
    let table = read(draft.program(), &people);
    let counted = table.trial(draft.program(), ["f", "r"], Some("d"), now, Default::default()).0.unwrap();
    let inflow = counted.inflow.unwrap();
    // One by one: admitted are those whom the condition is for and who are not held out.
    let index = draft.program().find(b"f").unwrap();
    let (mut first, mut undated) = (BTreeMap::new(), 0.0);
    for person in people.iter().filter(|person| person["s"] == "a") {
        let decision = plain(draft.program(), index, &mut context::session(draft.program(), person), now).0;
        // Held out: its rule is in front of the one that is written.
        if decision.rule == Some(0) {
            continue;
        }
        let date = waft::date::parse(person["d"].as_str().unwrap().as_bytes()).unwrap() / DAY;
        if date * DAY > now {
            undated += 1.0;
            continue;
        }
        let own = first.entry(person["id"].as_str().unwrap()).or_insert(date);
        *own = date.min(*own);
    }
    let last = now / DAY;
    let lately: Vec<f64> =
        (last - 28..last).map(|day| first.values().filter(|first| **first == day).count() as f64).collect();
    assert_eq!((inflow.from, inflow.days), ((last - 28) as f64 * DAY as f64, 28.0));
    assert_eq!(inflow.fewest, lately.iter().copied().fold(f64::MAX, f64::min));
    assert_eq!(inflow.most, lately.iter().copied().fold(0.0, f64::max));
    assert!((inflow.per_day - lately.iter().sum::<f64>() / 28.0 / 0.8).abs() < 1e-4);
    assert_eq!(inflow.undated, undated);
    // No date, no such column, one that is no date.
    for date in [None, Some("s"), Some("none")] {
        let counted = table.trial(draft.program(), ["f", "r"], date, now, Default::default()).0.unwrap();
        assert_eq!(counted.inflow, None, "{date:?}");
    }
    assert!(table.trial(draft.program(), ["f", "none"], None, now, Default::default()).0.is_none());
}
