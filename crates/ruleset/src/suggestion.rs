//! What to write in place of a name that nothing has.

/// What to do about a name that is not known: the nearest one that is.
pub fn suggestion<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let known: Vec<&str> = known.collect();
    match nearest(name, known.iter().copied()) {
        Some(other) => format!("did you mean `{other}`?"),
        None if known.is_empty() => "nothing of the kind is declared; declare it first".to_owned(),
        None => format!("expected one of: {}", known.join(", ")),
    }
}

/// The known name that is nearest to one that is not, if any is near.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let length = name.chars().count();
    let near = 1 + length / 4;
    let nearest = known
        // The distance costs the product of both lengths: not for a name of 100 kB.
        .filter(|other| other.chars().count().abs_diff(length) <= near)
        .map(|other| (strsim::damerau_levenshtein(name, other), other))
        .filter(|(distance, _)| *distance <= near)
        .min();
    nearest.map(|(_, other)| other)
}
