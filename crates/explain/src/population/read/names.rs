//! Names of columns and of attributes, matched.

use waft_ruleset::{caseless, nearest};

/// Which of the attributes a column's name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// The attribute at this place, as it is written.
    Exactly(usize),
    /// But for case, spaces and signs: `Country`, `visitor_id`.
    Alike(usize),
    /// Perhaps this one: `contry`, `country code`.
    Perhaps(usize),
    /// None.
    Nothing,
}

/// Names of fewer characters are not compared by their letters.
const SHORT: usize = 5;

/// What a column's name means.
pub(super) fn meant(header: &str, attributes: &[&str]) -> Meant {
    if let Some(at) = attributes.iter().position(|name| *name == header) {
        return Meant::Exactly(at);
    }
    let (header, plain) = (plain(header), attributes.iter().map(|name| plain(name)).collect::<Vec<_>>());
    if header.is_empty() {
        return Meant::Nothing;
    }
    if let Some(at) = plain.iter().position(|name| *name == header) {
        return Meant::Alike(at);
    }
    let mut holding = plain.iter().enumerate().filter(|(_, name)| name.len() > 3 && header.contains(name.as_str()));
    if let (Some((at, _)), None) = (holding.next(), holding.next()) {
        return Meant::Perhaps(at);
    }
    // Every short word is near some other: `land` to `plan`.
    if header.chars().count() < SHORT {
        return Meant::Nothing;
    }
    let near = nearest(&header, plain.iter().map(String::as_str));
    near.and_then(|near| plain.iter().position(|name| *name == near)).map_or(Meant::Nothing, Meant::Perhaps)
}

/// A name without case, spaces and signs.
fn plain(name: &str) -> String {
    caseless(name).chars().filter(|char| char.is_alphanumeric()).collect()
}
