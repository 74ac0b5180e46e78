//! Records an evaluation and tells it.

use serde_json::{Map, Value as Json};
use waft::condition::flags_of_segment;
use waft::program::{Flag, FlagIndex, Second};
use waft::rule::{Action, Rule};
use waft::{Decision, Effect, Program, Reason, Session, Step, Truth, decide_segment, evaluate};

use super::found::{Found, Inside};
#[cfg(feature = "head")]
use super::story::KillStory;
use super::story::{ConditionStory, PreviewStory, RuleStory, TraceEntry};
use super::trial;
use super::why::{self, Why};
use crate::condition;
use crate::listener::Listener;
use crate::value::Tristate;
use waft_ruleset::clock::text_of_seconds;

/// A decision and the steps to it.
#[derive(Clone, Debug)]
pub struct Explained {
    /// What `evaluate` decides, by the same run.
    pub decision: Decision,
    /// The rules that were tried, in order.
    pub rules: Vec<TraceEntry>,
}

/// Decides a flag and keeps why. `context` is where the values shown come from.
pub fn explain(
    program: &Program,
    flag: FlagIndex,
    session: &mut Session,
    context: &Map<String, Json>,
    now: i64,
) -> Explained {
    let mut steps = Vec::new();
    session.forget();
    let decision = evaluate(program, flag, session, now, &mut Listener(&mut |step| steps.push(step)));
    let found = Found::new(program, context, now, &steps);
    let own = own_steps(&steps);
    let mut rules = Vec::new();
    #[cfg(feature = "head")]
    if own.contains(&Step::Killed) {
        rules.push(TraceEntry::Killed(KillStory { killed: true, result: Tristate(Truth::True) }));
    }
    if own.contains(&Step::Preview) {
        rules.push(TraceEntry::Preview(PreviewStory { preview: true, result: Tristate(Truth::True) }));
    }
    if let Some(flag) = program.flag(flag) {
        let tried = own.split_inclusive(is_before_rule(&own));
        let stories = tried.filter_map(|steps| rule_story(&found, &flag, &decision, steps));
        rules.extend(stories.map(|story| TraceEntry::Rule(Box::new(story))));
    }
    Explained { decision, rules }
}

/// A rule by the steps from its first on to the next rule's; nothing of steps in front of all rules.
fn rule_story(found: &Found, flag: &Flag, decision: &Decision, steps: &[Step]) -> Option<RuleStory> {
    let (index, id) = steps.iter().find_map(|step| match step {
        Step::Rule { index, id } => Some((*index, *id)),
        _ => None,
    })?;
    let program = found.program;
    let rule = program.rule_of(flag, index)?;
    let mut story = RuleStory { rule: program.str(id).to_owned(), ..RuleStory::default() };
    if steps.contains(&Step::Outside) {
        tell_dates(&rule, Some(found.now), &mut story);
        story.result = Some(Tristate(Truth::False));
        return Some(story);
    }
    tell_dates(&rule, None, &mut story);
    let (truth, effect) = steps
        .iter()
        .find_map(|step| match step {
            Step::Condition { truth, effect } => Some((*truth, *effect)),
            _ => None,
        })
        .unzip();
    let condition = condition::read(program, rule.condition_span());
    // The condition of a holdout says who is excepted; all others take part, those of whom it is not known too.
    let (clause, result) = match rule.action() {
        Action::Holdout(_) => (&mut story.except, Some((effect != Some(Effect::Passes)).into())),
        _ => (&mut story.condition, truth),
    };
    *clause = condition.as_ref().map(|condition| found.tell(condition, Inside::RULE));
    story.result = result.map(Tristate);
    if result == Some(Truth::Unknown) {
        let why = match (rule.action(), condition) {
            (Action::Unknown, _) => Some(Why::UnknownAction),
            (_, None) => Some(Why::Unreadable),
            (_, Some(_)) => None,
        };
        story.why = why;
        story.note = why.and_then(|why| why::Reason::from(why).words()).map(str::to_owned);
        story.stops = (decision.rule == Some(index) && decision.reason == Reason::Default).then_some(true);
    }
    trial::tell(found, flag, &rule, steps, &mut story);
    Some(story)
}

/// Decides a segment and tells its condition as [`explain`] tells a rule's.
pub fn explain_segment(
    program: &Program,
    index: u16,
    session: &mut Session,
    context: &Map<String, Json>,
    now: i64,
) -> Option<(Truth, ConditionStory)> {
    let code = program.segment(usize::from(index))?.condition;
    let mut steps = Vec::new();
    session.forget();
    let asked = flags_of_segment(program, index);
    let truth = decide_segment(program, index, &asked, session, now, &mut Listener(&mut |step| steps.push(step)));
    let found = Found::new(program, context, now, &steps);
    Some((truth, found.tell(&condition::read(program, code)?, Inside::RULE.within(index)?)))
}

/// A rule's dates; and where it does not apply at a moment, that it does not, and why.
fn tell_dates(rule: &Rule<'_>, outside: Option<i64>, story: &mut RuleStory) {
    let Some([from, to]) = rule.dates() else { return };
    story.from = (from != Second(0)).then(|| text_of_seconds(from.0.into()));
    story.to = (to != Second::NEVER).then(|| text_of_seconds(to.0.into()));
    if let Some(now) = outside {
        let begins = now < from.milli();
        let (word, second) = if begins { ("begins", from) } else { ("ended", to) };
        story.outside = Some(true);
        story.note = Some(format!("{word} {}", text_of_seconds(second.0.into())));
    }
}

/// The steps of the flag itself, without those of flags that it asks for.
fn own_steps(steps: &[Step]) -> Vec<Step> {
    let mut others = false;
    let own = steps.iter().filter(|step| {
        others = match step {
            Step::Need { .. } => true,
            Step::Needed { .. } => false,
            _ => return !others,
        };
        false
    });
    own.copied().collect()
}

/// Splits steps before each rule but the first.
fn is_before_rule(steps: &[Step]) -> impl FnMut(&Step) -> bool + '_ {
    let mut index = 0;
    move |_| {
        index += 1;
        matches!(steps.get(index), Some(Step::Rule { .. }))
    }
}
