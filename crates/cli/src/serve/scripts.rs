//! The inline scripts of a page, for its Content-Security-Policy.
//!
//! A page that comes from a file is as its author wrote it, so what is inline in it is as much "from here" as the file of a script: import
//! maps above all, which browsers take inline only. A script that anything adds to the page later has no hash, and does not run.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use html5gum::{DefaultEmitter, Token, Tokenizer};
use sha2::{Digest, Sha256};

/// The most scripts of one page: 54 bytes each, and some proxies take headers of 4 kB in all.
const MOST: usize = 32;

/// The sources of a policy that allow what is inline in a page, each once, in the order of their hashes: `'sha256-...'`. None where there
/// are over [`MOST`].
pub(crate) fn sources(html: &[u8]) -> Vec<String> {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut found = BTreeSet::new();
    // The text of the script that is open.
    let mut open: Option<Sha256> = None;
    for Ok(token) in Tokenizer::new_with_emitter(&String::from_utf8_lossy(html) as &str, emitter) {
        match token {
            Token::StartTag(tag) if **tag.name == *b"script" => {
                let attribute = |name: &[u8]| tag.attributes.get(name).map(|value| value.to_ascii_lowercase());
                let is_inline = attribute(b"src").is_none() && is_script(attribute(b"type").as_deref());
                open = is_inline.then(Sha256::new);
            }
            Token::String(text) => {
                if let Some(hash) = &mut open {
                    hash.update(&**text);
                }
            }
            Token::EndTag(tag) if **tag.name == *b"script" => {
                found.extend(open.take().map(|hash| format!("'sha256-{}'", STANDARD.encode(hash.finalize()))));
            }
            Token::StartTag(_) | Token::EndTag(_) | Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    if found.len() > MOST { Vec::new() } else { found.into_iter().collect() }
}

/// Whether a browser runs, or obeys, a script element of this type. Data, as JSON, needs no permission.
fn is_script(kind: Option<&[u8]>) -> bool {
    match kind.map(<[u8]>::trim_ascii) {
        None | Some(b"" | b"module" | b"importmap" | b"speculationrules") => true,
        Some(kind) => kind.ends_with(b"/javascript") || kind.ends_with(b"/ecmascript"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, scripts: &[&str]) {
        let mut expected: Vec<String> = scripts
            .iter()
            .map(|text| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes()))))
            .collect();
        expected.sort();
        assert_eq!(sources(html.as_bytes()), expected, "{html}");
    }

    #[test]
    fn inline_scripts_alone_are_hashed() {
        check("<h1>Shop</h1>", &[]);
        check("<script>run()</script>", &["run()"]);
        check("<SCRIPT Type=' Module '>\r\nrun() && '<p>'\r</Script >", &["\nrun() && '<p>'\n"]);
        check(
            "<script type=importmap>{\"imports\":{}}</script><script type=module>1</script>",
            &["{\"imports\":{}}", "1"],
        );
        check("<script type=text/javascript>1</script><script type=speculationrules>{}</script>", &["1", "{}"]);
        check(
            "<script src=a.js>1</script><script type=application/json>1</script><script type=text/plain>1</script>",
            &[],
        );
        check("<script>1</script><script>1</script>", &["1"]);
        check("<script></script>", &[""]);
    }

    #[test]
    fn what_is_no_script_is_not_hashed() {
        check("<!-- <script>1</script> --><p title='<script>2</script>'>", &[]);
        check("<textarea><script>1</script></textarea><title><script>2</script></title>", &[]);
        check("<style><script>1</script></style><script>3", &[]);
        check("<script><!-- <script>1</script> --></script>", &["<!-- <script>1</script> -->"]);
        check("<script>\u{e9}&amp;\0</script>", &["\u{e9}&amp;\u{fffd}"]);
    }

    #[test]
    fn a_page_of_too_many_scripts_gets_no_hashes() {
        let page = |count: usize| (0..count).map(|script| format!("<script>{script}</script>")).collect::<String>();
        assert_eq!(sources(page(MOST).as_bytes()).len(), MOST);
        assert_eq!(sources(page(MOST + 1).as_bytes()).len(), 0);
    }
}
