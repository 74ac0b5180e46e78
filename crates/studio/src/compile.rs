//! A checked ruleset, compiled for one environment into the table that the engine reads in place.

use std::collections::{BTreeMap, BTreeSet};

use waft::operators::Operator;
use waft::program::rule_word;
use waft::table::Section;

use crate::ruleset::{
    Action, Condition, Constant, Experiment, FlagBody, Named, Phase, Range, Rule, Ruleset, Share, Test,
};
use crate::snapshot::{Code, Table};

/// What the format cannot hold of a ruleset that is otherwise sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// Which part.
    pub what: String,
}

/// The body of a snapshot. The same ruleset and environment give the same bytes.
pub fn compile(ruleset: &Ruleset, environment: usize) -> Result<Vec<u8>, TooLarge> {
    let mut compiler = Compiler { ruleset, environment, table: Table::default(), constants: BTreeMap::new() };
    compiler.constants = compiler.collect_constants();
    compiler.run()?;
    Ok(compiler.table.finish())
}

struct Compiler<'r> {
    ruleset: &'r Ruleset,
    environment: usize,
    table: Table,
    /// Texts that conditions compare with, sorted by bytes, and their indices.
    constants: BTreeMap<String, u32>,
}

/// The most words of a rule, and of the operands of one operation.
const RULE_WORDS: usize = 4_095;
/// See [`RULE_WORDS`].
const OPERANDS: usize = 254;

impl<'r> Compiler<'r> {
    /// The flags of the environment, in the order of the table.
    fn flag_bodies(&self) -> Vec<(&'r str, &'r FlagBody)> {
        let mut flags: Vec<(&str, &FlagBody)> =
            self.ruleset.flags.iter().map(|flag| (flag.name.as_str(), flag.item.within(self.environment))).collect();
        flags.sort_by(|left, right| left.0.as_bytes().cmp(right.0.as_bytes()));
        flags
    }

    fn collect_constants(&self) -> BTreeMap<String, u32> {
        let mut texts = BTreeSet::new();
        let rules = self.flag_bodies().into_iter().flat_map(|(_, body)| &body.rules);
        rules
            .filter_map(|rule| rule.item.condition.as_ref())
            .for_each(|condition| collect_texts(condition, &mut texts));
        self.ruleset.segments.iter().for_each(|segment| collect_texts(&segment.item.condition, &mut texts));
        texts.into_iter().zip(0..).collect()
    }

    fn run(&mut self) -> Result<(), TooLarge> {
        let ruleset = self.ruleset;
        for text in self.constants.keys().cloned().collect::<Vec<_>>() {
            let offset = self.table.text(&text);
            self.table.push(Section::Constants, &offset.to_le_bytes());
        }
        for attribute in &ruleset.attributes {
            let name = self.table.text(&attribute.name);
            let bits = u8::from(attribute.item.private);
            self.table
                .push(Section::Attributes, &record(&[&name.to_le_bytes(), &[attribute.item.kind as u8, bits, 0, 0]]));
        }
        for unit in &ruleset.units {
            let name = self.table.text(&unit.name);
            self.table
                .push(Section::Units, &record(&[&name.to_le_bytes(), &(unit.item as u16).to_le_bytes(), &[0, 0]]));
        }
        for layer in &ruleset.layers {
            let name = self.table.text(&layer.name);
            let salt = layer.item.salt.as_deref().map_or(0, |salt| self.table.text(salt));
            self.table.push(Section::Layers, &words(&[name, salt]));
        }
        for segment in &ruleset.segments {
            let mut code = Code::default();
            self.condition(&segment.item.condition, &mut code);
            let (name, title) = (self.table.text(&segment.name), self.table.text(&segment.item.title));
            let first = self.table.share(Section::Code, &code.to_bytes());
            self.table.push(Section::Segments, &words(&[name, title, first, code.0.len() as u32]));
        }
        for (name, body) in self.flag_bodies() {
            self.flag(name, body)?;
        }
        Ok(())
    }

    fn flag(&mut self, name: &str, body: &FlagBody) -> Result<(), TooLarge> {
        let variants: Vec<u8> = body
            .variants
            .iter()
            .flat_map(|(key, value)| words(&[self.table.text(key), self.table.text(&value.to_string())]))
            .collect();
        let variants = self.table.share(Section::Variants, &variants);
        let mut code = Code::default();
        for rule in &body.rules {
            self.rule(name, rule, body, &mut code)?;
        }
        let code = self.table.share(Section::Code, &code.to_bytes());
        let key = self.table.text(name);
        let small = [
            body.rules.len() as u8,
            body.variants.len() as u8,
            body.kind as u8,
            u8::from(body.enabled),
            body.when_off as u8,
            body.default as u8,
            0,
            0,
        ];
        self.table.push(Section::Flags, &record(&[&words(&[key, code, variants]), &small]));
        Ok(())
    }

    fn rule(&mut self, flag: &str, rule: &Named<Rule>, body: &FlagBody, code: &mut Code) -> Result<(), TooLarge> {
        let id = self.table.text(&rule.name);
        let (action, variant, extra) = match rule.item.action {
            Action::Serve(variant) => (rule_word::SERVE, variant as u32, Vec::new()),
            Action::Experiment(index) => (rule_word::EXPERIMENT, 0, self.experiment(index, flag, body)),
        };
        let mut condition = Code::default();
        if let Some(written) = &rule.item.condition {
            self.condition(written, &mut condition);
        }
        let head = 2 + extra.len();
        let length = head + condition.0.len();
        if length > RULE_WORDS {
            return Err(TooLarge {
                what: format!("the condition of rule `{}` of flag `{flag}`: make parts of it segments", rule.name),
            });
        }
        let flags = if rule.item.stop_on_unknown { rule_word::STOP_ON_UNKNOWN } else { 0 };
        code.0.push(length as u32 | (head as u32) << 12 | action << 16 | flags << 21 | variant << 24);
        code.0.push(id);
        code.0.extend(extra);
        code.0.extend(condition.0);
        Ok(())
    }

    /// An experiment, as three words of the one rule that names it. One that is named like its flag needs no key.
    fn experiment(&mut self, index: usize, flag: &str, body: &FlagBody) -> Vec<u32> {
        let ruleset = self.ruleset;
        let Some(Named { name, item, .. }) = ruleset.experiments.get(index) else { return Vec::new() };
        let phases: Vec<u8> = item.phases.iter().flat_map(|phase| self.phase(phase, body)).collect();
        let phases = self.table.share(Section::Phases, &phases);
        let gate = self.gate(item);
        let key = if name == flag { 0 } else { self.table.text(name) };
        vec![key, phases, item.unit as u32 | (item.phases.len() as u32) << 8 | u32::from(gate) << 16]
    }

    fn phase(&mut self, phase: &Phase, body: &FlagBody) -> Vec<u8> {
        let mut total = 0;
        let arms: Vec<u8> = phase
            .split
            .iter()
            .flat_map(|(variant, share, _)| {
                total += share.0;
                let index = body.variants.iter().position(|(key, _)| key == variant).unwrap_or(usize::from(u8::MAX));
                record(&[&Share(total).bound().0.to_le_bytes(), &[index as u8, 0, 0, 0]])
            })
            .collect();
        let first = self.table.share(Section::Arms, &arms);
        let split = record(&[&first.to_le_bytes(), &(phase.split.len() as u16).to_le_bytes(), &[0, 0]]);
        let split = self.table.share(Section::Splits, &split);
        words(&[phase.id, phase.from, phase.to.unwrap_or(u32::MAX), phase.coverage.bound().0, split])
    }

    /// The gate of an experiment plus one, or 0 if it needs none.
    fn gate(&mut self, experiment: &Experiment) -> u16 {
        if experiment.salt.is_none() && experiment.layer.is_none() {
            return 0;
        }
        let salt = experiment.salt.as_deref().map_or(0, |salt| self.table.text(salt));
        let (layer, ranges): (u16, &[Range]) = match &experiment.layer {
            Some((layer, ranges)) => (*layer as u16, ranges),
            None => (u16::MAX, &[]),
        };
        let bounds: Vec<u8> =
            ranges.iter().flat_map(|range| words(&[range.from.bound().0, range.to.bound().0])).collect();
        let first = self.table.share(Section::Ranges, &bounds);
        let record = record(&[
            &salt.to_le_bytes(),
            &layer.to_le_bytes(),
            &(ranges.len() as u16).to_le_bytes(),
            &first.to_le_bytes(),
        ]);
        self.table.share(Section::Gates, &record) as u16 + 1
    }

    fn condition(&mut self, condition: &Condition, code: &mut Code) {
        match condition {
            Condition::All(parts) => self.combination(Operator::All, parts, code),
            Condition::Any(parts) => self.combination(Operator::Any, parts, code),
            Condition::Not(part) => {
                self.condition(part, code);
                code.operation(Operator::Not, 1, &[]);
            }
            Condition::Segment(index) => code.operation(Operator::Segment, *index as u16, &[]),
            Condition::Test(test) if test.operator == Operator::In => self.membership(test, code),
            Condition::Test(test) => {
                let operands: Vec<Vec<u32>> =
                    test.constants.iter().map(|constant| self.operand(test.operator, constant)).collect();
                let width = operands.first().map_or(1, Vec::len);
                self.in_parts(test.operator, test, &operands.concat(), OPERANDS / width * width, code);
            }
        }
    }

    /// A list of texts, as indices of 16 bits where they fit.
    fn membership(&mut self, test: &Test, code: &mut Code) {
        let indices = test.constants.iter().flat_map(|constant| self.operand(Operator::Is, constant));
        let mut indices: Vec<u32> = indices.collect();
        indices.sort_unstable();
        if indices.last().is_some_and(|last| *last > u32::from(u16::MAX)) {
            return self.in_parts(Operator::InWide, test, &indices, OPERANDS, code);
        }
        let pairs: Vec<u32> = indices
            .chunks(2)
            .map(|pair| match pair {
                [low, high] => low | high << 16,
                // Half a word is left: the last index stands twice.
                [last] | [last, ..] => last | last << 16,
                [] => 0,
            })
            .collect();
        self.in_parts(Operator::In, test, &pairs, OPERANDS, code);
    }

    /// An operation has room for so many operands: a longer list is any of several.
    fn in_parts(&self, operator: Operator, test: &Test, operands: &[u32], room: usize, code: &mut Code) {
        let slot = test.attribute as u16;
        if operands.is_empty() {
            return code.operation(operator, slot, &[]);
        }
        for (index, part) in operands.chunks(room).enumerate() {
            code.operation(operator, slot, part);
            if index > 0 {
                code.operation(Operator::Any, 2, &[]);
            }
        }
    }

    /// Combines as it goes, so that the stack stays as deep as the condition nests, however wide it is.
    fn combination(&mut self, operator: Operator, parts: &[Condition], code: &mut Code) {
        for (index, part) in parts.iter().enumerate() {
            self.condition(part, code);
            if index > 0 {
                code.operation(operator, 2, &[]);
            }
        }
    }

    fn operand(&mut self, operator: Operator, constant: &Constant) -> Vec<u32> {
        match constant {
            Constant::Text(text) if matches!(operator, Operator::Is | Operator::In) => {
                vec![self.constants.get(text).copied().unwrap_or(u32::MAX)]
            }
            Constant::Text(text) => vec![self.table.text(text)],
            Constant::Number(number) => double(*number),
            Constant::Boolean(boolean) => vec![u32::from(*boolean)],
            Constant::Instant(milli) => double(*milli as f64),
            Constant::Version(numbers, pre) => {
                let mut operand = numbers.to_vec();
                if !pre.is_empty() {
                    operand.push(self.table.text(pre));
                }
                operand
            }
        }
    }
}

fn collect_texts(condition: &Condition, texts: &mut BTreeSet<String>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| collect_texts(part, texts)),
        Condition::Not(part) => collect_texts(part, texts),
        Condition::Segment(_) => {}
        Condition::Test(test) if matches!(test.operator, Operator::Is | Operator::In) => {
            texts.extend(test.constants.iter().filter_map(|constant| match constant {
                Constant::Text(text) => Some(text.clone()),
                _ => None,
            }));
        }
        Condition::Test(_) => {}
    }
}

fn double(number: f64) -> Vec<u32> {
    // -0 and 0 are one number, and one encoding.
    let bits = if number == 0.0 { 0 } else { number.to_bits() };
    vec![bits as u32, (bits >> 32) as u32]
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn record(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}
