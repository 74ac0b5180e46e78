//! Truths of some rows at a time, found by their texts and combined.

/// So many rows go through a condition together: their truths lie in a processor's nearest memory.
pub const TOGETHER: usize = 2_048;

/// Truth as a number: `and` is the least, `or` is the greatest, and `not` what is left to 2.
pub const FALSE: u8 = 0;
/// See [`FALSE`].
pub const UNKNOWN: u8 = 1;
/// See [`FALSE`].
pub const TRUE: u8 = 2;

/// The truths of some rows.
pub type Block = [u8; TOGETHER];

/// Eight truths at a time: wasm has no wider numbers, and its compiler finds none by itself.
const ONES: u64 = 0x0101_0101_0101_0101;

/// The bits of those that are true, and of those that are not false.
fn bits(truths: u64) -> (u64, u64) {
    ((truths >> 1) & ONES, (truths | truths >> 1) & ONES)
}

fn from_bits(is_true: u64, is_possible: u64) -> u64 {
    is_true << 1 | (is_possible & !is_true)
}

/// What is true of both, and false of any.
pub fn and(truths: &mut Block, others: &Block) {
    combine(truths, others, |one, other| {
        let ((is_true, is_possible), (others_true, others_possible)) = (bits(one), bits(other));
        from_bits(is_true & others_true, is_possible & others_possible)
    });
}

/// What is true of any, and false of both.
pub fn or(truths: &mut Block, others: &Block) {
    combine(truths, others, |one, other| {
        let ((is_true, is_possible), (others_true, others_possible)) = (bits(one), bits(other));
        from_bits(is_true | others_true, is_possible | others_possible)
    });
}

#[inline]
fn combine(truths: &mut Block, others: &Block, combine: impl Fn(u64, u64) -> u64) {
    let ((words, _), (others, _)) = (truths.as_chunks_mut::<8>(), others.as_chunks::<8>());
    for (word, other) in words.iter_mut().zip(others) {
        *word = combine(u64::from_le_bytes(*word), u64::from_le_bytes(*other)).to_le_bytes();
    }
}

/// What is false, and false what is true.
pub fn negate(truths: &mut Block) {
    for word in truths.as_chunks_mut::<8>().0 {
        *word = (2 * ONES - u64::from_le_bytes(*word)).to_le_bytes();
    }
}

/// How many are false, unknown and true.
pub fn counts(truths: &[u8]) -> [u64; 3] {
    let (words, rest) = truths.as_chunks::<8>();
    let (mut matches, mut possible) = (0, 0);
    let lanes = |sums: u64| sums.to_le_bytes().into_iter().map(u64::from).sum::<u64>();
    // As many as a byte counts.
    for words in words.chunks(255) {
        let (mut are_true, mut are_possible) = (0, 0);
        for word in words {
            let (is_true, is_possible) = bits(u64::from_le_bytes(*word));
            are_true += is_true;
            are_possible += is_possible;
        }
        matches += lanes(are_true);
        possible += lanes(are_possible);
    }
    for truth in rest {
        matches += u64::from(*truth == TRUE);
        possible += u64::from(*truth != FALSE);
    }
    [truths.len() as u64 - possible, possible - matches, matches]
}

/// What is true of each text, by the numbers of texts.
pub fn of_texts(column: &[u32], of_text: &[u8], truths: &mut Block) {
    for (truth, number) in truths.iter_mut().zip(column) {
        *truth = of_text.get(*number as usize).copied().unwrap_or(UNKNOWN);
    }
}
