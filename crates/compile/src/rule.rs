//! Rules, compiled into code: needs, prerequisites, targets and the holdout first, then the written rules.

use waft::limits;
use waft::operators::Operator;
use waft::program::Second;
use waft::rule::rule_word;
use waft::table::{ABSENT, NO_LAYER, NO_VARIANT, Section};

use crate::compiler::{Compiler, record, words};
use crate::snapshot::Code;
use waft_ruleset::{
    Action, Condition, Constant, FlagBody, Holdout, Named, Phase, Ramp, Range, Rule, Share, Target, Test, needs,
};

/// The most ids of one rule: with the words between them, they fit into it.
const TARGET_IDS: usize = 4_000;

/// A rule before it is written.
struct Draft<'r> {
    id: &'r str,
    action: u32,
    flags: u32,
    variant: usize,
    /// From which second on it applies, and before which.
    dates: Option<[u32; 2]>,
    /// The words behind the id and the dates.
    extra: Vec<u32>,
    condition: Option<&'r Condition>,
}

/// The second before which something applies; [`Second::NEVER`] for what is open.
fn end(to: Option<u32>) -> u32 {
    to.unwrap_or(Second::NEVER.0)
}

impl Compiler<'_> {
    /// What is decided before the rules, in the order of decision: needed flags, prerequisites, targets, the holdout.
    /// Returns how many rules those are.
    pub(crate) fn prelude(&mut self, name: &str, body: &FlagBody, code: &mut Code) -> Result<usize, String> {
        let ruleset = self.ruleset;
        let environment = self.environment;
        let own = ruleset.flags.iter().position(|flag| flag.name == name).unwrap_or(usize::MAX);
        let form = |flag: usize| ruleset.flags.get(flag).map(|flag| flag.item.within(environment));
        let mut count = 0;
        let mut add = |compiler: &mut Self, draft: &Draft<'_>| {
            count += 1;
            compiler.write(name, draft, code)
        };
        let plain =
            |id, action| Draft { id, action, flags: 0, variant: 0, dates: None, extra: Vec::new(), condition: None };

        for needed in needs::of(ruleset, own, &form) {
            let key = ruleset.flags.get(needed).map_or("", |flag| flag.name.as_str());
            let index = self.flag_index(key).unwrap_or(ABSENT);
            add(self, &Draft { extra: vec![index], ..plain("needs", rule_word::NEED) })?;
        }
        for required in &body.requires {
            // An unmet prerequisite turns the flag off, and so does one that cannot be told.
            let unmet = Condition::Not(Box::new(Condition::Flag(required.clone())));
            let flags = rule_word::STOP_ON_UNKNOWN;
            add(self, &Draft { flags, condition: Some(&unmet), ..plain("requires", rule_word::OFF) })?;
        }
        for target in &body.targets {
            for condition in target_conditions(target) {
                let variant = target.variant;
                add(self, &Draft { variant, condition: Some(&condition), ..plain("targets", rule_word::SERVE) })?;
            }
        }
        if let Some(Named { name: holdout, item, .. }) = body.holdout.and_then(|index| ruleset.holdouts.get(index)) {
            let extra = self.holdout(holdout, item);
            add(self, &Draft { extra, condition: item.except.as_ref(), ..plain("holdout", rule_word::HOLDOUT) })?;
        }
        Ok(count)
    }

    /// A rule as it is written.
    pub(crate) fn rule(
        &mut self,
        flag: &str,
        rule: &Named<Rule>,
        body: &FlagBody,
        code: &mut Code,
    ) -> Result<(), String> {
        let mut flags = if rule.item.stops_on_unknown() { rule_word::STOP_ON_UNKNOWN } else { 0 };
        let (action, variant, extra) = match &rule.item.action {
            Action::Serve(variant) => (rule_word::SERVE, *variant, Vec::new()),
            Action::Experiment(index) => {
                let sticky = self.ruleset.experiments.get(*index).is_some_and(|experiment| experiment.item.sticky);
                flags |= if sticky { rule_word::STICKY } else { 0 };
                (rule_word::EXPERIMENT, 0, self.experiment(*index, flag, body))
            }
            Action::Ramp(ramp) => {
                flags |= if ramp.guard.is_empty() { 0 } else { rule_word::MONITORED };
                (rule_word::RAMP, ramp.variant, self.ramp(&format!("{flag}/{}", rule.name), ramp))
            }
        };
        let condition = rule.item.condition.as_ref();
        let dates = rule.item.dates.map(|(from, to)| [from.unwrap_or(0), end(to)]);
        self.write(flag, &Draft { id: &rule.name, action, flags, variant, dates, extra, condition }, code)
    }

    fn write(&mut self, flag: &str, draft: &Draft<'_>, code: &mut Code) -> Result<(), String> {
        let id = self.table.text(draft.id);
        let mut condition = Code::default();
        if let Some(written) = draft.condition {
            self.condition(written, &mut condition);
        }
        let dates = draft.dates.as_ref().map_or(&[][..], |dates| dates);
        let head = 2 + dates.len() + draft.extra.len();
        let length = head + condition.0.len();
        if length > limits::RULE_WORDS as usize {
            return Err(format!(
                "the condition of rule `{}` of flag `{flag}` is too large: make parts of it segments",
                draft.id
            ));
        }
        let Draft { mut action, mut flags, variant, .. } = *draft;
        if draft.dates.is_some() {
            let stops = flags & rule_word::STOP_ON_UNKNOWN != 0;
            action |= if stops { rule_word::DATED_STOP } else { rule_word::DATED };
            flags &= !rule_word::STOP_ON_UNKNOWN;
        }
        code.0.push(length as u32 | (head as u32) << 12 | action << 16 | flags << 21 | (variant as u32) << 24);
        code.0.push(id);
        if let Some(cost) = self.costs.last_mut() {
            // A trial is three words, and costs a draw.
            cost.words += length as u32 + if draft.extra.len() == 3 { limits::DRAW_WORDS } else { 0 };
            cost.needs.extend((draft.action == rule_word::NEED).then_some(draft.extra.first()).flatten());
        }
        code.0.extend(&draft.extra);
        code.0.extend(dates);
        code.0.extend(condition.0);
        Ok(())
    }

    /// An experiment, as three words of the one rule that names it. One that is named like its flag needs no key.
    fn experiment(&mut self, index: usize, flag: &str, body: &FlagBody) -> Vec<u32> {
        let ruleset = self.ruleset;
        let Some(Named { name, item, .. }) = ruleset.experiments.get(index) else { return Vec::new() };
        let phases: Vec<u8> = item.phases.iter().flat_map(|phase| self.phase(phase, body)).collect();
        let phases = self.table.share(Section::Phases, &phases);
        let placement = self.placement(item.salt.as_deref(), item.layer.as_ref());
        let key = if name == flag { 0 } else { self.table.text(name) };
        vec![key, phases, item.unit as u32 | (item.phases.len() as u32) << 8 | u32::from(placement) << 16]
    }

    fn phase(&mut self, phase: &Phase, body: &FlagBody) -> Vec<u8> {
        let mut total = 0;
        let arms: Vec<u8> = phase
            .split
            .iter()
            .flat_map(|(variant, share, _)| {
                total += share.0;
                let index = body.variants.iter().position(|(key, _)| key == variant).unwrap_or(NO_VARIANT.into());
                record(&[&Share(total).bound().0.to_le_bytes(), &[index as u8, 0, 0, 0]])
            })
            .collect();
        let first = self.table.share(Section::Arms, &arms);
        let split = record(&[&first.to_le_bytes(), &(phase.split.len() as u16).to_le_bytes(), &[0, 0]]);
        let split = self.table.share(Section::Splits, &split);
        words(&[phase.id, phase.from, end(phase.to), phase.coverage.bound().0, split])
    }

    /// The placement of a trial plus one, or 0 if it needs none. That there are not too many is seen at the end.
    fn placement(&mut self, salt: Option<&str>, layer: Option<&(usize, Vec<Range>)>) -> u16 {
        if salt.is_none() && layer.is_none() {
            return 0;
        }
        let salt = salt.map_or(0, |salt| self.table.text(salt));
        let (layer, ranges): (u16, &[Range]) = layer.map_or((NO_LAYER, &[]), |(layer, ranges)| (*layer as u16, ranges));
        let bounds: Vec<u8> =
            ranges.iter().flat_map(|range| words(&[range.from.bound().0, range.to.bound().0])).collect();
        let first = self.table.share(Section::Ranges, &bounds);
        let record = record(&[
            &salt.to_le_bytes(),
            &layer.to_le_bytes(),
            &(ranges.len() as u16).to_le_bytes(),
            &first.to_le_bytes(),
        ]);
        (self.table.share(Section::Gates, &record) as u16).wrapping_add(1)
    }

    /// A ramp is an experiment whose phases are its steps. All have one number: the halves never change.
    fn ramp(&mut self, name: &str, ramp: &Ramp) -> Vec<u32> {
        let ends = ramp.steps.iter().skip(1).map(|(_, at)| *at).chain([end(None)]);
        let steps: Vec<u8> = ramp
            .steps
            .iter()
            .zip(ends)
            .flat_map(|((share, from), to)| words(&[1, *from, to, share.bound().0, 0]))
            .collect();
        self.trial(name, ramp.unit, ramp.steps.len(), &steps, ramp.salt.as_deref())
    }

    /// A holdout is an experiment with one phase.
    fn holdout(&mut self, name: &str, holdout: &Holdout) -> Vec<u32> {
        let phase = words(&[1, holdout.from, end(holdout.to), holdout.share.bound().0, 0]);
        self.trial(name, holdout.unit, 1, &phase, holdout.salt.as_deref())
    }

    fn trial(&mut self, name: &str, unit: usize, count: usize, phases: &[u8], salt: Option<&str>) -> Vec<u32> {
        let phases = self.table.share(Section::Phases, phases);
        let placement = self.placement(salt, None);
        vec![self.table.text(name), phases, unit as u32 | (count as u32) << 8 | u32::from(placement) << 16]
    }
}

/// A target asks for ids, whatever the type of the attribute that holds them. A rule has room for [`TARGET_IDS`].
pub(crate) fn target_conditions(target: &Target) -> impl Iterator<Item = Condition> {
    target.ids.chunks(TARGET_IDS).map(|ids| {
        let constants = ids.iter().cloned().map(Constant::Text).collect();
        Condition::Test(Test { attribute: target.attribute, operator: Operator::Id, constants })
    })
}
