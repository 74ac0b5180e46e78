//! SipHash-2-4 with 64 bits: the hash of every point. <https://www.aumasson.jp/siphash/siphash.pdf>, section 2.
//!
//! Our own, because in one go over a text it takes 0.4 kB brotli less of the engine than a streaming hasher.
//! tests/oracles.rs compares it with the `siphasher` crate.

/// The hash of a text under a key.
pub fn hash(key: &[u8; 16], text: &[u8]) -> u64 {
    hash_words(key, words(text))
}

/// A text as it is hashed, for one that is hashed often.
pub fn words(text: &[u8]) -> impl Iterator<Item = u64> {
    let (words, rest) = text.as_chunks();
    // The last word: what is left, and the length in the highest byte.
    let last = rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)) | (text.len() as u64) << 56;
    (0..=words.len()).map(move |at| words.get(at).map_or(last, |word| u64::from_le_bytes(*word)))
}

/// The hash of a text's [`words`] under a key.
pub fn hash_words(key: &[u8; 16], words: impl Iterator<Item = u64>) -> u64 {
    let mut state = State::new(key);
    for word in words {
        state.0[3] ^= word;
        state.round();
        state.round();
        state.0[0] ^= word;
    }
    state.0[2] ^= 0xff;
    (0..4).for_each(|_| state.round());
    let State([a, b, c, d]) = state;
    a ^ b ^ c ^ d
}

/// The hashes of two texts of equally many words under a key, computed side by side: a processor has room for both.
pub fn hash_two(key: &[u8; 16], words: impl Iterator<Item = [u64; 2]>) -> [u64; 2] {
    let mut states = [State::new(key), State::new(key)];
    for words in words {
        for (state, word) in states.iter_mut().zip(words) {
            state.0[3] ^= word;
        }
        for _ in 0..2 {
            states.iter_mut().for_each(State::round);
        }
        for (state, word) in states.iter_mut().zip(words) {
            state.0[0] ^= word;
        }
    }
    states.iter_mut().for_each(|state| state.0[2] ^= 0xff);
    for _ in 0..4 {
        states.iter_mut().for_each(State::round);
    }
    states.map(|State([a, b, c, d])| a ^ b ^ c ^ d)
}

struct State([u64; 4]);

impl State {
    fn new(key: &[u8; 16]) -> Self {
        let k = u128::from_le_bytes(*key);
        let (k0, k1) = (k as u64, (k >> 64) as u64);
        // The paper's constants: "somepseudorandomlygeneratedbytes".
        State([
            k0 ^ 0x736f_6d65_7073_6575,
            k1 ^ 0x646f_7261_6e64_6f6d,
            k0 ^ 0x6c79_6765_6e65_7261,
            k1 ^ 0x7465_6462_7974_6573,
        ])
    }

    #[inline(always)]
    fn round(&mut self) {
        let [mut a, mut b, mut c, mut d] = self.0;
        a = a.wrapping_add(b);
        b = b.rotate_left(13) ^ a;
        a = a.rotate_left(32);
        c = c.wrapping_add(d);
        d = d.rotate_left(16) ^ c;
        a = a.wrapping_add(d);
        d = d.rotate_left(21) ^ a;
        c = c.wrapping_add(b);
        b = b.rotate_left(17) ^ c;
        c = c.rotate_left(32);
        self.0 = [a, b, c, d];
    }
}
