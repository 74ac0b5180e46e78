//! A checked ruleset, compiled for one environment into the table that the engine reads in place.

use std::collections::{BTreeMap, BTreeSet};

use waft::limits;
use waft::table::Section;

use crate::compiler::{Compiler, Cost, record, words};
use crate::condition::collect_texts;
use crate::hidden;
use crate::rule;
use crate::snapshot::{Code, Table};
use waft_ruleset::finding::{self, Place};
use waft_ruleset::{FlagBody, Ruleset, counted, order};

/// Room for headers, the manifest and as many signatures as there may be.
const ENVELOPE_BYTES: usize = limits::MANIFEST_BYTES + (limits::SIGNATURES + 1) * 1_024;

/// The code of what takes too long to decide.
const TOO_MUCH: finding::Code = finding::Code::DecisionTooLarge;

/// The body of a snapshot, and the files of its large lists in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// The table.
    pub body: Vec<u8>,
    /// Sorted fingerprints.
    pub lists: Vec<Vec<u8>>,
}

/// What the format cannot hold of a ruleset that is otherwise sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// The finding's code.
    pub code: finding::Code,
    /// Where it is written.
    pub place: Place,
    /// Which part, and what to do.
    pub what: String,
}

/// Compiles. The same ruleset and environment give the same bytes.
pub fn compile(ruleset: &Ruleset, environment: usize) -> Result<Compiled, TooLarge> {
    let mut flags: Vec<(&str, &FlagBody)> =
        ruleset.flags.iter().map(|flag| (flag.name.as_str(), flag.item.within(environment))).collect();
    let hidden = hidden::flags(ruleset, &flags);
    flags.extend(hidden.iter().map(|(key, body)| (key.as_str(), body)));
    order::sort(&mut flags, |left, right| left.0.as_bytes().cmp(right.0.as_bytes()));
    let (table, constants) = (Table::default(), BTreeMap::new());
    let (lists, costs) = (Vec::new(), Vec::new());
    let mut compiler = Compiler { ruleset, environment, flags, table, constants, lists, costs };
    compiler.constants = compiler.collect_constants();
    compiler.run()?;
    let too_large = |what| TooLarge { code: finding::Code::SnapshotTooLarge, place: ruleset.project_place, what };
    for section in Section::ALL {
        let (count, most) = (compiler.table.count(section) as usize, section.most());
        if count > most {
            return Err(too_large(format!("the ruleset has {count} {}, a snapshot at most {most}", held(section))));
        }
    }
    let body = compiler.table.finish();
    let most = limits::SNAPSHOT_BYTES - ENVELOPE_BYTES;
    if body.len() > most {
        return Err(too_large(format!("the ruleset compiles to {} bytes, a snapshot has at most {most}", body.len())));
    }
    Ok(Compiled { body, lists: compiler.lists })
}

/// What the records of a section are, as people call it.
const fn held(section: Section) -> &'static str {
    match section {
        Section::Text => "bytes of text",
        Section::Constants => "texts in conditions",
        Section::Attributes => "attributes",
        Section::Units => "units",
        Section::Flags => "flags",
        Section::Variants => "variants",
        Section::Code => "words of rules and conditions",
        Section::Segments => "segments",
        Section::Phases => "phases",
        Section::Splits => "splits",
        Section::Arms => "arms of splits",
        Section::Gates => "trials with a layer or a salt of their own",
        Section::Ranges => "ranges of layers",
        Section::Layers => "layers",
        Section::Lists => "lists",
        Section::Fingerprints => "ids in lists",
        Section::Patterns => "bytes of patterns",
        Section::Steps => "steps",
    }
}

impl Compiler<'_> {
    fn collect_constants(&self) -> BTreeMap<String, u32> {
        let mut texts = BTreeSet::new();
        let rules = self.flags.iter().flat_map(|(_, body)| &body.rules);
        rules
            .filter_map(|rule| rule.item.condition.as_ref())
            .for_each(|condition| collect_texts(condition, &mut texts));
        self.ruleset.segments.iter().for_each(|segment| collect_texts(&segment.item.condition, &mut texts));
        let holdouts = self.ruleset.holdouts.iter().filter_map(|holdout| holdout.item.except.as_ref());
        holdouts.for_each(|condition| collect_texts(condition, &mut texts));
        let targets = self.flags.iter().flat_map(|(_, body)| &body.targets);
        let conditions = targets.flat_map(rule::target_conditions);
        conditions.for_each(|condition| collect_texts(&condition, &mut texts));
        order::ordered(texts.into_iter().zip(0..))
    }

    fn run(&mut self) -> Result<(), TooLarge> {
        self.texts();
        self.declarations();
        self.segments()?;
        for (name, body) in self.flags.clone() {
            self.flag(name, body).map_err(|what| self.too_large(name, finding::Code::SnapshotTooLarge, what))?;
        }
        self.check_costs()?;
        // Keys of one length and flags of one shape, as generated rulesets have: a fifth of the bytes on the wire.
        let steps = [0, 4].map(|place| self.table.take_steps(Section::Flags, place));
        if steps != [0, 0] {
            self.table.push(Section::Steps, &words(&steps));
        }
        Ok(())
    }

    /// Keys stand side by side: a look-up by bisection meets few lines of memory, and a key's offset says little new.
    fn texts(&mut self) {
        for (name, _) in &self.flags {
            self.table.text(name);
        }
        for text in self.constants.keys() {
            let offset = self.table.text(text);
            self.table.push(Section::Constants, &offset.to_le_bytes());
        }
    }

    fn declarations(&mut self) {
        let ruleset = self.ruleset;
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
        for list in &ruleset.lists {
            self.list(list);
        }
    }

    fn segments(&mut self) -> Result<(), TooLarge> {
        let mut all = 0;
        for segment in &self.ruleset.segments {
            let mut code = Code::default();
            self.condition(&segment.item.condition, &mut code);
            let (name, title) = (self.table.text(&segment.name), self.table.text(&segment.item.title));
            let first = self.table.share(Section::Code, &code.to_bytes());
            let count = code.0.len() as u32;
            self.table.push(Section::Segments, &words(&[name, title, first, count]));
            all += count;
            if all > limits::SEGMENT_WORDS {
                let what = format!("all segments together have over {} words", limits::SEGMENT_WORDS);
                return Err(TooLarge { code: TOO_MUCH, place: segment.place, what });
            }
        }
        Ok(())
    }

    /// What each flag takes to decide, with those that it needs.
    fn check_costs(&self) -> Result<(), TooLarge> {
        for ((name, _), cost) in self.flags.iter().zip(&self.costs) {
            let needs = cost.needs.iter().filter_map(|flag| self.costs.get(*flag as usize));
            let words = cost.words + needs.map(|needed| needed.words).sum::<u32>();
            if words > limits::DECISION_WORDS {
                let (flags, most) = (cost.needs.len(), limits::DECISION_WORDS);
                let needed = counted(flags, "flag");
                let what = format!("flag `{name}` and the {needed} it needs have {words} words, at most {most}");
                return Err(self.too_large(name, TOO_MUCH, what));
            }
        }
        Ok(())
    }

    fn too_large(&self, flag: &str, code: finding::Code, what: String) -> TooLarge {
        let flag = self.ruleset.flags.iter().find(|named| named.name == flag);
        TooLarge { code, place: flag.map_or(Place::default(), |flag| flag.place), what }
    }

    fn flag(&mut self, name: &str, body: &FlagBody) -> Result<(), String> {
        let variants: Vec<u8> = body
            .variants
            .iter()
            .flat_map(|(key, value)| words(&[self.table.text(key), self.table.text(&value.to_string())]))
            // Neither a key nor a value: the caller's default.
            .chain(body.when_off.is_none().then(|| words(&[0, 0])).into_iter().flatten())
            .collect();
        let variants = self.table.share(Section::Variants, &variants);
        let mut code = Code::default();
        self.costs.push(Cost::default());
        let prelude = self.prelude(name, body, &mut code)?;
        for rule in &body.rules {
            self.rule(name, rule, body, &mut code)?;
        }
        let rules = prelude + body.rules.len();
        let rule_count = u8::try_from(rules)
            .map_err(|_| format!("flag `{name}` has {rules} rules, with its prerequisites and targets: at most 255"))?;
        let code = self.table.share(Section::Code, &code.to_bytes());
        let key = self.table.text(name);
        let small = [
            rule_count,
            (body.variants.len() + usize::from(body.when_off.is_none())) as u8,
            body.kind as u8,
            u8::from(body.enabled),
            body.when_off.unwrap_or(body.variants.len()) as u8,
            body.default as u8,
            prelude as u8,
            0,
        ];
        self.table.push(Section::Flags, &record(&[&words(&[key, code, variants]), &small]));
        Ok(())
    }
}
