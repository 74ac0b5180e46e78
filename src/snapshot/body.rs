//! The body of a snapshot: no byte of a chunk is given out before the chunk's digest matched.

use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;

use crate::error::{Code, Refusal};
use crate::snapshot::manifest::{DIGEST_BYTES, digest_of};

/// The bytes of a body, checked chunk by chunk when they are first used.
pub struct Body {
    bytes: Vec<u8>,
    /// The length of each chunk but the last.
    chunk: usize,
    /// The chunks' digests, one after the other.
    digests: Vec<u8>,
    /// Whether the digest of each chunk matched.
    matched: Vec<Cell<bool>>,
    state: Cell<State>,
}

/// Not its bytes: nobody reads a million of them.
impl fmt::Debug for Body {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Body({} bytes, {:?})", self.length(), self.state.get())
    }
}

/// How far the check of a body has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Some chunks have not been looked at.
    Open,
    /// All chunks are what the manifest names.
    Whole,
    /// A chunk is not. Nothing of it is ever given out.
    Broken,
}

impl Body {
    /// What follows a snapshot's envelope. Refused if it has not the length that the manifest names.
    pub fn new(bytes: Vec<u8>, length: u64, chunk: u64, digests: Vec<u8>) -> Result<Self, Refusal> {
        let chunk = usize::try_from(chunk).unwrap_or(usize::MAX);
        let state = if length == 0 { State::Whole } else { State::Open };
        let matched = vec![Cell::new(false); digests.len() / DIGEST_BYTES];
        let body = Body { bytes, chunk, digests, matched, state: Cell::new(state) };
        if body.length() as u64 == length { Ok(body) } else { Err(Code::Malformed.into()) }
    }

    /// The length in bytes.
    pub fn length(&self) -> usize {
        self.bytes.len()
    }

    /// `length` bytes starting at `at`; `None` past the end, and where a chunk is not what the manifest names.
    #[inline(always)]
    pub fn get(&self, at: usize, length: usize) -> Option<&[u8]> {
        if self.state.get() != State::Whole {
            self.check(at, length)?;
        }
        self.bytes.get(at..at.checked_add(length)?)
    }

    /// All bytes, once every chunk is what the manifest names.
    pub fn whole(&self) -> Result<&[u8], Refusal> {
        self.get(0, self.length()).ok_or(Code::DigestMismatch.into())
    }

    /// How far the check has come.
    pub fn state(&self) -> State {
        self.state.get()
    }

    /// Checks the first chunk that was not looked at, and answers how far that brings it.
    pub fn advance(&self) -> State {
        if self.state.get() == State::Open {
            let next = self.matched.iter().position(|matched| !matched.get()).unwrap_or(0);
            self.check(next.saturating_mul(self.chunk), 1);
        }
        self.state.get()
    }

    /// Checks the chunks that some bytes lie in.
    #[inline(never)]
    fn check(&self, at: usize, length: usize) -> Option<()> {
        if length == 0 {
            return Some(());
        }
        let last = at.checked_add(length)?.saturating_sub(1).min(self.length().saturating_sub(1)) / self.chunk;
        for chunk in at / self.chunk..=last {
            let matched = self.matched.get(chunk)?;
            if !matched.get() {
                // Once is enough: what is broken stays so, and hashing it again at each access would stop the page.
                if self.state.get() == State::Broken || !self.matches(chunk).unwrap_or(false) {
                    self.state.set(State::Broken);
                    return None;
                }
                matched.set(true);
            }
        }
        if self.state.get() == State::Open && self.matched.iter().all(Cell::get) {
            self.state.set(State::Whole);
        }
        Some(())
    }

    fn matches(&self, chunk: usize) -> Option<bool> {
        let own = self.bytes.chunks(self.chunk).nth(chunk)?;
        Some(self.digests.chunks(DIGEST_BYTES).nth(chunk)? == digest_of(&[own]))
    }
}
