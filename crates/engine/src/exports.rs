//! What JavaScript calls: an engine's methods under the letters of pkg/src/engine/exports.ts, as names would be 80 bytes of each page; under
//! numbers, V8 would look for each call's function in a table, 15 ns. Numbers alone cross, so there is no glue.
//!
//! Everything longer than a number crosses in one buffer: JavaScript asks for room with `reserve`, writes, and calls. What the engine
//! makes is left in the same buffer; its length is returned, and `answer` tells the address. A number that is returned by what may
//! refuse is 0, or the code of the refusal.

use alloc::vec::Vec;
use core::mem::take;

use waft::Code;
use waft::body::State;
use waft::program::FlagIndex;

use crate::engine::{self, Engine};
use crate::packed;

/// No such flag.
const NONE: u32 = u32::MAX;
/// There are chunks left to check: no code of a refusal.
const OPEN: u32 = u32::MAX;

/// One client's engine, and what it shares with JavaScript.
struct Instance {
    engine: Engine,
    buffer: Vec<u8>,
    /// Where JavaScript writes contexts. It stays where it is, and is not cleared.
    room: Vec<u8>,
    valid_until: i64,
}

impl Instance {
    const EMPTY: Self = Instance { engine: Engine::EMPTY, buffer: Vec::new(), room: Vec::new(), valid_until: 0 };

    /// Leaves bytes in the buffer, and returns how many.
    fn leave(&mut self, bytes: Vec<u8>) -> usize {
        self.buffer = bytes;
        self.buffer.len()
    }
}

/// Each client has an instance of its own, so that an instance has one engine. Where it lies is known to the compiler: 0.2 kB smaller
/// than an address that each call brings.
static mut INSTANCE: Instance = Instance::EMPTY;

#[allow(unsafe_code)]
#[inline(always)]
fn instance() -> &'static mut Instance {
    let instance = &raw mut INSTANCE;
    // SAFETY: the instance has one thread and imports nothing, so no call begins before another has ended; none keeps the reference.
    unsafe { &mut *instance }
}

fn code_of(result: Result<(), Code>) -> u32 {
    result.map_or_else(|code| code as u32, |()| 0)
}

macro_rules! exports {
    ($($(#[doc = $doc:literal])* $letter:literal fn $name:ident($own:ident $(, $argument:ident: $type:ty)*) $(-> $result:ty)? $body:block)*) => {
        $($(#[doc = $doc])*
        #[allow(unsafe_code)]
        #[unsafe(export_name = $letter)]
        extern "C" fn $name($($argument: $type),*) $(-> $result)? {
            let $own = instance();
            $body
        })*
    };
}

exports! {
    /// The instance is as new, for the next client.
    "a" fn clear(own) {
        *own = Instance::EMPTY;
    }

    /// Makes the buffer this many bytes long and returns its address. Earlier views of the memory may be stale then.
    "b" fn reserve(own, length: usize) -> *const u8 {
        own.buffer.clear();
        own.buffer.reserve(length);
        // `resize` writes byte by byte, which takes V8's first compiler a millisecond for a snapshot; `vec!` is 0.15 kB.
        // SAFETY: there is room for so many bytes, and all of them are written.
        #[allow(unsafe_code)]
        unsafe {
            own.buffer.as_mut_ptr().write_bytes(0, length);
            own.buffer.set_len(length);
        }
        own.buffer.as_ptr()
    }

    /// The address of what the last call left in the buffer.
    "c" fn answer(own) -> *const u8 {
        own.buffer.as_ptr()
    }

    "d" fn trust(own) -> u32 {
        code_of(own.engine.trust(&own.buffer))
    }

    /// The buffer holds the digest, or is empty.
    "e" fn seen(own, version: f64) {
        own.engine.seen(version as i64, &own.buffer);
    }

    /// What the buffer holds is told by `mode` of engine.rs. What is told of it, `valid_until` bytes, is left in the buffer.
    "f" fn adopt(own, now: f64, mode: u32) -> u32 {
        match own.engine.adopt(take(&mut own.buffer), now as i64, mode, &mut own.buffer) {
            Ok(until) => {
                own.valid_until = until;
                0
            }
            Err(code) => code as u32,
        }
    }

    /// Returns 0 once all chunks are what was signed, and [`OPEN`] while some are left.
    "g" fn advance(own) -> u32 {
        match own.engine.advance() {
            State::Open => OPEN,
            State::Broken => Code::DigestMismatch as u32,
            State::Whole => 0,
        }
    }

    "h" fn describe(own) -> usize {
        own.engine.describe(&mut own.buffer);
        own.buffer.len()
    }

    "i" fn keys(own) -> usize {
        own.engine.keys(&mut own.buffer);
        own.buffer.len()
    }

    /// Makes the room for contexts at least this many bytes long, keeping what is in it, and returns its address.
    "j" fn room(own, length: usize) -> *const u8 {
        own.room.resize(length.max(own.room.len()), 0);
        own.room.as_ptr()
    }

    /// Takes this many bytes of the room.
    "k" fn context(own, length: usize, anew: bool) {
        own.engine.context(own.room.get(..length).unwrap_or(&[]), anew);
    }

    /// Returns the index of the flag whose key is this many bytes of the room, behind its length, or [`NONE`].
    "l" fn find(own, end: usize) -> u32 {
        own.engine.find(own.room.get(4..end).unwrap_or(&[])).map_or(NONE, |flag| flag.0)
    }

    /// Returns the decision as packed.rs has it.
    "m" fn evaluate(own, flag: u32, now: f64) -> u32 {
        let decision = own.engine.evaluate(FlagIndex(flag), now as i64);
        own.valid_until = decision.valid_until;
        let session = own.engine.session();
        packed::pack(&decision, !session.exposures().is_empty(), session.wants())
    }

    /// The earliest moment (milliseconds since 1970) at which time alone could change the last decision, or what `Engine::adopt`
    /// returned since.
    "n" fn valid_until(own) -> f64 {
        own.valid_until as f64
    }

    "o" fn variant(own, flag: u32, variant: u8) -> usize {
        own.engine.variant(FlagIndex(flag), variant, &mut own.buffer);
        own.buffer.len()
    }

    /// The window is in the buffer.
    "p" fn exposure(own, number: usize) -> usize {
        let window = take(&mut own.buffer);
        own.engine.exposure(number, &window, &mut own.buffer);
        own.buffer.len()
    }

    "q" fn sticky(own) {
        own.engine.sticky(take(&mut own.buffer));
    }

    "r" fn wanted(own) -> usize {
        own.engine.wanted(&mut own.buffer);
        own.buffer.len()
    }

    "s" fn list(own, file: usize) -> u32 {
        code_of(own.engine.list(file, take(&mut own.buffer)))
    }

    "t" fn digest(own) -> usize {
        own.leave(engine::digest(&own.buffer))
    }

    /// Takes keys of flags that are killed, a line each.
    "u" fn kill(own) {
        own.engine.kill(&own.buffer);
    }

    /// Leaves what `evaluate` would return of each flag, by its index, of which only a draw is left to decide; 0 of others, or nothing, as
    /// where JavaScript knows few of the flags.
    "v" fn draw(own, now: f64, known: usize) -> usize {
        own.engine.draw(now as i64, known, packed::DRAWN, &mut own.buffer);
        own.buffer.len()
    }
}
