//! One client's engine.

use alloc::vec::Vec;

use waft::body::State;
use waft::manifest::{Digest, digest_of};
use waft::program::{FlagIndex, UnitKind, ValueType, Variant};
use waft::table::Section;
use waft::{
    Assignment, NoTrace, Preview, Program, Seen, Session, Subject, Trust, decimal, evaluate, exposure, limits, verify,
};

/// No such flag.
const NONE: u32 = u32::MAX;
/// There are chunks left to check: no code of a refusal.
const OPEN: u32 = u32::MAX;

/// One client's engine: its trust, the snapshot in force, and the context.
pub struct Engine {
    buffer: Vec<u8>,
    /// Where JavaScript writes contexts. It stays where it is, and is not cleared.
    room: Vec<u8>,
    trust: Option<Trust>,
    seen: Option<Seen>,
    program: Option<Program>,
    session: Session,
    valid_until: f64,
}

impl Engine {
    /// An engine that trusts nobody yet.
    pub const EMPTY: Self = Engine {
        buffer: Vec::new(),
        room: Vec::new(),
        trust: None,
        seen: None,
        program: None,
        session: Session::EMPTY,
        valid_until: 0.0,
    };

    /// Makes the buffer this many bytes long and answers its address. Earlier views of the memory may be stale then.
    pub fn reserve(&mut self, length: usize) -> *const u8 {
        self.buffer.clear();
        self.buffer.reserve(length);
        // `resize` writes byte by byte, which takes V8's first compiler a millisecond for a snapshot; `vec!` is 0.15 kB.
        // SAFETY: there is room for so many bytes, and all of them are written.
        #[allow(unsafe_code)]
        unsafe {
            self.buffer.as_mut_ptr().write_bytes(0, length);
            self.buffer.set_len(length);
        }
        self.buffer.as_ptr()
    }

    /// The address of the answer that the last call left in the buffer.
    pub fn answer(&self) -> *const u8 {
        self.buffer.as_ptr()
    }

    /// Takes the buffer as trust, in the CBOR of `Trust::read`. Answers 0, or the code of the refusal.
    pub fn trust(&mut self) -> u32 {
        match Trust::read(&self.buffer) {
            Ok(trust) => {
                self.trust = Some(trust);
                0
            }
            Err(refusal) => refusal.code as u32,
        }
    }

    /// Tells the highest version adopted before. The buffer holds its digest, or is empty. What this engine has adopted
    /// itself is never forgotten for a lower one.
    pub fn seen(&mut self, version: f64) {
        let version = version as u64;
        if self.seen.is_none_or(|seen| seen.version < version) {
            self.seen = Some(Seen { version, digest: Digest::try_from(self.buffer.as_slice()).ok() });
        }
    }

    /// Takes the buffer as a snapshot: verified against trust at a moment (milliseconds since 1970), it comes into
    /// force and the context is forgotten. Or as a preview token: verified, it is shown with the snapshot in force, and
    /// [`Engine::valid_until`] tells until when. Answers 0, or the code of the refusal, and then what was in force stays.
    pub fn adopt(&mut self, now: f64, preview: bool) -> u32 {
        let bytes = core::mem::take(&mut self.buffer);
        let Some(trust) = &self.trust else { return waft::Code::InvalidTrust as u32 };
        // One call for both: what is called twice is not compiled into its caller, which costs 1 kB.
        let adopted = verify(bytes, trust, now as i64, self.seen).and_then(|verified| match &self.program {
            Some(program) if preview => {
                let preview = Preview::new(verified, program)?;
                self.valid_until = preview.until() as f64;
                self.session.set_preview(preview);
                Ok(())
            }
            _ => {
                let program = Program::new(verified)?;
                let mut session = Session::new(&program);
                session.want_preloaded(&program);
                program.intact()?;
                let snapshot = program.snapshot();
                self.seen = Some(Seen { version: snapshot.version(), digest: Some(*snapshot.digest()) });
                self.session = session;
                self.program = Some(program);
                Ok(())
            }
        });
        match adopted {
            Ok(()) => 0,
            Err(refusal) => refusal.code as u32,
        }
    }

    /// Checks one more chunk of a large snapshot's body. Answers 0 once all are what was signed, 2^32 - 1 while some are left, and the
    /// code of the refusal if one is not.
    pub fn advance(&self) -> u32 {
        match self.program.as_ref().map(|program| program.snapshot().body().advance()) {
            Some(State::Open) => OPEN,
            Some(State::Broken) => waft::Code::DigestMismatch as u32,
            Some(State::Whole) | None => 0,
        }
    }

    /// Leaves lines of text: version, issued, expires (seconds since 1970), digest (hexadecimal), how many units, each
    /// unit's name and slot, then the name of each attribute in the order of slots. Names cannot hold a line's end.
    pub fn describe(&mut self) -> usize {
        self.write(|program, out| {
            let snapshot = program.snapshot();
            for number in [snapshot.version(), snapshot.issued(), snapshot.expires()] {
                number_line(out, number as i64);
            }
            hex_line(out, snapshot.digest());
            number_line(out, program.count(Section::Units) as i64);
            for UnitKind { name, slot } in
                (0..program.count(Section::Units) as u16).filter_map(|unit| program.unit(unit))
            {
                out.extend_from_slice(program.name(name, limits::UNIT_NAME_BYTES));
                out.push(b'\n');
                number_line(out, slot.0.into());
            }
            for attribute in program.slots().filter_map(|slot| program.attribute(slot)) {
                out.extend_from_slice(program.name(attribute.name, limits::NAME_BYTES));
                out.push(b'\n');
            }
        })
    }

    /// Leaves the keys of all flags, a line each, in the order of their indices.
    pub fn keys(&mut self) -> usize {
        self.write(|program, out| {
            for flag in program.flags().filter_map(|index| program.flag(index)) {
                out.extend_from_slice(program.name(flag.key, limits::NAME_BYTES));
                out.push(b'\n');
            }
        })
    }

    /// Makes the room for contexts at least this many bytes long, keeping what is in it, and answers its address.
    pub fn room(&mut self, length: usize) -> *const u8 {
        self.room.resize(length.max(self.room.len()), 0);
        self.room.as_ptr()
    }

    /// Takes so many bytes of the room for what changed in the context, in the form of `Session::read`; or for all of it, anew.
    pub fn context(&mut self, length: usize, anew: bool) {
        if let Some(program) = &self.program {
            if anew {
                self.session.clear(program);
            }
            self.session.read(program, self.room.get(..length).unwrap_or(&[]));
        }
    }

    /// The index of the flag whose key is in the buffer, or 2^32 - 1.
    pub fn find(&self) -> u32 {
        self.program.as_ref().and_then(|program| program.find(&self.buffer)).map_or(NONE, |flag| flag.0)
    }

    /// Decides one flag for the context at a moment (milliseconds since 1970).
    ///
    /// Answers `variant:8 | rule:8 | reason:4 | error:4 | exposed:1 | wanted:1 | timed:1`, lowest first; variant and rule are 255
    /// for none, `wanted` says that [`Engine::wanted`] has something to tell, `timed` that [`Engine::valid_until`] has.
    pub fn evaluate(&mut self, flag: u32, now: f64) -> u32 {
        let Some(program) = &self.program else { return pack(NONE, NONE, 5, 0, false) };
        let decision = evaluate(program, FlagIndex(flag), &mut self.session, now as i64, &mut NoTrace);
        self.valid_until = decision.valid_until as f64;
        let (variant, error) = match decision.variant {
            Ok(variant) => (u32::from(variant), 0),
            Err(code) => (NONE, code as u32),
        };
        // Rules are counted as they are written: what the compiler put in front of them has no number.
        let rule = decision.rule.and_then(|rule| rule.checked_sub(decision.prelude)).map_or(NONE, u32::from);
        pack(variant, rule, decision.reason as u32, error, !self.session.exposures().is_empty())
            | u32::from(self.session.wants()) << 25
            | u32::from(decision.valid_until != i64::MAX) << 26
    }

    /// The earliest moment (milliseconds since 1970) at which time alone could change the last decision.
    pub fn valid_until(&self) -> f64 {
        self.valid_until
    }

    /// Leaves a variant: its key, a line's end, the type of its value (1 boolean, 2 string, 3 number, 4 object), a
    /// line's end, and the value as JSON. Answers 0 if there is no such variant.
    pub fn variant(&mut self, flag: u32, variant: u8) -> usize {
        self.write(|program, out| {
            let Some(flag) = program.flag(FlagIndex(flag)) else { return };
            if let (Some(Variant { key, value }), Some(value_type)) = (program.variant(&flag, variant), flag.value_type)
            {
                out.extend_from_slice(program.name(key, limits::NAME_BYTES));
                out.extend_from_slice(match value_type {
                    ValueType::Boolean => b"\n1\n",
                    ValueType::String => b"\n2\n",
                    ValueType::Number => b"\n3\n",
                    ValueType::Object => b"\n4\n",
                });
                out.extend_from_slice(program.text(value));
            }
        })
    }

    /// Leaves one of the exposures that the last decision makes, by its number from 0, for the window in the buffer (empty:
    /// once per phase): lines of id, experiment, phase, point, unit kind, variant, rule, the id to remember the variant
    /// under (empty if it is not to be remembered), and the unit, which alone may hold line ends. Answers 0 if there are no
    /// more.
    pub fn exposure(&mut self, number: usize) -> usize {
        let window = core::mem::take(&mut self.buffer);
        if let (Some(program), Some(assignment)) = (&self.program, self.session.exposures().get(number)) {
            write_exposure(program, assignment, self.session.subject(), &window, &mut self.buffer);
            if program.intact().is_err() {
                self.buffer.clear();
            }
        }
        self.buffer.len()
    }

    /// Takes the buffer as what is remembered of earlier page views: see `Session::set_sticky`.
    pub fn sticky(&mut self) {
        self.session.set_sticky(core::mem::take(&mut self.buffer));
    }

    /// Leaves the number and the digest (hexadecimal) of each list file that was asked for since the last call and is not
    /// there, as `number:digest`, a line each.
    pub fn wanted(&mut self) -> usize {
        let wanted = self.session.take_wanted();
        self.write(|program, out| {
            for file in (0..u64::BITS).filter(|file| wanted >> file & 1 != 0) {
                let Some(digest) = program.snapshot().list_digest(file as usize) else { continue };
                out.extend_from_slice(decimal::write(i64::from(file), &mut [0; 20]));
                out.push(b':');
                hex_line(out, digest);
            }
        })
    }

    /// Takes the buffer as the contents of a list file. Answers 0, or the code of the refusal. What was decided without it
    /// is forgotten.
    pub fn list(&mut self, file: usize) -> u32 {
        let bytes = core::mem::take(&mut self.buffer);
        self.session.forget();
        match self.program.as_mut().map(|program| program.put_list(file, bytes)) {
            Some(Err(refusal)) => refusal.code as u32,
            _ => 0,
        }
    }

    /// Leaves the first 32 bytes of the SHA-512 of what is in the buffer, in hexadecimal.
    pub fn digest(&mut self) -> usize {
        let digest = digest_of(&[&self.buffer]);
        self.buffer.clear();
        hex_line(&mut self.buffer, &digest);
        self.buffer.len()
    }

    fn write(&mut self, text: impl FnOnce(&Program, &mut Vec<u8>)) -> usize {
        self.buffer.clear();
        if let Some(program) = &self.program {
            text(program, &mut self.buffer);
        }
        self.buffer.len()
    }
}

fn write_exposure(program: &Program, assignment: &Assignment, subject: &Subject, window: &[u8], out: &mut Vec<u8>) {
    let (Some(id), Some(UnitKind { name, slot })) =
        (exposure::id_of(program, assignment, subject, window), program.unit(assignment.unit.into()))
    else {
        return;
    };
    let mut digits = [0; 20];
    let Some(unit) = subject.unit(slot, &mut digits) else { return };
    let sticky = exposure::sticky_id(program, assignment, subject);
    let mut line = |text: &[u8]| {
        out.extend_from_slice(text);
        out.push(b'\n');
    };
    line(&id);
    line(program.name(assignment.trial, limits::SALT_BYTES));
    line(decimal::write(i64::from(assignment.phase), &mut [0; 20]));
    line(decimal::write(i64::from(assignment.point), &mut [0; 20]));
    line(program.name(name, limits::UNIT_NAME_BYTES));
    line(exposure::variant_key(program, assignment.variant));
    line(program.name(assignment.rule, limits::SALT_BYTES));
    line(sticky.as_ref().map_or(&[][..], |id| id));
    out.extend_from_slice(unit);
}

fn hex_line(out: &mut Vec<u8>, bytes: &[u8]) {
    bytes.iter().for_each(|byte| out.extend_from_slice(&exposure::hexadecimal(*byte)));
    out.push(b'\n');
}

fn number_line(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(decimal::write(number, &mut [0; 20]));
    out.push(b'\n');
}

fn pack(variant: u32, rule: u32, reason: u32, error: u32, exposed: bool) -> u32 {
    (variant & 0xff) | (rule & 0xff) << 8 | reason << 16 | error << 20 | u32::from(exposed) << 24
}
