//! One client's engine: what pages ask of the core, in slices and values.

use alloc::vec::Vec;

use waft::body::State;
use waft::draws::draw_all;
use waft::manifest::{Digest, digest_of};
use waft::program::{FlagIndex, UnitKind, ValueType, Variant};
use waft::table::Section;
use waft::{
    Assignment, Code, Decision, ErrorCode, NoTrace, Preview, Program, Seen, Session, Subject, Trust, Verified, decimal,
    evaluate, exposure, limits, verify,
};

/// One client's engine: its trust, the active snapshot, and the context.
pub struct Engine {
    trust: Option<Trust>,
    seen: Option<Seen>,
    program: Option<Program>,
    session: Session,
}

/// How bytes are adopted; as a snapshot otherwise.
pub(crate) mod mode {
    /// They are a preview token.
    pub(crate) const PREVIEW: u32 = 1;
    /// They are only looked at.
    pub(crate) const LOOK: u32 = 2;
}

impl Engine {
    /// An engine that trusts nobody yet.
    pub const EMPTY: Self = Engine { trust: None, seen: None, program: None, session: Session::EMPTY };

    /// Takes trust, in the CBOR of `Trust::read`.
    pub fn trust(&mut self, bytes: &[u8]) -> Result<(), Code> {
        self.trust = Some(Trust::read(bytes).map_err(|refusal| refusal.code)?);
        Ok(())
    }

    /// Tells the highest version adopted before, and its digest if that is known. What this engine has adopted itself is never
    /// forgotten for a lower one, but for one below 0, which is none: what was seen under another epoch of trust.
    pub fn seen(&mut self, version: i64, digest: &[u8]) {
        if self.seen.is_none_or(|seen| version < 0 || seen.version < version as u64) {
            self.seen = (version >= 0).then(|| Seen { version: version as u64, digest: Digest::try_from(digest).ok() });
        }
    }

    /// Takes keys of flags that are killed, a line each: they hold for the active snapshot.
    pub fn kill(&mut self, lines: &[u8]) {
        if let Some(program) = &self.program {
            self.session.set_killed(program, lines);
        }
    }

    /// Takes a snapshot: verified against trust at a moment (milliseconds since 1970), it becomes active and the context is forgotten.
    /// Or a preview token: verified, it is shown with the active snapshot. Returns until when it holds. Or what is only looked at: `told` gets
    /// lines of its kind (a number of [`Kind`]), version, issued, expires, digest and payload (both hexadecimal), and their length is
    /// returned. What is refused changes nothing.
    pub fn adopt(&mut self, bytes: Vec<u8>, now: i64, mode: u32, told: &mut Vec<u8>) -> Result<i64, Code> {
        let Some(trust) = &self.trust else { return Err(Code::InvalidTrust) };
        // One call for both: what is called twice is not compiled into its caller, which costs 1 kB.
        let adopted = verify(bytes, trust, now, self.seen).and_then(|verified| match &self.program {
            _ if mode == mode::LOOK => {
                number_line(told, verified.kind() as i64);
                facts(told, &verified);
                hex_line(told, verified.payload());
                Ok(told.len() as i64)
            }
            Some(program) if mode == mode::PREVIEW => {
                let preview = Preview::new(verified, program)?;
                let until = preview.until();
                self.session.set_preview(preview);
                Ok(until)
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
                Ok(i64::MAX)
            }
        });
        adopted.map_err(|refusal| refusal.code)
    }

    /// Checks one more chunk of a large snapshot's body, and returns how far that brings it.
    pub fn advance(&self) -> State {
        self.program.as_ref().map_or(State::Whole, |program| program.snapshot().body().advance())
    }

    /// Lines of text: version, issued, expires (seconds since 1970), digest (hexadecimal), how many units, each unit's name and slot,
    /// then the name of each attribute in the order of slots. Names cannot hold a line's end.
    pub fn describe(&self, out: &mut Vec<u8>) {
        self.write(out, |program, out| {
            facts(out, program.snapshot());
            let units = program.count(Section::Units) as u16;
            number_line(out, units.into());
            for UnitKind { name, slot } in (0..units).filter_map(|unit| program.unit(unit)) {
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

    /// The keys of all flags, a line each, in the order of their indices.
    pub fn keys(&self, out: &mut Vec<u8>) {
        self.write(out, |program, out| {
            for flag in program.flags().filter_map(|index| program.flag(index)) {
                out.extend_from_slice(program.name(flag.key, limits::NAME_BYTES));
                out.push(b'\n');
            }
        })
    }

    /// Takes what changed in the context, in the form of `Session::read`; or all of it, anew.
    pub fn context(&mut self, changes: &[u8], anew: bool) {
        if let Some(program) = &self.program {
            if anew {
                self.session.clear(program);
            }
            self.session.read(program, changes);
        }
    }

    /// A flag by its key.
    pub fn find(&self, key: &[u8]) -> Option<FlagIndex> {
        self.program.as_ref()?.find(key)
    }

    /// Decides one flag for the context at a moment (milliseconds since 1970).
    pub fn evaluate(&mut self, flag: FlagIndex, now: i64) -> Decision {
        match &self.program {
            Some(program) => evaluate(program, flag, &mut self.session, now, &mut NoTrace),
            None => Decision::none(ErrorCode::FlagNotFound),
        }
    }

    /// Decides at a moment (milliseconds since 1970) the flags of which only a draw is left, beside the bits of `drawn`: see [`draw_all`].
    /// Nothing for whoever knows no more than a fourth of the flags: to look at one takes a fifth of what is saved by one that is known.
    pub fn draw(&self, now: i64, known: usize, drawn: u32, out: &mut Vec<u8>) {
        self.write(out, |program, out| {
            if known > program.count(Section::Flags) / 4 {
                draw_all(program, &self.session, now, drawn, out);
            }
        });
    }

    /// What the last decision found beside its variant.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// A variant: its key, a line's end, the type of its value (1 boolean, 2 string, 3 number, 4 object), a line's end, and the value
    /// as JSON. Empty if there is no such variant.
    pub fn variant(&self, flag: FlagIndex, variant: u8, out: &mut Vec<u8>) {
        self.write(out, |program, out| {
            let Some(flag) = program.flag(flag) else { return };
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

    /// One of the exposures that the last decision makes, by its number from 0, for a window (empty: once per phase): lines of id,
    /// experiment, phase, point, unit kind, variant, rule, the id to remember the variant under (empty if it is not to be
    /// remembered), and the unit, which alone may hold line ends. Empty if there are no more.
    pub fn exposure(&self, number: usize, window: &[u8], out: &mut Vec<u8>) {
        self.write(out, |program, out| {
            if let Some(assignment) = self.session.exposures().get(number) {
                write_exposure(program, assignment, self.session.subject(), window, out);
            }
            if program.intact().is_err() {
                out.clear();
            }
        })
    }

    /// Takes what is remembered of earlier page views: see `Session::set_sticky`.
    pub fn sticky(&mut self, lines: Vec<u8>) {
        self.session.set_sticky(lines);
    }

    /// The number and the digest (hexadecimal) of each list file that was asked for since the last call and is not there, as
    /// `number:digest`, a line each.
    pub fn wanted(&mut self, out: &mut Vec<u8>) {
        let wanted = self.session.take_wanted();
        self.write(out, |program, out| {
            for file in (0..u64::BITS).filter(|file| wanted >> file & 1 != 0) {
                let Some(digest) = program.snapshot().list_digest(file as usize) else { continue };
                out.extend_from_slice(decimal::write(i64::from(file), &mut [0; 20]));
                out.push(b':');
                hex_line(out, digest);
            }
        })
    }

    /// Takes the contents of a list file. What was decided without it is forgotten.
    pub fn list(&mut self, file: usize, bytes: Vec<u8>) -> Result<(), Code> {
        self.session.forget();
        let Some(program) = &mut self.program else { return Ok(()) };
        program.put_list(file, bytes).map_err(|refusal| refusal.code)
    }

    fn write(&self, out: &mut Vec<u8>, text: impl FnOnce(&Program, &mut Vec<u8>)) {
        out.clear();
        if let Some(program) = &self.program {
            text(program, out);
        }
    }
}

/// The first 32 bytes of the SHA-512 of some bytes, in hexadecimal, and a line's end.
pub(crate) fn digest(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    hex_line(&mut out, &digest_of(&[bytes]));
    out
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

/// Lines of version, issued, expires (seconds since 1970), and digest.
fn facts(out: &mut Vec<u8>, verified: &Verified) {
    for number in [verified.version(), verified.issued(), verified.expires()] {
        number_line(out, number as i64);
    }
    hex_line(out, verified.digest());
}

fn hex_line(out: &mut Vec<u8>, bytes: &[u8]) {
    bytes.iter().for_each(|byte| out.extend_from_slice(&exposure::hexadecimal(*byte)));
    out.push(b'\n');
}

fn number_line(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(decimal::write(number, &mut [0; 20]));
    out.push(b'\n');
}
