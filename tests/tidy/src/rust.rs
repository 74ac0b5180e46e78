//! What a Rust file names of its own crate.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::vec::IntoIter;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

type Tokens = Peekable<IntoIter<TokenTree>>;

/// The paths in a file, outside `#[cfg(test)]`.
#[derive(Default)]
pub(crate) struct Names {
    /// What `use` brings in, by the name it has here. Several for `*`.
    pub(crate) uses: BTreeMap<String, Vec<Vec<String>>>,
    /// Paths of two segments and more.
    pub(crate) paths: Vec<Vec<String>>,
}

impl Names {
    pub(crate) fn of(text: &str) -> Self {
        let mut names = Self::default();
        names.read(text.parse().expect("what compiles is Rust"));
        names
    }

    fn read(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().collect::<Vec<_>>().into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(mark) if mark.as_char() == '#' => {
                    let attribute = tokens.peek().map(|token| token.to_string().replace(' ', ""));
                    if attribute.is_some_and(|attribute| attribute.starts_with("[cfg(test)]")) {
                        skip_item(&mut tokens);
                    }
                }
                TokenTree::Ident(word) if word == "use" => self.read_use(&mut tokens, &mut Vec::new()),
                TokenTree::Ident(word) => {
                    let mut path = vec![word.to_string()];
                    while let Some(segment) = next_segment(&mut tokens) {
                        path.push(segment);
                    }
                    if path.len() > 1 {
                        self.paths.push(path);
                    }
                }
                TokenTree::Group(group) => self.read(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// One tree of a `use`: what stands before a comma or the end.
    fn read_use(&mut self, tokens: &mut Tokens, path: &mut Vec<String>) {
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    if let Some(TokenTree::Ident(name)) = tokens.next() {
                        self.uses.entry(name.to_string()).or_default().push(std::mem::take(path));
                    }
                }
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let mut inner = group.stream().into_iter().collect::<Vec<_>>().into_iter().peekable();
                    while inner.peek().is_some() {
                        self.read_use(&mut inner, &mut path.clone());
                    }
                    path.clear();
                }
                TokenTree::Punct(mark) if mark.as_char() == '*' => path.push("*".to_owned()),
                TokenTree::Punct(mark) if matches!(mark.as_char(), ',' | ';') => break,
                TokenTree::Punct(_) | TokenTree::Group(_) | TokenTree::Literal(_) => {}
            }
        }
        // `use a::b::{self}` brings in b.
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        if let Some(name) = path.last().cloned() {
            self.uses.entry(name).or_default().push(std::mem::take(path));
        }
    }
}

/// Leaves out the item that an attribute stands in front of: up to a semicolon, or its braces.
fn skip_item(tokens: &mut Tokens) {
    for token in tokens.by_ref() {
        let ends = match token {
            TokenTree::Punct(mark) => mark.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        if ends {
            break;
        }
    }
}

/// What follows `::`, if that comes next and a name after it.
fn next_segment(tokens: &mut Tokens) -> Option<String> {
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ':');
    let mut ahead = tokens.clone();
    if !ahead.next().is_some_and(|token| is_colon(&token)) || !ahead.next().is_some_and(|token| is_colon(&token)) {
        return None;
    }
    let Some(TokenTree::Ident(name)) = ahead.next() else { return None };
    *tokens = ahead;
    Some(name.to_string())
}
