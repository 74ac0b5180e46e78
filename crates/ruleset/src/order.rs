//! Things in order, with little code: `sort` and `collect` into a map are 5 kB of wasm for each type, as the latter sorts before it builds.

use std::cmp::Ordering;

/// Collects into an ordered map or set, one thing after the other.
pub fn ordered<C: Default + Extend<T>, T>(things: impl IntoIterator<Item = T>) -> C {
    let mut all = C::default();
    all.extend(things);
    all
}

/// Sorts. What compares equal stays in its order.
pub fn sort<T>(things: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let mut order: Vec<u32> = (0..things.len() as u32).collect();
    let thing = |at: u32| things.get(at as usize);
    sort_numbers(&mut order, &|one, other| match (thing(one), thing(other)) {
        (Some(thing), Some(others)) => compare(thing, others).then(one.cmp(&other)),
        _ => Ordering::Equal,
    });
    let mut all: Vec<Option<T>> = std::mem::take(things).into_iter().map(Some).collect();
    things.extend(order.into_iter().filter_map(|at| all.get_mut(at as usize)?.take()));
}

/// Sorts numbers. Those that compare equal come in any order.
#[inline(never)]
pub fn sort_numbers(numbers: &mut [u32], compare: &dyn Fn(u32, u32) -> Ordering) {
    numbers.sort_unstable_by(|one, other| compare(*one, *other));
}
