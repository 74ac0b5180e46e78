//! What a TypeScript file imports of its own package.

/// Paths as they are written, without those of types alone: those are gone when the code runs.
pub(crate) fn imports(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for start in ["from '", "import('", "import '"] {
        for (at, _) in text.match_indices(start) {
            let rest = &text[at + start.len()..];
            let Some(path) = rest.split('\'').next().filter(|path| path.starts_with('.')) else { continue };
            // The statement begins a line.
            let before = &text[..at];
            let statement =
                before.rfind("\nimport ").max(before.rfind("\nexport ")).map_or(before, |at| &before[at + 1..]);
            if !statement.starts_with("import type ") && !statement.starts_with("export type ") {
                found.push(path);
            }
        }
    }
    found
}
