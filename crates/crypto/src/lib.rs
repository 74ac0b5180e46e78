//! What the core hashes and verifies with: Ed25519 (RFC 8032), SHA-512, SipHash-2-4. Only public data is ever here: nothing
//! signs, and nothing takes the same time for all numbers.
//!
//! Our own because of what a page pays: `ed25519-compact`, which the studio signs with, takes 1.8 kB brotli more of the
//! engine and 1.9 times as long for a signature, four times in a page that has just loaded; its SHA-512, four times as long.
//! Multiplications of 128 bits, on which it is built, WebAssembly does not have. tests/oracles.rs compares the two, and holds
//! ours against Wycheproof's vectors; tests/differential of this crate holds field, scalars, points and signatures against
//! curve25519-dalek and num-bigint.
#![no_std]

mod field;
#[cfg(feature = "internals")]
pub mod internals;
mod point;
mod roots;
mod scalar;
mod sha512;
pub mod siphash;

pub use point::BASE;
pub use sha512::Sha512;

use point::Point;

/// A signature being verified.
pub struct Verifier {
    /// What becomes the challenge: R, A, and the message.
    hash: Sha512,
    key: Point,
    commitment: [u8; 32],
    response: [u64; 4],
}

impl Verifier {
    /// Starts with a public key and a signature. `None` if they cannot be of anything: a key or a response that is not
    /// encoded as RFC 8032 says, or a key of small order, for which signatures of all messages are easily made.
    /// By itself, as [`Self::verify`]: V8's first compiler copies all locals of a function where its control flow parts, so that one with as many as its
    /// caller would have takes it 0.25 ms longer in a page's first view.
    #[inline(never)]
    pub fn new(key: &[u8; 32], signature: &[u8; 64]) -> Option<Self> {
        let (commitment, response) = (signature.first_chunk()?, signature.last_chunk()?);
        let response = scalar::canonical(response)?;
        let point = Point::decode(key).filter(|point| !point.has_small_order())?;
        let mut hash = Sha512::default();
        hash.update(commitment);
        hash.update(key);
        Some(Verifier { hash, key: point.negated(), commitment: *commitment, response })
    }

    /// Takes a part of the message.
    pub fn update(&mut self, part: &[u8]) {
        self.hash.update(part);
    }

    /// The challenge that the response answers: a number below the order of the base point, little endian.
    pub fn challenge(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let words = scalar::reduced(&self.hash.finish());
        bytes.as_chunks_mut().0.iter_mut().zip(words).for_each(|(to, word)| *to = word.to_le_bytes());
        bytes
    }

    /// Whether the signature is the key's, of the message: R = S B - k A, without the cofactor.
    #[inline(never)]
    pub fn verify(self) -> bool {
        let challenge = scalar::reduced(&self.hash.finish());
        point::sum_of_multiples([(&self.response, &Point::base()), (&challenge, &self.key)]).encode() == self.commitment
    }
}
