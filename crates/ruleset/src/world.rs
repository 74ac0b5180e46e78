//! What a ruleset is checked against beside its text.

/// What is outside a ruleset's text.
pub struct World<'w> {
    /// The moment, in milliseconds since 1970, for findings about what is overdue; none are made without it.
    pub now: Option<i64>,
    /// The bytes of a file that the ruleset names, by its path.
    pub asset: &'w dyn Fn(&str) -> Result<Vec<u8>, String>,
}

impl World<'_> {
    /// A world in which time stands still and there are no files.
    pub fn still() -> Self {
        World { now: None, asset: &|_| Err("there is no such file".to_owned()) }
    }
}
