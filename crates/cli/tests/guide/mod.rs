//! The commands of docs/releases.md and others, for the tests that run them as they are written.

const GUIDE: &str = include_str!("../../../../docs/releases.md");

/// The lines of a section's blocks of some languages (`sh`), in their order.
pub(crate) fn commands(section: &str, languages: &[&str]) -> Vec<&'static str> {
    let (_, after) = GUIDE.split_once(&format!("\n## {section}\n")).unwrap();
    commands_of(after.split("\n## ").next().unwrap(), languages)
}

/// The same of a whole text.
pub(crate) fn commands_of<'t>(text: &'t str, languages: &[&str]) -> Vec<&'t str> {
    let mut lines = Vec::new();
    let mut is_taken = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(language) => is_taken = languages.contains(&language),
            None if is_taken => lines.push(line),
            None => {}
        }
    }
    lines
}
