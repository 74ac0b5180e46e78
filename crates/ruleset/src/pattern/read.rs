//! RE2's syntax, read into parts. What Rust's `regex` crate and others read, too, and not alike, is refused: nobody gets the other one.
//!
//! tests/oracles/test_patterns.py holds this against RE2 itself.

use super::class::Class;
use super::unicode;

/// How many groups may stand in one another.
const DEPTH: usize = 100;
/// POSIX's names of classes, and their characters.
const POSIX: [(&str, &[(u32, u32)]); 14] = [
    ("alnum", &[(0x30, 0x39), (0x41, 0x5a), (0x61, 0x7a)]),
    ("alpha", &[(0x41, 0x5a), (0x61, 0x7a)]),
    ("ascii", &[(0, 0x7f)]),
    ("blank", &[(0x09, 0x09), (0x20, 0x20)]),
    ("cntrl", &[(0, 0x1f), (0x7f, 0x7f)]),
    ("digit", DIGIT),
    ("graph", &[(0x21, 0x7e)]),
    ("lower", &[(0x61, 0x7a)]),
    ("print", &[(0x20, 0x7e)]),
    ("punct", &[(0x21, 0x2f), (0x3a, 0x40), (0x5b, 0x60), (0x7b, 0x7e)]),
    ("space", &[(0x09, 0x0d), (0x20, 0x20)]),
    ("upper", &[(0x41, 0x5a)]),
    ("word", WORD),
    ("xdigit", &[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)]),
];
/// The characters of `\d`, `\w` and `\s`.
const DIGIT: &[(u32, u32)] = &[(0x30, 0x39)];
const WORD: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];
const SPACE: &[(u32, u32)] = &[(0x09, 0x0a), (0x0c, 0x0d), (0x20, 0x20)];

pub(super) enum Part {
    /// One character.
    Class(Class),
    Look(Look),
    /// One behind the other.
    All(Vec<Part>),
    Any(Vec<Part>),
    /// At least and at most so often.
    Repeated(Box<Part>, u32, Option<u32>),
}

/// What stands beside a place in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Start,
    End,
    LineStart,
    LineEnd,
    /// A character of `\w` on one side alone.
    Word,
    NotWord,
}

/// A pattern, or what is wrong with it.
pub(super) fn read(written: &str) -> Result<Part, String> {
    let mut reader = Reader { rest: written, flags: Flags::default(), depth: 0, is_repeated: false, are_flags: false };
    let part = reader.alternatives()?;
    match reader.rest {
        "" => Ok(part),
        _ => Err("`)` without `(`: write `\\)` for the character".to_owned()),
    }
}

#[derive(Clone, Copy, Default)]
struct Flags {
    /// `i`: both cases are meant.
    folds: bool,
    /// `m`: `^` and `$` are those of a line.
    lines: bool,
    /// `s`: `.` is a line feed, too.
    all: bool,
}

struct Reader<'w> {
    rest: &'w str,
    flags: Flags,
    /// How many groups are open.
    depth: usize,
    /// Whether the last part is a repetition, which RE2 does not repeat.
    is_repeated: bool,
    /// Whether the last part is `(?i)` or the like.
    are_flags: bool,
}

impl<'w> Reader<'w> {
    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    fn takes(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// What comes before an end, which is taken with it.
    fn takes_until(&mut self, end: &str) -> Option<&'w str> {
        let (before, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(before)
    }

    /// What stands between `|`, up to the end or to a `)`.
    fn alternatives(&mut self) -> Result<Part, String> {
        let (mut alternatives, mut parts) = (Vec::new(), Vec::new());
        while !self.rest.starts_with(')')
            && let Some(first) = self.next()
        {
            match first {
                '|' => {
                    (self.is_repeated, self.are_flags) = (false, false);
                    alternatives.push(Part::All(std::mem::take(&mut parts)));
                }
                _ => self.part(first, &mut parts)?,
            }
        }
        alternatives.push(Part::All(parts));
        Ok(Part::Any(alternatives))
    }

    /// Adds a part; a repetition takes the last one.
    fn part(&mut self, first: char, parts: &mut Vec<Part>) -> Result<(), String> {
        let is_repeated = std::mem::take(&mut self.is_repeated);
        let are_flags = std::mem::take(&mut self.are_flags);
        let look = |one, of_lines| Part::Look(if self.flags.lines { of_lines } else { one });
        match first {
            '*' | '+' | '?' | '{' if are_flags => {
                return Err("flags in front of a repetition are read one way here and another there".to_owned());
            }
            '*' => self.repeat(is_repeated, "*", (0, None), parts)?,
            '+' => self.repeat(is_repeated, "+", (1, None), parts)?,
            '?' => self.repeat(is_repeated, "?", (0, Some(1)), parts)?,
            '{' => match bounds(self.rest)? {
                Some((written, bounds)) => {
                    self.takes(written);
                    self.repeat(is_repeated, &format!("{{{written}"), bounds, parts)?;
                }
                None => parts.push(self.literal('{')),
            },
            '\\' => self.escape(parts)?,
            '[' => parts.push(self.class()?),
            '(' => parts.extend(self.group()?),
            '.' if self.flags.all => parts.push(Part::Class(Class::all())),
            '.' => parts.push(Part::Class(Class::of(&[(0x0a, 0x0a)]).negated())),
            '^' => parts.push(look(Look::Start, Look::LineStart)),
            '$' => parts.push(look(Look::End, Look::LineEnd)),
            _ => parts.push(self.literal(first)),
        }
        Ok(())
    }

    fn repeat(
        &mut self,
        is_repeated: bool,
        operator: &str,
        (least, most): (u32, Option<u32>),
        parts: &mut Vec<Part>,
    ) -> Result<(), String> {
        if is_repeated {
            return Err(format!("`{operator}` repeats a repetition: put that in parentheses"));
        }
        if most.is_some_and(|most| most < least) {
            return Err(format!("`{operator}` has its bounds the wrong way round"));
        }
        let last = parts.pop().ok_or_else(|| format!("`{operator}` has nothing in front of it to repeat"))?;
        parts.push(Part::Repeated(Box::new(last), least, most));
        self.is_repeated = true;
        // As few as possible: whether a text matches, it does not change.
        self.takes("?");
        Ok(())
    }

    fn literal(&self, character: char) -> Part {
        Part::Class(self.meant(Class::of(&[(u32::from(character), u32::from(character))]), false))
    }

    /// A class under the active flags, or all other characters.
    fn meant(&self, class: Class, is_negated: bool) -> Class {
        let class = if self.flags.folds { unicode::folded(class) } else { class };
        if is_negated { class.negated() } else { class }
    }

    fn group(&mut self) -> Result<Option<Part>, String> {
        let outer = self.flags;
        if self.takes("?") {
            if !self.takes("P<") && !self.takes("<") {
                return self.flags();
            }
            // Nobody asks for what a group matched: its name is checked, and left out.
            let name = self.takes_until(">").unwrap_or_default();
            if name.is_empty() || !name.chars().all(|char| char.is_alphanumeric() || char == '_') {
                return Err("look-behind, or a group whose name is none".to_owned());
            }
        }
        self.inside(outer).map(Some)
    }

    /// What stands in a group, and its end. Flags that are set in it end with it.
    fn inside(&mut self, outer: Flags) -> Result<Part, String> {
        if self.depth >= DEPTH {
            return Err(format!("more than {DEPTH} groups in one another"));
        }
        self.depth += 1;
        let part = self.alternatives()?;
        self.depth -= 1;
        (self.flags, self.is_repeated, self.are_flags) = (outer, false, false);
        if self.takes(")") { Ok(part) } else { Err("a group that does not end".to_owned()) }
    }

    /// `i-s)` or `i-s:` and what stands in that group.
    fn flags(&mut self) -> Result<Option<Part>, String> {
        let outer = self.flags;
        let (mut flags, mut is_off, mut has_off) = (outer, false, false);
        loop {
            match self.next().ok_or("a group that does not end")? {
                '-' if !is_off => is_off = true,
                flag @ ('i' | 'm' | 's' | 'U') => {
                    has_off |= is_off;
                    match flag {
                        'i' => flags.folds = !is_off,
                        'm' => flags.lines = !is_off,
                        's' => flags.all = !is_off,
                        // As few as possible, as with `?`.
                        _ => {}
                    }
                }
                end @ (':' | ')') if !is_off || has_off => {
                    self.flags = flags;
                    self.are_flags = end == ')';
                    return if self.are_flags { Ok(None) } else { self.inside(outer).map(Some) };
                }
                '=' | '!' => return Err("look-around".to_owned()),
                other => return Err(format!("`{other}` behind `(?`: there are the flags i, m, s and U")),
            }
        }
    }

    fn escape(&mut self, parts: &mut Vec<Part>) -> Result<(), String> {
        match self.next().ok_or("a \\ at the end")? {
            'A' => parts.push(Part::Look(Look::Start)),
            'z' => parts.push(Part::Look(Look::End)),
            'b' => parts.push(Part::Look(Look::Word)),
            'B' => parts.push(Part::Look(Look::NotWord)),
            'Q' => {
                let quoted = self.takes_until("\\E").unwrap_or_else(|| std::mem::take(&mut self.rest));
                parts.extend(quoted.chars().map(|character| self.literal(character)));
            }
            letter => match self.named_class(letter)? {
                Some(class) => parts.push(Part::Class(class)),
                None => {
                    let character = self.character(letter)?;
                    parts.push(self.literal(character));
                }
            },
        }
        Ok(())
    }

    /// Perl's and Unicode's classes, in brackets or not. Perl's are ASCII: much smaller as tables.
    fn named_class(&mut self, letter: char) -> Result<Option<Class>, String> {
        let is_negated = letter.is_ascii_uppercase();
        let (class, is_negated) = match letter.to_ascii_lowercase() {
            'd' => (Class::of(DIGIT), is_negated),
            'w' => (Class::of(WORD), is_negated),
            's' => (Class::of(SPACE), is_negated),
            'p' => self.property(is_negated)?,
            _ => return Ok(None),
        };
        Ok(Some(self.meant(class, is_negated)))
    }

    fn property(&mut self, is_negated: bool) -> Result<(Class, bool), String> {
        let name = match self.takes("{") {
            true => self.takes_until("}").ok_or("\\p{ without }")?,
            false => {
                let length = self.rest.chars().next().map_or(0, char::len_utf8);
                let (name, rest) = self.rest.split_at_checked(length).unwrap_or_default();
                self.rest = rest;
                name
            }
        };
        let (is_negated, name) = match name.strip_prefix('^') {
            Some(name) => (!is_negated, name),
            None => (is_negated, name),
        };
        let class = unicode::category(name).or_else(|| unicode::script(name));
        let class = class
            .ok_or_else(|| format!("\\p{{{name}}}: expected a category, such as Lu, or a script, such as Greek"))?;
        Ok((class, is_negated))
    }

    /// One character, behind a backslash.
    fn character(&mut self, letter: char) -> Result<char, String> {
        let code = match letter {
            'a' => 0x07,
            'f' => 0x0c,
            'n' => 0x0a,
            'r' => 0x0d,
            't' => 0x09,
            'v' => 0x0b,
            'x' if self.takes("{") => {
                let digits = self.takes_until("}").filter(|digits| digits.chars().all(|char| char.is_ascii_hexdigit()));
                digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or("\\x{ without digits and }")?
            }
            'x' => {
                let digits = self.digits(2, 16);
                if digits.len() < 2 {
                    return Err("\\x without two digits".to_owned());
                }
                u32::from_str_radix(digits, 16).map_err(|error| error.to_string())?
            }
            '0'..='7' => {
                let digits = self.digits(2, 8);
                if letter != '0' && digits.is_empty() {
                    return Err(format!("`\\{letter}` is a back reference"));
                }
                u32::from_str_radix(&format!("{letter}{digits}"), 8).map_err(|error| error.to_string())?
            }
            _ if letter.is_ascii() && !letter.is_ascii_alphanumeric() => u32::from(letter),
            _ => return Err(format!("`\\{letter}` is no escape of RE2's")),
        };
        char::from_u32(code).ok_or_else(|| format!("no text has the character {code:x}"))
    }

    /// At most so many digits.
    fn digits(&mut self, most: usize, radix: u32) -> &'w str {
        let length = self.rest.chars().take(most).take_while(|char| char.is_digit(radix)).count();
        let (digits, rest) = self.rest.split_at_checked(length).unwrap_or_default();
        self.rest = rest;
        digits
    }

    fn class(&mut self) -> Result<Part, String> {
        let open = "a class that does not end";
        let is_negated = self.takes("^");
        let mut class = Class::default();
        let start = self.rest;
        loop {
            let is_first = self.rest.len() == start.len();
            for written in ["&&", "--", "~~"] {
                if self.rest.starts_with(written) {
                    return Err(format!(
                        "`{written}` in a class is read one way here and another there: write `\\` before each"
                    ));
                }
            }
            match self.next().ok_or(open)? {
                ']' if !is_first => break,
                '[' if self.rest.starts_with(':') && self.rest.contains(":]") => class.add_all(&self.posix()?),
                '[' => return Err("`[` in a class is read one way here and another there: write `\\[`".to_owned()),
                '\\' => {
                    let letter = self.next().ok_or(open)?;
                    match self.named_class(letter)? {
                        Some(named) => class.add_all(&named),
                        None => {
                            let low = self.character(letter)?;
                            self.range(low, &mut class)?;
                        }
                    }
                }
                first => self.range(first, &mut class)?,
            }
        }
        Ok(Part::Class(self.meant(class, is_negated)))
    }

    fn posix(&mut self) -> Result<Class, String> {
        self.takes(":");
        let name = self.takes_until(":]").unwrap_or_default();
        let (is_negated, plain) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
        let (_, ranges) =
            POSIX.iter().find(|(other, _)| *other == plain).ok_or_else(|| format!("there is no class [:{name}:]"))?;
        Ok(self.meant(Class::of(ranges), is_negated))
    }

    /// A character of a class, or a range that begins with it.
    fn range(&mut self, low: char, class: &mut Class) -> Result<(), String> {
        let is_alone = ["-]", "--"].iter().any(|behind| self.rest.starts_with(behind)) || self.rest == "-";
        if is_alone || !self.takes("-") {
            class.add(u32::from(low), u32::from(low));
            return Ok(());
        }
        let high = match self.next().ok_or("a class that does not end")? {
            '\\' => {
                let letter = self.next().ok_or("a class that does not end")?;
                self.character(letter)?
            }
            '[' => return Err("`[` in a class is read one way here and another there: write `\\[`".to_owned()),
            other => other,
        };
        if high < low {
            return Err(format!("the range {low}-{high} is the wrong way round"));
        }
        class.add(u32::from(low), u32::from(high));
        Ok(())
    }
}

/// The bounds of a repetition behind their `{`, as they are written with the `}`, and how often: `3}`, `3,}` or `3,5}`. Anything else is text for RE2.
#[expect(clippy::type_complexity, reason = "least and most, as a repetition has them")]
fn bounds(rest: &str) -> Result<Option<(&str, (u32, Option<u32>))>, String> {
    let Some(end) = rest.find('}') else { return Ok(None) };
    let (inside, _) = rest.split_at_checked(end).unwrap_or_default();
    let is_number = |digits: &str| {
        digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'))
            && !digits.is_empty()
    };
    let number = |digits: &str| digits.parse::<u32>().map_err(|_| format!("`{{{inside}}}` is too often"));
    let (low, high) = inside.split_once(',').map_or((inside, None), |(low, high)| (low, Some(high)));
    if is_number(low) && high.is_none_or(|high| high.is_empty() || is_number(high)) {
        let least = number(low)?;
        let most = match high {
            None => Some(least),
            Some("") => None,
            Some(high) => Some(number(high)?),
        };
        return Ok(rest.get(..=end).map(|written| (written, (least, most))));
    }
    let is_nearly = |digits: &str| digits.trim().bytes().all(|byte| byte.is_ascii_digit());
    if !low.trim().is_empty() && is_nearly(low) && high.is_none_or(is_nearly) {
        return Err(format!("`{{{inside}}}` is read one way here and another there: write no spaces and no leading 0"));
    }
    Ok(None)
}
