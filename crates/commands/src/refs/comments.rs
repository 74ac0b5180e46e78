//! Text without its comments. It is no parser: what it takes for a text or a pattern ends on its line, so that it is never far off.

use super::language::{SCRIPT, STYLE, Syntax};

/// Puts spaces in the place of comments. Lines stay, and so does every offset.
pub(super) fn blank(text: &mut [u8], syntax: Syntax) {
    if syntax.is_markup {
        markup(text);
    } else {
        let end = text.len();
        code(text, 0, end, syntax);
    }
}

/// What lies between tags has no comments but HTML's; scripts and styles have their own.
fn markup(text: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = find(text, at, b"<") {
        let section = [("<script", "</script", SCRIPT), ("<style", "</style", STYLE)];
        let section = section.into_iter().find(|(open, ..)| begins(text, found, open));
        at = match section {
            Some((_, close, syntax)) => {
                let start = find(text, found, b">").unwrap_or(text.len());
                let end = (start..text.len()).find(|at| begins(text, *at, close)).unwrap_or(text.len());
                code(text, start, end, syntax);
                end.max(found + 1)
            }
            None if begins(text, found, "<!--") => match find(text, found, b"-->") {
                Some(end) => {
                    spaces(text, found, end + 3);
                    end + 3
                }
                // One that does not end hides nothing: neither it nor a later one.
                None => return,
            },
            None => found + 1,
        };
    }
}

fn code(text: &mut [u8], start: usize, end: usize, syntax: Syntax) {
    let mut lexer = Lexer { syntax, end, line: 0, before: b'\n', nothing_until: [0; 5] };
    let mut at = start;
    while at < end {
        let (next, is_comment) = lexer.token(text, at);
        let next = next.min(end);
        if is_comment {
            spaces(text, at, next);
        } else if let Some(last) =
            text.get(at..next).unwrap_or_default().last().filter(|last| !last.is_ascii_whitespace())
        {
            lexer.before = *last;
        }
        at = next;
    }
}

/// What may fail to end, and is then not looked for again: else a hostile file would take the square of its length.
#[derive(Clone, Copy)]
enum Ends {
    Block,
    Double,
    Single,
    Pattern,
    Template,
}

struct Lexer {
    syntax: Syntax,
    end: usize,
    /// Where the line ends that was last looked at.
    line: usize,
    /// The last byte that is neither space nor comment.
    before: u8,
    /// By [`Ends`]: before this offset, nothing that begins so ends.
    nothing_until: [usize; 5],
}

impl Lexer {
    /// Where what begins here ends, and whether it is a comment.
    fn token(&mut self, text: &[u8], at: usize) -> (usize, bool) {
        let is = |mark: &str| begins(text, at, mark);
        if at >= self.line {
            self.line = find(text, at, b"\n").unwrap_or(text.len());
        }
        let line = self.line;
        // `https://` outside of quotes, as in the text of JSX, is none.
        let is_address = at > 0 && text.get(at - 1) == Some(&b':');
        if self.syntax.line.iter().any(|mark| is(mark)) && !is_address {
            return (line, true);
        }
        for (open, close) in self.syntax.block.iter().filter(|(open, _)| is(open)) {
            let end = self.ending(Ends::Block, at, |_| find(text, at + open.len(), close.as_bytes()), self.end);
            if let Some(end) = end {
                return (end + close.len(), true);
            }
        }
        let is_script = self.syntax.is_script;
        let end = match text.get(at) {
            Some(b'"') => self.ending(Ends::Double, at, |_| quoted(text, at, line), line),
            // `Don't`, in the text of JSX.
            Some(b'\'') if is_script && at > 0 && text.get(at - 1).is_some_and(u8::is_ascii_alphanumeric) => None,
            Some(b'\'') => self.ending(Ends::Single, at, |_| quoted(text, at, line), line),
            Some(b'`') if is_script => self.ending(Ends::Template, at, |end| template(text, at, end), self.end),
            // After a value, `/` divides; and `<` before it is the end of an element.
            Some(b'/') if is_script && b"(,=:[!&|?{;+-*%~^\n".contains(&self.before) => {
                self.ending(Ends::Pattern, at, |_| pattern(text, at, line), line)
            }
            _ => None,
        };
        (end.unwrap_or(at + 1), false)
    }

    /// Where it ends, if it does before `until`, behind which another one may.
    fn ending(&mut self, what: Ends, at: usize, find: impl Fn(usize) -> Option<usize>, until: usize) -> Option<usize> {
        let nothing_until = self.nothing_until.get_mut(what as usize)?;
        if at < *nothing_until {
            return None;
        }
        let found = find(self.end).filter(|end| *end <= until);
        if found.is_none() {
            *nothing_until = until;
        }
        found
    }
}

/// Behind the quote that ends a text on its line.
fn quoted(text: &[u8], start: usize, line: usize) -> Option<usize> {
    let quote = text.get(start)?;
    let mut at = start + 1;
    while at < line {
        match text.get(at)? {
            b'\\' => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

/// Behind the slash that ends a pattern on its line.
fn pattern(text: &[u8], start: usize, line: usize) -> Option<usize> {
    let (mut at, mut in_class) = (start + 1, false);
    while at < line {
        match text.get(at)? {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'/' if !in_class => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Behind the backtick that ends a template literal, with the code in it and its own literals.
fn template(text: &[u8], start: usize, end: usize) -> Option<usize> {
    // Whether we are in text; otherwise in code, one for each brace.
    let mut open = vec![true];
    let mut at = start + 1;
    while at < end {
        let byte = text.get(at)?;
        at += 1;
        match (open.last()?, byte) {
            (true, b'\\') => at += 1,
            (true, b'`') | (false, b'}') => {
                open.pop();
                if open.is_empty() {
                    return Some(at);
                }
            }
            (true, b'$') if text.get(at) == Some(&b'{') => {
                open.push(false);
                at += 1;
            }
            (false, b'{') => open.push(false),
            (false, b'`') => open.push(true),
            _ => {}
        }
    }
    None
}

fn begins(text: &[u8], at: usize, mark: &str) -> bool {
    text.get(at..at + mark.len()).is_some_and(|found| found.eq_ignore_ascii_case(mark.as_bytes()))
}

fn find(text: &[u8], from: usize, mark: &[u8]) -> Option<usize> {
    text.get(from..)?.windows(mark.len()).position(|found| found == mark).map(|found| from + found)
}

fn spaces(text: &mut [u8], from: usize, to: usize) {
    for byte in text.get_mut(from..to).unwrap_or_default().iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
        *byte = b' ';
    }
}
