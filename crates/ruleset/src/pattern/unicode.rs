//! What patterns know of Unicode: categories, scripts, and which characters differ by case alone.

use super::class::Class;

/// Made of the tables of the crate `regex-syntax` by `WAFT_WRITE=1 cargo test -p waft-ruleset --test pattern_oracle`, in a twentieth of their size: the names
/// of scripts, a line each, and a NUL; for all characters in order runs of one category, and then of one script; and cases. The data are Unicode's (Unicode-3.0).
const DATA: &[u8] = include_bytes!("unicode.bin");
/// Categories by their numbers in it. What is not assigned has the number behind them, and no name.
const CATEGORIES: &str = "CcCfCoCsLlLmLoLtLuMcMeMnNdNlNoPcPdPePfPiPoPsScSkSmSoZlZpZs";
/// How many characters there are.
const COUNT: u32 = 0x11_0000;

/// The characters of a category, such as `Lu`, or of all that begin with a letter.
pub(super) fn category(name: &str) -> Option<Class> {
    if name == "Any" {
        return Some(Class::all());
    }
    let of = |number: u8| {
        let at = usize::from(number) * 2;
        CATEGORIES.get(at..at + 2).unwrap_or_default()
    };
    let is_known = !name.is_empty() && (0..CATEGORIES.len() as u8 / 2).any(|number| of(number).starts_with(name));
    is_known.then(|| {
        let mut class = Class::default();
        let (_, mut rest) = parts();
        runs(&mut rest, &mut |number, low, high| {
            if of(number).starts_with(name) {
                class.add(low, high);
            }
        });
        class
    })
}

/// The characters of a script, by its full name.
pub(super) fn script(name: &str) -> Option<Class> {
    let (names, mut rest) = parts();
    let wanted = names.split(|byte| *byte == b'\n').position(|other| other == name.as_bytes())?;
    let mut class = Class::default();
    runs(&mut rest, &mut |_, _, _| {});
    runs(&mut rest, &mut |number, low, high| {
        if usize::from(number) == wanted {
            class.add(low, high);
        }
    });
    Some(class)
}

/// A class with the characters that are the same in another case.
pub(super) fn folded(mut class: Class) -> Class {
    let mut same = Class::default();
    cases(&mut |character, least| {
        if class.has(character) || class.has(least) {
            same.add(least, least);
        }
    });
    cases(&mut |character, least| {
        if same.has(least) {
            class.add(character, character);
            class.add(least, least);
        }
    });
    class
}

/// Each character that is another one in another case, and the least of those that are the same.
pub(crate) fn cases(each: &mut dyn FnMut(u32, u32)) {
    let (_, mut rest) = parts();
    runs(&mut rest, &mut |_, _, _| {});
    runs(&mut rest, &mut |_, _, _| {});
    let mut from = 0;
    while !rest.is_empty() {
        // So many characters, each so far behind the one before, and each as far behind the least that is the same.
        from += number(&mut rest);
        let (count, step, distance) = (number(&mut rest), number(&mut rest), number(&mut rest));
        for place in 0..count {
            let character = from + place * step;
            each(character, character - distance);
        }
    }
}

/// The names of scripts, and all behind them.
fn parts() -> (&'static [u8], &'static [u8]) {
    let end = DATA.iter().position(|byte| *byte == 0).unwrap_or(0);
    DATA.split_at_checked(end).map_or((&[], &[]), |(names, rest)| (names, rest.get(1..).unwrap_or_default()))
}

/// Runs of characters that have one number.
fn runs(rest: &mut &[u8], each: &mut dyn FnMut(u8, u32, u32)) {
    let mut from = 0;
    while let (true, Some((kind, behind))) = (from < COUNT, rest.split_first()) {
        *rest = behind;
        let length = number(rest);
        each(*kind, from, from + length - 1);
        from += length;
    }
}

/// A number of seven bits a byte, the lowest first; all but the last have the eighth.
fn number(rest: &mut &[u8]) -> u32 {
    let (mut number, mut shift) = (0, 0);
    while let Some((byte, behind)) = rest.split_first() {
        *rest = behind;
        number |= u32::from(byte & 0x7f) << shift;
        shift += 7;
        if *byte < 0x80 {
            break;
        }
    }
    number
}
