//! Which files are searched, and how each language writes comments.

/// How a language writes comments, and what may look like one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Syntax {
    /// What begins a comment that ends with its line.
    pub(super) line: &'static [&'static str],
    /// What begins and ends a comment.
    pub(super) block: &'static [(&'static str, &'static str)],
    /// Whether it is JavaScript or TypeScript: it has template literals and patterns, and calls the getters.
    pub(super) is_script: bool,
    /// Whether it is markup, whose comments are those of HTML, with scripts and styles inside.
    pub(super) is_markup: bool,
}

const NONE: Syntax = Syntax { line: &[], block: &[], is_script: false, is_markup: false };
/// Comments as in C.
pub(super) const C: Syntax = Syntax { line: &["//"], block: &[("/*", "*/")], ..NONE };
pub(super) const STYLE: Syntax = Syntax { line: &[], ..C };
pub(super) const SCRIPT: Syntax = Syntax { is_script: true, ..C };
/// A script, then markup with expressions.
const ASTRO: Syntax = Syntax { block: &[("/*", "*/"), ("<!--", "-->")], ..SCRIPT };
const MARKUP: Syntax = Syntax { is_script: true, is_markup: true, ..NONE };
const TEMPLATE: Syntax = Syntax { is_markup: true, ..NONE };
const HASH: Syntax = Syntax { line: &["#"], ..NONE };
const PHP: Syntax = Syntax { line: &["//", "# "], ..C };

/// Endings of names, and what such files have.
const LANGUAGES: [(Syntax, &[&str]); 7] = [
    (SCRIPT, &["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"]),
    (MARKUP, &["html", "htm", "xhtml", "vue", "svelte"]),
    (ASTRO, &["astro", "mdx"]),
    (
        TEMPLATE,
        &[
            "ejs",
            "erb",
            "hbs",
            "handlebars",
            "mustache",
            "liquid",
            "twig",
            "njk",
            "jinja",
            "jinja2",
            "j2",
            "cshtml",
            "jsp",
        ],
    ),
    (
        C,
        &[
            "c", "cc", "cpp", "h", "hpp", "cs", "dart", "go", "groovy", "java", "kt", "kts", "m", "mm", "rs", "scala",
            "swift",
        ],
    ),
    (PHP, &["php"]),
    (HASH, &["cr", "ex", "exs", "jl", "pl", "pm", "py", "pyi", "rb", "sh", "bash"]),
];

/// How a file is read, by its name's ending; `None` if it is not searched.
pub(super) fn of(path: &str) -> Option<Syntax> {
    let ending = ending(path)?.to_ascii_lowercase();
    LANGUAGES.iter().find(|(_, endings)| endings.contains(&ending.as_str())).map(|(syntax, _)| *syntax)
}

/// Whether a file of a folder is searched: by its name, or because its ending is one of these.
pub(super) fn is_searched(name: &str, also: &[String]) -> bool {
    of(name).is_some() || ending(name).is_some_and(|ending| also.iter().any(|also| also.eq_ignore_ascii_case(ending)))
}

/// How a file is read that is searched because somebody asked for it.
pub(super) fn asked(path: &str) -> Syntax {
    of(path).unwrap_or(NONE)
}

/// What follows the last dot of a name; of a hidden file, none.
pub(super) fn ending(path: &str) -> Option<&str> {
    let name = path.rsplit(['/', '\\']).next()?;
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, ending)| ending)
}
