//! A session: who is asking, what is shown or remembered, and what was decided at this moment.

use alloc::vec::Vec;

use crate::context::assignment::Assignment;
use crate::context::attribute::Value;
use crate::context::subject::{Attributes, Subject};
use crate::decide::moment::Moment;
#[cfg(feature = "head")]
use crate::head::kills::Kills;
use crate::memo::Memo;
use crate::program::preview::Preview;
use crate::program::{FlagIndex, Program, Slot};
use crate::snapshot::table::Section;

/// A context, and all that deciding for it takes, of one program.
#[derive(Debug)]
pub struct Session {
    pub(crate) subject: Subject,
    /// What earlier page views remember: lines of 32 hexadecimal digits ([`crate::exposure::sticky_id`]), a space, and a variant's
    /// key.
    sticky: Vec<u8>,
    /// What is shown in place of what rules decide.
    preview: Option<Preview>,
    /// The flags of the program that the kill list names.
    #[cfg(feature = "head")]
    killed: Vec<FlagIndex>,
    pub(crate) moment: Moment,
    pub(crate) memo: Memo,
    /// The list files that conditions asked for and that are absent, a bit each.
    wanted: u64,
}

impl Session {
    /// A session of no program.
    pub const EMPTY: Self = Session {
        subject: Subject::EMPTY,
        sticky: Vec::new(),
        preview: None,
        #[cfg(feature = "head")]
        killed: Vec::new(),
        moment: Moment::EMPTY,
        memo: Memo::EMPTY,
        wanted: 0,
    };

    /// A session whose context has no attributes.
    pub fn new(program: &Program) -> Self {
        let mut session = Session::EMPTY;
        session.clear(program);
        session
    }

    /// The context.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Forgets all attributes, keeping their memory.
    pub fn clear(&mut self, program: &Program) {
        self.subject.clear(program);
        self.moment.expose_nothing();
        self.change_all();
    }

    /// Takes another context's attributes in exchange for its own. Both were set here: their texts stay until [`Session::clear`].
    pub fn swap(&mut self, other: &mut Attributes) {
        self.subject.swap(other);
        self.change_all();
    }

    fn change_all(&mut self) {
        self.memo.change_all();
        self.moment.forget();
    }

    /// Reads what changed in the context, in the form in which it crosses the border to wasm: for each attribute a 16-bit slot, a
    /// [`tag`](crate::attribute::tag) and its value, all little endian. Reading stops at the first byte that fits nothing; what was read
    /// before it counts. Earlier texts take room until [`Session::clear`].
    pub fn read(&mut self, program: &Program, bytes: &[u8]) {
        self.moment.forget();
        self.subject.read(program, bytes, |slot| self.memo.change(slot));
    }

    /// Sets one attribute by its slot. A slot that the program does not have is ignored.
    pub fn set(&mut self, program: &Program, slot: Slot, value: Value<'_>) {
        self.moment.forget();
        self.memo.change(slot);
        self.subject.set(program, slot, value);
    }

    /// Takes what earlier page views remember: lines of a sticky id, a space, and a variant's key. What was decided before is
    /// forgotten.
    pub fn set_sticky(&mut self, lines: Vec<u8>) {
        self.sticky = lines;
        self.forget();
    }

    /// The key of the variant that is remembered under an id.
    pub(crate) fn sticky(&self, id: &[u8]) -> Option<&[u8]> {
        let mut lines = self.sticky.split(|byte| *byte == b'\n');
        lines.find_map(|line| line.strip_prefix(id)?.strip_prefix(b" "))
    }

    /// Takes the variants to show whatever rules say. What was decided before is forgotten.
    pub fn set_preview(&mut self, preview: Preview) {
        self.preview = Some(preview);
        self.forget();
    }

    /// Takes the kill list in place of an earlier one. Keys of flags that the program does not have are nobody's concern: another program
    /// gets another session. What was decided before is forgotten.
    #[cfg(feature = "head")]
    pub fn set_kills(&mut self, program: &Program, kills: &Kills) {
        self.killed = kills.flags().into_iter().filter_map(|key| program.find(key)).collect();
        self.forget();
    }

    /// The same of keys that a page has read of the list, a line each.
    #[cfg(feature = "head")]
    pub fn set_killed(&mut self, program: &Program, lines: &[u8]) {
        self.killed = lines.split(|byte| *byte == b'\n').filter_map(|key| program.find(key)).collect();
        self.forget();
    }

    /// Whether the kill list names a flag.
    #[cfg(feature = "head")]
    pub(crate) fn is_killed(&self, flag: FlagIndex) -> bool {
        self.killed.contains(&flag)
    }

    /// Whether rules alone decide, as in hardly any session they do not: nothing is previewed, killed or missing.
    pub(crate) fn is_plain(&self) -> bool {
        #[cfg(feature = "head")]
        if !self.killed.is_empty() {
            return false;
        }
        self.preview.is_none() && !self.wants()
    }

    /// The variant of a flag that a preview shows at this moment.
    pub(crate) fn previewed(&mut self, flag: FlagIndex) -> Option<u8> {
        let preview = self.preview.as_ref().filter(|preview| self.moment.now < preview.until())?;
        let variant = preview.variant(flag)?;
        self.moment.changes_at(preview.until());
        Some(variant)
    }

    /// Whether decisions may use what is kept of earlier ones, as they do unless told otherwise. They are the same without.
    pub fn set_memo(&mut self, on: bool) {
        self.memo.switch(on);
    }

    /// Forgets how segments and flags were decided, so that a trace sees each of them.
    pub fn forget(&mut self) {
        self.moment.forget();
    }

    /// What the last decision exposes.
    pub fn exposures(&self) -> &[Assignment] {
        &self.moment.exposures
    }

    /// Asks for the list files that should be present before anything is decided.
    pub fn want_preloaded(&mut self, program: &Program) {
        let lists = (0..program.count(Section::Lists) as u16).filter_map(|index| program.list(index));
        lists.filter(|list| list.preload).filter_map(|list| list.file()).for_each(|file| self.want(file));
    }

    /// Notes that a list file is wanted.
    pub(crate) fn want(&mut self, file: u32) {
        self.wanted |= 1u64.checked_shl(file).unwrap_or(0);
    }

    /// The list files that were asked for since the last call and are absent: a bit each.
    pub fn take_wanted(&mut self) -> u64 {
        core::mem::take(&mut self.wanted)
    }

    /// Whether any list file was asked for and is absent.
    pub fn wants(&self) -> bool {
        self.wanted != 0
    }
}
