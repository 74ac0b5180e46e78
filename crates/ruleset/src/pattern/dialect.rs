//! RE2's syntax in that of the crate that makes the tables. What both read, and not alike, is refused: nobody gets the other one.
//!
//! tests/oracles/test_patterns.py holds this against RE2 itself.

/// POSIX's names of classes.
const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
];
/// Unicode's general categories. `C` is apart: RE2's has nothing that is not assigned.
const CATEGORIES: [&str; 36] = [
    "Cc", "Cf", "Co", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl", "No", "P", "Pc", "Pd",
    "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs", "Any", "Cs",
];
/// The characters of `\s`.
const SPACE: &str = "\\t\\n\\x0c\\r\\x20";

/// A pattern in the crate's syntax, or what is wrong with it.
pub(super) fn translate(written: &str) -> Result<String, String> {
    let mut reader =
        Reader { rest: written, out: String::with_capacity(written.len()), is_repeated: false, are_flags: false };
    while let Some(first) = reader.next() {
        reader.part(first)?;
    }
    Ok(reader.out)
}

struct Reader<'w> {
    rest: &'w str,
    out: String,
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

    fn part(&mut self, first: char) -> Result<(), String> {
        let is_repeated = std::mem::take(&mut self.is_repeated);
        let are_flags = std::mem::take(&mut self.are_flags);
        match first {
            '*' | '+' | '?' | '{' if are_flags => {
                return Err("flags in front of a repetition are read one way here and another there".to_owned());
            }
            '*' | '+' | '?' => self.repeat(is_repeated, &first.to_string())?,
            '{' => match bounds(self.rest)? {
                Some(length) => {
                    let (bounds, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
                    self.rest = rest;
                    self.repeat(is_repeated, &format!("{{{bounds}"))?;
                }
                None => self.literal('{'),
            },
            '\\' => self.escape()?,
            '[' => self.class()?,
            '(' => self.group()?,
            '.' | '^' | '$' | '|' | ')' => self.out.push(first),
            _ => self.literal(first),
        }
        Ok(())
    }

    fn repeat(&mut self, is_repeated: bool, operator: &str) -> Result<(), String> {
        if is_repeated {
            return Err(format!("`{operator}` repeats a repetition: put that in parentheses"));
        }
        self.is_repeated = true;
        self.out.push_str(operator);
        if self.takes("?") {
            self.out.push('?');
        }
        Ok(())
    }

    /// Letters and digits mean themselves everywhere; nothing else is left to.
    fn literal(&mut self, character: char) {
        match character.is_alphanumeric() {
            true => self.out.push(character),
            false => self.out.push_str(&format!("\\x{{{:x}}}", u32::from(character))),
        }
    }

    fn group(&mut self) -> Result<(), String> {
        if !self.takes("?") {
            self.out.push('(');
            return Ok(());
        }
        if !self.takes("P<") && !self.takes("<") {
            return self.flags();
        }
        // Nobody asks for what a group matched: its name is checked, and left out.
        let name = self.takes_until(">").unwrap_or_default();
        if name.is_empty() || !name.chars().all(|char| char.is_alphanumeric() || char == '_') {
            return Err("look-behind, or a group whose name is none".to_owned());
        }
        self.out.push('(');
        Ok(())
    }

    /// `i-s)` or `i-s:`. The crate takes each letter once, RE2 any number of times.
    fn flags(&mut self) -> Result<(), String> {
        let (mut on, mut off, mut is_off) = (String::new(), String::new(), false);
        loop {
            match self.next().ok_or("a group that does not end")? {
                '-' if !is_off => is_off = true,
                flag @ ('i' | 'm' | 's' | 'U') => {
                    on.retain(|other| other != flag);
                    off.retain(|other| other != flag);
                    if is_off { off.push(flag) } else { on.push(flag) }
                }
                end @ (':' | ')') if !is_off || !off.is_empty() => {
                    let off = if is_off { format!("-{off}") } else { off };
                    match (end, on.is_empty() && off.is_empty()) {
                        (')', true) => {}
                        _ => self.out.push_str(&format!("(?{on}{off}{end}")),
                    }
                    self.are_flags = end == ')';
                    return Ok(());
                }
                '=' | '!' => return Err("look-around".to_owned()),
                other => return Err(format!("`{other}` behind `(?`: there are the flags i, m, s and U")),
            }
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        match self.next().ok_or("a \\ at the end")? {
            'A' => self.out.push_str("\\A"),
            'z' => self.out.push_str("\\z"),
            'b' => self.out.push_str("(?-u:\\b)"),
            'B' => self.out.push_str("(?-u:\\B)"),
            'Q' => {
                let quoted = self.takes_until("\\E").unwrap_or_else(|| std::mem::take(&mut self.rest));
                quoted.chars().for_each(|character| self.literal(character));
            }
            letter => {
                if !self.named_class(letter)? {
                    let character = self.character(letter)?;
                    self.literal(character);
                }
            }
        }
        Ok(())
    }

    /// Perl's and Unicode's classes, in brackets or not. Perl's are ASCII: much smaller as tables.
    fn named_class(&mut self, letter: char) -> Result<bool, String> {
        match letter {
            'd' => self.out.push_str("[0-9]"),
            'D' => self.out.push_str("[^0-9]"),
            'w' => self.out.push_str("[0-9A-Za-z_]"),
            'W' => self.out.push_str("[^0-9A-Za-z_]"),
            's' => self.out.push_str(&format!("[{SPACE}]")),
            'S' => self.out.push_str(&format!("[^{SPACE}]")),
            'p' | 'P' => self.property(letter == 'P')?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn property(&mut self, is_negated: bool) -> Result<(), String> {
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
        let is_script = name.starts_with(|first: char| first.is_ascii_uppercase())
            && name.len() > 1
            && name.chars().all(|char| char.is_ascii_alphabetic() || char == '_');
        let letter = if is_negated { 'P' } else { 'p' };
        self.out.push_str(&match name {
            "C" => format!("[{}\\p{{Cc}}\\p{{Cf}}\\p{{Co}}]", if is_negated { "^" } else { "" }),
            _ if CATEGORIES.contains(&name) => format!("\\{letter}{{{name}}}"),
            _ if is_script => format!("\\{letter}{{sc={name}}}"),
            _ => return Err(format!("\\p{{{name}}}: expected a category, such as Lu, or a script, such as Greek")),
        });
        Ok(())
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

    fn class(&mut self) -> Result<(), String> {
        let open = "a class that does not end";
        let bracket = if self.takes("^") { "[^" } else { "[" };
        self.out.push_str(bracket);
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
            let first = self.next().ok_or(open)?;
            match first {
                ']' if !is_first => break,
                '[' if self.rest.starts_with(':') && self.rest.contains(":]") => self.posix()?,
                '[' => return Err("`[` in a class is read one way here and another there: write `\\[`".to_owned()),
                '\\' => {
                    let letter = self.next().ok_or(open)?;
                    if !self.named_class(letter)? {
                        let low = self.character(letter)?;
                        self.range(low)?;
                    }
                }
                _ => self.range(first)?,
            }
        }
        self.out.push(']');
        Ok(())
    }

    fn posix(&mut self) -> Result<(), String> {
        self.takes(":");
        let name = self.takes_until(":]").unwrap_or_default();
        if !POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Err(format!("there is no class [:{name}:]"));
        }
        self.out.push_str(&format!("[:{name}:]"));
        Ok(())
    }

    /// A character of a class, or a range that begins with it.
    fn range(&mut self, low: char) -> Result<(), String> {
        self.literal(low);
        if !self.rest.starts_with('-') || self.rest.starts_with("-]") || self.rest.starts_with("--") || self.rest == "-"
        {
            return Ok(());
        }
        self.takes("-");
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
        self.out.push('-');
        self.literal(high);
        Ok(())
    }
}

/// How long the bounds of a repetition are behind their `{`: `3}`, `3,}` or `3,5}`. Anything else is text for RE2.
fn bounds(rest: &str) -> Result<Option<usize>, String> {
    let Some((inside, _)) = rest.split_once('}') else { return Ok(None) };
    let is_number = |digits: &str| {
        digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'))
            && !digits.is_empty()
    };
    let (low, high) = inside.split_once(',').map_or((inside, None), |(low, high)| (low, Some(high)));
    if is_number(low) && high.is_none_or(|high| high.is_empty() || is_number(high)) {
        return Ok(Some(inside.len() + 1));
    }
    let is_nearly = |digits: &str| digits.trim().bytes().all(|byte| byte.is_ascii_digit());
    if !low.trim().is_empty() && is_nearly(low) && high.is_none_or(is_nearly) {
        return Err(format!("`{{{inside}}}` is read one way here and another there: write no spaces and no leading 0"));
    }
    Ok(None)
}
