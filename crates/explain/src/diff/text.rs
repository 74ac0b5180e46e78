//! A comparison in lines of plain English.

use super::change::{Change, PartChange};
use super::running::TrialChange;
use super::thing::Name;
use super::{Diff, FlagChange, SharedChange};
use waft_ruleset::counted;

impl Diff {
    /// All of it, a line each, those that belong to another indented. Texts of rulesets are in them as they are: print them escaped.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.headline()];
        for SharedChange { name, change, parts, reaches } in &self.shared {
            lines.push(format!("{name}: {}", word(*change)));
            lines.extend(parts.iter().map(|part| format!("  {}", line(part))));
            lines.push(format!(
                "  {}",
                if reaches.is_empty() { "reaches no flag".to_owned() } else { reached(reaches) }
            ));
        }
        for FlagChange { flag, change, parts, through, .. } in &self.flags {
            lines.push(format!("flag {flag}: {}", word(*change)));
            lines.extend(parts.iter().map(|part| format!("  {}", line(part))));
            if !through.is_empty() {
                let through: Vec<String> = through.iter().map(Name::to_string).collect();
                lines.push(format!("  through {}", listed(&through)));
            }
        }
        for trial in &self.running {
            lines.extend(running(trial));
        }
        lines.extend(self.population.iter().flat_map(super::Effect::lines));
        lines.extend(self.assumptions.iter().map(|told| format!("assumed: {told}")));
        lines
    }

    fn headline(&self) -> String {
        let count = |change| self.flags.iter().filter(|flag| flag.change == change).count();
        let kinds = [Change::Changed, Change::Reached, Change::Added, Change::Removed];
        let told: Vec<String> = kinds
            .into_iter()
            .map(|change| (count(change), word(change)))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", counted(count, "flag")))
            .collect();
        let told = if told.is_empty() { "no flag decides differently".to_owned() } else { told.join(", ") };
        format!("at {}: {told}; {} unchanged", self.at, self.unchanged)
    }
}

fn word(change: Change) -> &'static str {
    match change {
        Change::Added => "added",
        Change::Removed => "removed",
        Change::Changed => "changed",
        Change::Reached => "reached",
    }
}

fn line(PartChange { part, before, after }: &PartChange) -> String {
    match (before, after) {
        (Some(before), Some(after)) if before == after => format!("{part}: others than before: {after}"),
        (Some(before), Some(after)) => format!("{part}: {before} -> {after}"),
        (None, after) => format!("{part} added: {}", after.as_deref().unwrap_or("")),
        (Some(before), None) => format!("{part} removed: {before}"),
    }
}

fn reached(flags: &[String]) -> String {
    format!("reaches {}", listed(flags))
}

/// Some of a list, and how many more.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let some: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => some.join(", "),
        more => format!("{} and {more} more", some.join(", ")),
    }
}

fn running(TrialChange { name, flag, changes, rerandomised }: &TrialChange) -> Vec<String> {
    let mut lines = vec![format!("{name} of the flag {flag}, running:")];
    lines.extend(changes.iter().map(|change| format!("  {change}")));
    if let Some(phase) = rerandomised {
        let share = (phase.share * 1_000.0).round() / 10.0;
        lines.push(format!("  phase {} from {}: re-randomised: about {share} % switch", phase.phase, phase.at));
    }
    lines
}
