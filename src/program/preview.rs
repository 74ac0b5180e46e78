//! The preview token: leave, signed by somebody whom the page trusts with it, to be shown chosen variants.

use alloc::vec;
use alloc::vec::Vec;

use crate::error::{Code, Refusal};
use crate::program::{FlagIndex, Program};
use crate::snapshot::cbor::Reader;
use crate::snapshot::envelope::Kind;
use crate::snapshot::table::{NO_VARIANT, Section};
use crate::snapshot::verify::Verified;

/// The format number this engine reads.
pub const FORMAT: u64 = 1;

/// Variants to show, for flags of one program. Only a [`Verified`] becomes one.
#[derive(Debug)]
pub struct Preview {
    /// For each flag, by its index, the variant by its index among the flag's; [`NO_VARIANT`] where nothing is shown. Options, and the
    /// look-ups that go with them, are 0.14 kB.
    shown: Vec<u8>,
    /// Milliseconds since 1970.
    until: i64,
}

/// Reads a token's body: an array of the format number, then flags and variants by turns, in texts; flags in ascending order, each once.
pub fn read(body: &[u8], mut show: impl FnMut(&[u8], &[u8])) -> Result<(), Refusal> {
    let mut cbor = Reader::new(body);
    let (items, format) = (cbor.array(), cbor.unsigned());
    cbor.ok()?;
    if format != FORMAT {
        return Err(Code::UnsupportedFormat.into());
    }
    // Each flag has a variant.
    cbor.require(items % 2 == 1);
    let mut last: &[u8] = &[];
    for _ in 0..items / 2 {
        let (flag, variant) = (cbor.text(), cbor.text());
        cbor.require(flag > last);
        cbor.ok()?;
        last = flag;
        show(flag, variant);
    }
    cbor.end()
}

fn find(program: &Program, flag: &[u8], variant: &[u8]) -> Option<(FlagIndex, u8)> {
    let index = program.find(flag)?;
    let flag = program.flag(index)?;
    let named = |index: &u8| program.variant(&flag, *index).is_some_and(|own| program.text(own.key) == variant);
    Some((index, (0..flag.variant_count).find(named)?))
}

impl Preview {
    /// Makes a verified token ready for a program. A flag or a variant that the program does not have is left out: a token may be
    /// older or newer than the rules.
    pub fn new(verified: Verified, program: &Program) -> Result<Self, Refusal> {
        if verified.kind() != Kind::Preview {
            return Err(Code::Malformed.into());
        }
        let mut shown = vec![NO_VARIANT; program.count(Section::Flags)];
        read(verified.body().whole()?, |flag, variant| {
            if let Some((flag, variant)) = find(program, flag, variant)
                && let Some(shown) = shown.get_mut(flag.0 as usize)
            {
                *shown = variant;
            }
        })?;
        let until = i64::try_from(verified.expires()).unwrap_or(i64::MAX).saturating_mul(1_000);
        Ok(Preview { shown, until })
    }

    /// From when on it shows nothing (milliseconds since 1970).
    pub fn until(&self) -> i64 {
        self.until
    }

    /// The variant to show of a flag.
    pub fn variant(&self, flag: FlagIndex) -> Option<u8> {
        self.shown.get(flag.0 as usize).copied().filter(|variant| *variant != NO_VARIANT)
    }
}
