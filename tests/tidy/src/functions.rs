//! How long functions are. Both languages are formatted, so a function ends with the first `}` that is indented like its start.

use crate::source::File;

/// A function's name or first line, its line, and how many lines it has with its braces.
pub fn functions(file: &File) -> Vec<(String, usize, usize)> {
    let lines: Vec<&str> = file.text.lines().collect();
    let is_rust = file.path.ends_with(".rs");
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let start = line.trim_start();
        let name = if is_rust { rust_function(start) } else { script_function(start) };
        let Some(name) = name else { continue };
        let indent = line.len() - start.len();
        let closes =
            |line: &&str| line.len() > indent && line[..indent].trim().is_empty() && line[indent..].starts_with('}');
        // A declaration without a body, and a function on one line, end before any other begins.
        if line.ends_with(';') || (line.contains('{') && line.ends_with('}')) {
            continue;
        }
        let Some(length) = lines[at + 1..].iter().position(closes) else { continue };
        found.push((name, at + 1, length + 2));
    }
    found
}

/// The name, if a function begins here.
fn rust_function(line: &str) -> Option<String> {
    if line.starts_with("//") {
        return None;
    }
    let before = line.split(['(', '<', '"']).next()?;
    let (modifiers, name) = before.rsplit_once("fn ")?;
    let plain = modifiers.split_whitespace().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()));
    plain.then(|| name.to_owned())
}

/// The name, or the line where there is none, if a body of a function begins on it: after the parameters, or after an arrow. Loops
/// and conditions look alike, and are in a function that is longer.
fn script_function(line: &str) -> Option<String> {
    let head = line.strip_suffix('{')?.trim_end();
    let others = ["for ", "if ", "while ", "switch ", "} ", "//", "*", "class ", "export class "];
    if others.iter().any(|word| line.starts_with(word)) {
        return None;
    }
    let returns = |(before, _): (&str, &str)| before.ends_with(')');
    if !head.ends_with(')') && !head.ends_with("=>") && !head.rsplit_once(": ").is_some_and(returns) {
        return None;
    }
    let name = head.split('(').next()?.split_whitespace().last();
    Some(name.unwrap_or(head).to_owned())
}
