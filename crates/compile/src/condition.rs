//! Conditions, compiled into postfix operations.

use std::collections::BTreeSet;

use waft::operators::Operator;
use waft::semver::Version;
use waft::table::{ABSENT, Section};

use crate::compiler::Compiler;
use crate::snapshot::Code;
use waft_ruleset::{Condition, Constant, Test, order};

/// The most words of operands of one operation.
const OPERANDS: usize = 254;

impl Compiler<'_> {
    /// Adds a condition to code.
    pub(crate) fn condition(&mut self, condition: &Condition, code: &mut Code) {
        match condition {
            Condition::All(parts) => self.combination(Operator::All, parts, code),
            Condition::Any(parts) => self.combination(Operator::Any, parts, code),
            Condition::Not(part) => {
                self.condition(part, code);
                code.operation(Operator::Not, 1, &[]);
            }
            Condition::Segment(index) => code.operation(Operator::Segment, *index as u16, &[]),
            Condition::Flag(named) => {
                let operands = self.flag_operands(&named.name, &named.item);
                code.operation(Operator::Flag, 0, &operands);
            }
            Condition::Share(share) => {
                let salt = self.table.text(&share.salt);
                let operands = [salt, share.range.from.bound().0, share.range.to.bound().0];
                code.operation(Operator::Share, share.unit as u16, &operands);
            }
            Condition::List(index) => {
                let attribute = self.ruleset.lists.get(*index).map_or(0, |list| list.item.attribute);
                code.operation(Operator::List, attribute as u16, &[*index as u32]);
            }
            Condition::Test(test) if test.operator == Operator::In => self.membership(test, code),
            Condition::Test(test) if test.operator == Operator::Id => {
                let indices = self.indices(test);
                self.in_parts(Operator::Id, test, &indices, OPERANDS, code);
            }
            Condition::Test(test) => {
                if let Some((orders, version)) = large_version(test) {
                    let text = self.table.text(version);
                    return code.operation(Operator::SemverText, test.attribute as u16, &[orders, text]);
                }
                let operands: Vec<Vec<u32>> =
                    test.constants.iter().map(|constant| self.operand(test.operator, constant)).collect();
                let width = operands.first().map_or(1, Vec::len);
                self.in_parts(test.operator, test, &operands.concat(), OPERANDS / width * width, code);
            }
        }
    }

    /// The index of a flag in the table, and those of its variants among the flag's.
    fn flag_operands(&self, name: &str, variants: &[String]) -> Vec<u32> {
        let Some(flag) = self.ruleset.flags.iter().find(|flag| flag.name == name) else { return vec![ABSENT] };
        let own = &flag.item.within(self.environment).variants;
        let indices = variants.iter().filter_map(|variant| own.iter().position(|(key, _)| key == variant));
        let index = self.flag_index(name).unwrap_or(ABSENT);
        std::iter::once(index).chain(indices.map(|index| index as u32)).collect()
    }

    /// The texts that an attribute is compared with whole, as indices of constants in ascending order.
    fn indices(&mut self, test: &Test) -> Vec<u32> {
        let indices = test.constants.iter().flat_map(|constant| self.operand(test.operator, constant));
        let mut indices: Vec<u32> = indices.collect();
        order::sort_numbers(&mut indices, &|one, other| one.cmp(&other));
        indices
    }

    /// A list of texts, as indices of 16 bits where they fit.
    fn membership(&mut self, test: &Test, code: &mut Code) {
        let indices = self.indices(test);
        if indices.last().is_some_and(|last| *last > u32::from(u16::MAX)) {
            return self.in_parts(Operator::InWide, test, &indices, OPERANDS, code);
        }
        let pairs: Vec<u32> = indices
            .chunks(2)
            .map(|pair| match pair {
                [low, high] => low | high << 16,
                // Half a word is left: the last index is written twice.
                [last] | [last, ..] => last | last << 16,
                [] => 0,
            })
            .collect();
        self.in_parts(Operator::In, test, &pairs, OPERANDS, code);
    }

    /// An operation has `room` for operands: a longer list becomes several operations, joined by any or all.
    fn in_parts(&self, operator: Operator, test: &Test, operands: &[u32], room: usize, code: &mut Code) {
        let slot = test.attribute as u16;
        if operands.is_empty() {
            return code.operation(operator, slot, &[]);
        }
        for (index, part) in operands.chunks(room).enumerate() {
            code.operation(operator, slot, part);
            if index > 0 {
                let whole = if operator == Operator::HasAll { Operator::All } else { Operator::Any };
                code.operation(whole, 2, &[]);
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
            Constant::Text(text) if is_whole(operator) => {
                vec![self.constants.get(text).copied().unwrap_or(ABSENT)]
            }
            Constant::Text(text) => vec![self.table.text(text)],
            Constant::Number(number) => double(*number),
            Constant::Boolean(boolean) => vec![u32::from(*boolean)],
            Constant::Instant(milli) => double(*milli as f64),
            Constant::Distances(from, to) => [double(*from as f64), double(*to as f64)].concat(),
            Constant::Count(least, most) => vec![*least, *most],
            Constant::Pattern(table, written) => {
                vec![self.table.share(Section::Patterns, table), self.table.text(written)]
            }
            Constant::Version(version) => {
                let numbers = Version::parse(version.as_bytes()).map_or([0; 3], |version| version.numbers);
                if let Some((_, pre)) = version.split_once('-') {
                    return [numbers.as_slice(), &[self.table.text(pre)]].concat();
                }
                // A reader takes a patch that is not there for 0, as most written ones are. A minor 0 stays: flags of one
                // shape then have code of one length, which steps take off their offsets.
                match numbers {
                    [major, minor, 0] => vec![major, minor],
                    numbers => numbers.to_vec(),
                }
            }
        }
    }
}

/// The version that a test compares with, if a number of it does not fit into a word, and the orders in which the test holds: 1
/// lower, 2 the same, 4 higher.
fn large_version(test: &Test) -> Option<(u32, &str)> {
    let [Constant::Version(version)] = test.constants.as_slice() else { return None };
    let orders = match test.operator {
        Operator::SemverLess => 1,
        Operator::SemverIs => 2,
        Operator::SemverLessOrEqual => 3,
        Operator::SemverGreater => 4,
        Operator::SemverGreaterOrEqual => 6,
        _ => return None,
    };
    let numbers = Version::parse(version.as_bytes())?.numbers;
    numbers.contains(&u32::MAX).then_some((orders, version))
}

/// The texts that a condition compares whole: the context's texts become indices among them.
pub(crate) fn collect_texts(condition: &Condition, texts: &mut BTreeSet<String>) {
    condition.walk(&mut |part| {
        let Condition::Test(test) = part else { return };
        if is_whole(test.operator) {
            texts.extend(test.constants.iter().filter_map(|constant| match constant {
                Constant::Text(text) => Some(text.clone()),
                _ => None,
            }));
        }
    });
}

fn is_whole(operator: Operator) -> bool {
    matches!(operator, Operator::Is | Operator::In | Operator::Id | Operator::HasAny | Operator::HasAll)
}

fn double(number: f64) -> Vec<u32> {
    // -0 and 0 are one number, and one encoding.
    let bits = if number == 0.0 { 0 } else { number.to_bits() };
    vec![bits as u32, (bits >> 32) as u32]
}
