//! SHA-512 (FIPS 180-4): what Ed25519 hashes with, and the digests of snapshots.

use core::array;
use core::sync::atomic::Ordering::Relaxed;

use crate::roots;

/// A hash in the making.
#[derive(Clone)]
pub struct Sha512 {
    state: [u64; 8],
    /// What waits for a whole block.
    block: [u8; 128],
    /// All bytes so far.
    length: u64,
}

impl Default for Sha512 {
    fn default() -> Self {
        // The fractional parts of the square roots of the first 8 primes.
        let state = [
            0x6a09_e667_f3bc_c908,
            0xbb67_ae85_84ca_a73b,
            0x3c6e_f372_fe94_f82b,
            0xa54f_f53a_5f1d_36f1,
            0x510e_527f_ade6_82d1,
            0x9b05_688c_2b3e_6c1f,
            0x1f83_d9ab_fb41_bd6b,
            0x5be0_cd19_137e_2179,
        ];
        Sha512 { state, block: [0; 128], length: 0 }
    }
}

impl Sha512 {
    /// The hash of some bytes.
    pub fn hash(bytes: &[u8]) -> [u8; 64] {
        let mut hash = Sha512::default();
        hash.update(bytes);
        hash.finish()
    }

    /// Takes more bytes. Once in the engine, not in each of its callers.
    #[inline(never)]
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let waiting = (self.length % 128) as usize;
            let mut taken = bytes.len().min(128 - waiting);
            if taken == 128 {
                // Whole blocks are hashed where they are.
                let (blocks, _) = bytes.as_chunks();
                blocks.iter().for_each(|block| compress(&mut self.state, block));
                taken = 128 * blocks.len();
            } else {
                self.block[waiting..waiting + taken].copy_from_slice(&bytes[..taken]);
                if waiting + taken == 128 {
                    compress(&mut self.state, &self.block);
                }
            }
            self.length += taken as u64;
            bytes = &bytes[taken..];
        }
    }

    /// The hash of all bytes.
    pub fn finish(mut self) -> [u8; 64] {
        let bits = self.length << 3;
        self.update(&[0x80]);
        while self.length % 128 != 112 {
            self.update(&[0]);
        }
        // The length takes 128 bits, of which nothing needs more than the last 64. Byte by byte here and below: WebAssembly has no other way to
        // turn a word around, and `to_be_bytes` writes it out for each.
        for byte in (0..16).rev() {
            self.update(&[bits.checked_shr(8 * byte).unwrap_or(0) as u8]);
        }
        array::from_fn(|byte| (self.state[byte / 8] >> (56 - 8 * (byte % 8))) as u8)
    }
}

/// Section 6.4.2. A call for each block, so that a browser can put its better code in the place of its first in between. Eight rounds
/// in a row, after which each variable is back in its place, take 0.7 of the time of a loop over single ones.
#[inline(never)]
fn compress(state: &mut [u64; 8], block: &[u8; 128]) {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    let mut words = [0; 80];
    schedule(block, &mut words);
    for (words, constants) in words.as_chunks::<8>().0.iter().zip(roots::rounds().as_chunks::<8>().0) {
        macro_rules! round {
            ($at:literal, $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident) => {
                let first = $h
                    .wrapping_add(($e ^ ($e ^ $e.rotate_right(23)).rotate_right(4)).rotate_right(14))
                    .wrapping_add($g ^ ($e & ($f ^ $g)))
                    .wrapping_add(constants[$at].load(Relaxed))
                    .wrapping_add(words[$at]);
                let second = ($a ^ ($a ^ $a.rotate_right(5)).rotate_right(6))
                    .rotate_right(28)
                    .wrapping_add($b ^ (($a ^ $b) & ($b ^ $c)));
                $d = $d.wrapping_add(first);
                $h = first.wrapping_add(second);
            };
        }
        round!(0, a b c d e f g h);
        round!(1, h a b c d e f g);
        round!(2, g h a b c d e f);
        round!(3, f g h a b c d e);
        round!(4, e f g h a b c d);
        round!(5, d e f g h a b c);
        round!(6, c d e f g h a b);
        round!(7, b c d e f g h a);
    }
    for (word, value) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(value);
    }
}

/// A word for each of a block's rounds. By itself, as V8 counts the code that each function runs: past some 13 MB it compiles the function anew, on
/// another thread. While a page waits for its first flag that takes more of its processor than it saves, and neither of these two comes so far.
#[inline(never)]
fn schedule(block: &[u8; 128], words: &mut [u64; 80]) {
    for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
        *word = u64::from_be_bytes(*bytes);
    }
    for at in 16..80 {
        let (low, high) = (words[at - 15], words[at - 2]);
        words[at] = words[at - 16]
            .wrapping_add(low.rotate_right(1) ^ low.rotate_right(8) ^ (low >> 7))
            .wrapping_add(words[at - 7])
            .wrapping_add(high.rotate_right(19) ^ high.rotate_right(61) ^ (high >> 6));
    }
}
