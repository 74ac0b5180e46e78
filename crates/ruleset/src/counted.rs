//! Numbers of things, for people.

use std::fmt::Display;

/// A number with its noun: `1 error`, `2 errors`.
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_is_singular() {
        assert_eq!([0_usize, 1, 2].map(|count| super::counted(count, "flag")), ["0 flags", "1 flag", "2 flags"]);
    }
}
