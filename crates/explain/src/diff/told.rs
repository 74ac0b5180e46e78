//! What a population gets, in lines of plain English.

use super::counts::Counts;
use super::effect::{Effect, FlagEffect, Got, Move, MoveKind, PhaseEffect};
use waft_ruleset::counted;

impl Effect {
    /// All of it, a line each, those that belong to another indented. Texts of files are in them as they are: print them escaped.
    pub fn lines(&self) -> Vec<String> {
        let mut people = counted(self.rows, "row");
        for (unit, count) in &self.units {
            people += &format!(", {}", counted(*count, &format!("distinct {unit}")));
        }
        let mut lines = vec![format!("population: {people}; columns {}", self.columns.join(", "))];
        if !self.ignored.is_empty() {
            lines.push(format!("  columns that are no attribute: {}", self.ignored.join(", ")));
        }
        if !self.simulated.is_empty() {
            lines.push(format!(
                "  simulated: the file has no ids of {}: ids were made up, one for each row and in no list; what that decides is an expected share, with the range in which it lies in 95 of 100 cases",
                self.simulated.join(", ")
            ));
        }
        let units: Vec<String> = self
            .moved_units
            .iter()
            .map(|(unit, count)| format!("{} of {}", counted(*count, unit), self.units.get(unit).unwrap_or(&0)))
            .collect();
        let units = if units.is_empty() { String::new() } else { format!(", {}", units.join(", ")) };
        lines.push(format!("moved: {}{units}: another value of at least one flag", share(&self.moved)));
        self.flags.iter().for_each(|flag| lines.extend(flag.lines()));
        for PhaseEffect { experiment, phase, at, switched } in &self.phases {
            let about = match (switched.units, switched.rows) {
                (Some(units), _) => units.to_string(),
                (None, Some(rows)) => counted(rows, "row"),
                (None, None) => share(switched),
            };
            lines.push(format!("experiment {experiment}: phase {phase}: re-randomised at {at}: about {about} switch"));
        }
        lines
    }
}

impl FlagEffect {
    fn lines(&self) -> Vec<String> {
        let unit = self.unit.as_deref();
        let mut lines = vec![format!("flag {}: {}: another value", self.flag, told(&self.changed, unit))];
        for Move { kind, before, after, counts, examples } in &self.moves {
            let note = match kind {
                MoveKind::Value => "",
                MoveKind::Variant => ", of equal value",
                MoveKind::Added => ", the flag is new",
                MoveKind::Removed => ", the flag is gone",
            };
            let named = if examples.is_empty() { String::new() } else { format!(", such as {}", examples.join(", ")) };
            let from = format!("{} -> {}", got(before), got(after));
            lines.push(format!("  {from}{note}: {}{named}", told(counts, unit)));
        }
        for (counts, what) in [
            (&self.became_unknown, "known to unknown, as an attribute is missing"),
            (&self.became_known, "unknown to known"),
        ] {
            if !counts.is_none() {
                lines.push(format!("  {what}: {}", told(counts, unit)));
            }
        }
        if !self.lacks.is_empty() {
            lines.push(format!("  may ask for what the file has no column for: {}", self.lacks.join(", ")));
        }
        lines
    }
}

fn got(Got { variant, value }: &Got) -> String {
    match (variant, value) {
        (Some(variant), Some(value)) => format!("{variant} ({value})"),
        (Some(variant), None) => variant.clone(),
        (None, _) => "the code's own default".to_owned(),
    }
}

fn told(counts: &Counts, unit: Option<&str>) -> String {
    match (counts.units, unit) {
        (Some(units), Some(unit)) => format!("{}, {}", share(counts), counted(units, unit)),
        _ => share(counts),
    }
}

fn share(Counts { rows, share, range, .. }: &Counts) -> String {
    let percent = |share: f64| format!("{} %", (share * 1e4).round() / 1e2);
    match (rows, range) {
        (Some(rows), _) => format!("{} ({})", counted(*rows, "row"), percent(*share)),
        (None, Some([low, high])) => {
            format!("expected {} ({} to {}), simulated", percent(*share), percent(*low), percent(*high))
        }
        (None, None) => percent(*share),
    }
}
