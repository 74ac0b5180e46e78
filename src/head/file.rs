//! A head's bytes: a CBOR sequence of signed documents, behind which a snapshot may follow.

use crate::error::{Code, Refusal};
use crate::limits;
use crate::snapshot::cbor::Reader;
use crate::snapshot::envelope::{TAG, header};
use crate::snapshot::kind::Kind;

/// A head's documents, each whole and not yet verified. A default one is that of a file that does not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head<'a> {
    /// The kill list.
    pub kills: Option<&'a [u8]>,
    /// The freshness pointer.
    pub pointer: Option<&'a [u8]>,
    /// The snapshot, of a file that has both.
    pub snapshot: Option<&'a [u8]>,
}

impl<'a> Head<'a> {
    /// Takes a head apart. Documents of content types that are not of a head are skipped, so that a newer publisher does not stop an
    /// older page: what is skipped has no effect.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let mut head = Head::default();
        head.snapshot = documents(bytes, |content_type, document| match Kind::of_type(content_type) {
            Some(Kind::Kills) => head.kills = Some(document),
            Some(Kind::Pointer) => head.pointer = Some(document),
            Some(Kind::Snapshot | Kind::Preview | Kind::Trust) | None => {}
        })?;
        Ok(head)
    }
}

/// Gives each document of a head with its content type, in their order, and returns the snapshot behind them.
pub fn documents<'a>(bytes: &'a [u8], mut each: impl FnMut(&'a [u8], &'a [u8])) -> Result<Option<&'a [u8]>, Refusal> {
    let (mut cbor, mut last) = (Reader::new(bytes), &[][..]);
    loop {
        let rest = cbor.rest();
        if bytes.len() - rest.len() > limits::HEAD_BYTES {
            return Err(Code::TooLarge.into());
        }
        if rest.is_empty() {
            return Ok(None);
        }
        let content_type = content_type(rest)?;
        if Kind::of_type(content_type) == Some(Kind::Snapshot) {
            return Ok(Some(rest));
        }
        // One order, and each type once: the same documents give the same bytes.
        cbor.require(content_type > last);
        last = content_type;
        cbor.skip();
        cbor.ok()?;
        each(content_type, rest.get(..rest.len() - cbor.rest().len()).unwrap_or(&[]));
    }
}

/// The content type of the envelope that bytes start with.
fn content_type(bytes: &[u8]) -> Result<&[u8], Refusal> {
    let mut cbor = Reader::new(bytes);
    cbor.tag(TAG);
    let items = cbor.array();
    cbor.require(items == 4);
    let mut header = Reader::new(cbor.bytes());
    cbor.ok()?;
    let mut content_type = &[][..];
    header.map(|cbor, key| match key {
        header::CONTENT_TYPE => content_type = cbor.text(),
        _ => cbor.skip(),
    });
    header.end()?;
    Ok(content_type)
}
