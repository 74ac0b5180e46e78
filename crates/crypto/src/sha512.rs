//! SHA-512 (FIPS 180-4): what Ed25519 hashes with, and the digests of snapshots.

use core::array;

/// The first 64 bits of the fractional parts of the cube roots of the first 80 primes.
const ROUNDS: [u64; 80] = [
    0x428a_2f98_d728_ae22,
    0x7137_4491_23ef_65cd,
    0xb5c0_fbcf_ec4d_3b2f,
    0xe9b5_dba5_8189_dbbc,
    0x3956_c25b_f348_b538,
    0x59f1_11f1_b605_d019,
    0x923f_82a4_af19_4f9b,
    0xab1c_5ed5_da6d_8118,
    0xd807_aa98_a303_0242,
    0x1283_5b01_4570_6fbe,
    0x2431_85be_4ee4_b28c,
    0x550c_7dc3_d5ff_b4e2,
    0x72be_5d74_f27b_896f,
    0x80de_b1fe_3b16_96b1,
    0x9bdc_06a7_25c7_1235,
    0xc19b_f174_cf69_2694,
    0xe49b_69c1_9ef1_4ad2,
    0xefbe_4786_384f_25e3,
    0x0fc1_9dc6_8b8c_d5b5,
    0x240c_a1cc_77ac_9c65,
    0x2de9_2c6f_592b_0275,
    0x4a74_84aa_6ea6_e483,
    0x5cb0_a9dc_bd41_fbd4,
    0x76f9_88da_8311_53b5,
    0x983e_5152_ee66_dfab,
    0xa831_c66d_2db4_3210,
    0xb003_27c8_98fb_213f,
    0xbf59_7fc7_beef_0ee4,
    0xc6e0_0bf3_3da8_8fc2,
    0xd5a7_9147_930a_a725,
    0x06ca_6351_e003_826f,
    0x1429_2967_0a0e_6e70,
    0x27b7_0a85_46d2_2ffc,
    0x2e1b_2138_5c26_c926,
    0x4d2c_6dfc_5ac4_2aed,
    0x5338_0d13_9d95_b3df,
    0x650a_7354_8baf_63de,
    0x766a_0abb_3c77_b2a8,
    0x81c2_c92e_47ed_aee6,
    0x9272_2c85_1482_353b,
    0xa2bf_e8a1_4cf1_0364,
    0xa81a_664b_bc42_3001,
    0xc24b_8b70_d0f8_9791,
    0xc76c_51a3_0654_be30,
    0xd192_e819_d6ef_5218,
    0xd699_0624_5565_a910,
    0xf40e_3585_5771_202a,
    0x106a_a070_32bb_d1b8,
    0x19a4_c116_b8d2_d0c8,
    0x1e37_6c08_5141_ab53,
    0x2748_774c_df8e_eb99,
    0x34b0_bcb5_e19b_48a8,
    0x391c_0cb3_c5c9_5a63,
    0x4ed8_aa4a_e341_8acb,
    0x5b9c_ca4f_7763_e373,
    0x682e_6ff3_d6b2_b8a3,
    0x748f_82ee_5def_b2fc,
    0x78a5_636f_4317_2f60,
    0x84c8_7814_a1f0_ab72,
    0x8cc7_0208_1a64_39ec,
    0x90be_fffa_2363_1e28,
    0xa450_6ceb_de82_bde9,
    0xbef9_a3f7_b2c6_7915,
    0xc671_78f2_e372_532b,
    0xca27_3ece_ea26_619c,
    0xd186_b8c7_21c0_c207,
    0xeada_7dd6_cde0_eb1e,
    0xf57d_4f7f_ee6e_d178,
    0x06f0_67aa_7217_6fba,
    0x0a63_7dc5_a2c8_98a6,
    0x113f_9804_bef9_0dae,
    0x1b71_0b35_131c_471b,
    0x28db_77f5_2304_7d84,
    0x32ca_ab7b_40c7_2493,
    0x3c9e_be0a_15c9_bebc,
    0x431d_67c4_9c10_0d4c,
    0x4cc5_d4be_cb3e_42b6,
    0x597f_299c_fc65_7e2a,
    0x5fcb_6fab_3ad6_faec,
    0x6c44_198c_4a47_5817,
];

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
/// in a row, after which each variable is back in its place, take 0.7 of the time of a loop over single ones, for 0.3 kB brotli.
#[inline(never)]
fn compress(state: &mut [u64; 8], block: &[u8; 128]) {
    // The schedule: words of these eight rounds, and of the next.
    let mut halves = [[0u64; 8]; 2];
    for (word, bytes) in halves.as_flattened_mut().iter_mut().zip(block.as_chunks().0) {
        *word = u64::from_be_bytes(*bytes);
    }
    let [first, second] = &mut halves;
    let (mut now, mut next) = (first, second);
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for constants in ROUNDS.as_chunks::<8>().0 {
        macro_rules! round {
            ($at:literal, $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident,
             $low:expr, $middle:expr, $high:expr) => {
                let first = $h
                    .wrapping_add($e.rotate_right(14) ^ $e.rotate_right(18) ^ $e.rotate_right(41))
                    .wrapping_add($g ^ ($e & ($f ^ $g)))
                    .wrapping_add(constants[$at])
                    .wrapping_add(now[$at]);
                let second = ($a.rotate_right(28) ^ $a.rotate_right(34) ^ $a.rotate_right(39))
                    .wrapping_add($b ^ (($a ^ $b) & ($b ^ $c)));
                $d = $d.wrapping_add(first);
                $h = first.wrapping_add(second);
                // The word that takes this one's place 16 rounds on.
                let (low, high): (u64, u64) = ($low, $high);
                now[$at] = now[$at]
                    .wrapping_add(low.rotate_right(1) ^ low.rotate_right(8) ^ (low >> 7))
                    .wrapping_add($middle)
                    .wrapping_add(high.rotate_right(19) ^ high.rotate_right(61) ^ (high >> 6));
            };
        }
        round!(0, a b c d e f g h, now[1], next[1], next[6]);
        round!(1, h a b c d e f g, now[2], next[2], next[7]);
        round!(2, g h a b c d e f, now[3], next[3], now[0]);
        round!(3, f g h a b c d e, now[4], next[4], now[1]);
        round!(4, e f g h a b c d, now[5], next[5], now[2]);
        round!(5, d e f g h a b c, now[6], next[6], now[3]);
        round!(6, c d e f g h a b, now[7], next[7], now[4]);
        round!(7, b c d e f g h a, next[0], now[0], now[5]);
        (now, next) = (next, now);
    }
    for (word, value) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(value);
    }
}
