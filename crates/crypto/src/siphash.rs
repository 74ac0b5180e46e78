//! SipHash-2-4 with 64 bits: the hash of every point. <https://www.aumasson.jp/siphash/siphash.pdf>, section 2.
//!
//! Our own, because in one go over a few parts it takes 0.4 kB brotli less of the engine than a streaming hasher.
//! tests/oracles.rs compares it with the `siphasher` crate.

/// The hash of the parts, one after the other, under a key.
pub fn hash(key: &[u8; 16], parts: &[&[u8]]) -> u64 {
    let k = u128::from_le_bytes(*key);
    let (k0, k1) = (k as u64, (k >> 64) as u64);
    // The paper's constants: "somepseudorandomlygeneratedbytes".
    let mut state = State([
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ]);
    let (mut word, mut length) = (0u64, 0u64);
    for part in parts {
        let mut bytes = *part;
        if length & 7 == 0 {
            let (words, rest) = bytes.as_chunks();
            words.iter().for_each(|word| state.absorb(u64::from_le_bytes(*word)));
            length += 8 * words.len() as u64;
            bytes = rest;
        }
        for byte in bytes {
            word |= u64::from(*byte) << (8 * (length & 7));
            length += 1;
            if length & 7 == 0 {
                state.absorb(word);
                word = 0;
            }
        }
    }
    state.absorb(word | length << 56);
    let State(v) = &mut state;
    v[2] ^= 0xff;
    state.rounds(4);
    let State([a, b, c, d]) = state;
    a ^ b ^ c ^ d
}

struct State([u64; 4]);

impl State {
    fn absorb(&mut self, word: u64) {
        self.0[3] ^= word;
        self.rounds(2);
        self.0[0] ^= word;
    }

    fn rounds(&mut self, count: u8) {
        let [mut a, mut b, mut c, mut d] = self.0;
        for _ in 0..count {
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
        }
        self.0 = [a, b, c, d];
    }
}
