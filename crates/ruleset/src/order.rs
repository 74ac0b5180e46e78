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
    sort_numbers(&mut order, &|one, other| {
        thing(one).zip(thing(other)).map_or(Ordering::Equal, |(thing, others)| compare(thing, others))
    });
    let mut all: Vec<Option<T>> = std::mem::take(things).into_iter().map(Some).collect();
    things.extend(order.into_iter().filter_map(|at| all.get_mut(at as usize)?.take()));
}

/// Sorts numbers, by merging twice as many at a time. What compares equal stays in its order.
#[inline(never)]
pub fn sort_numbers<N: Copy>(numbers: &mut Vec<N>, compare: &dyn Fn(N, N) -> Ordering) {
    let mut width = 1;
    while width < numbers.len() {
        let mut merged = Vec::with_capacity(numbers.len());
        for pair in numbers.chunks(2 * width) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let ([one, lefts @ ..], [other, rights @ ..]) = (left, right) {
                if compare(*one, *other) == Ordering::Greater {
                    merged.push(*other);
                    right = rights;
                } else {
                    merged.push(*one);
                    left = lefts;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        *numbers = merged;
        width *= 2;
    }
}
