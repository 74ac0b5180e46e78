//! A head as whoever publishes has it: documents by content type, put together, and merged with what somebody else published.

use std::collections::BTreeMap;

use waft::head::file;
use waft::head::freshness::KEPT;
use waft::head::kills::Kills;
use waft::head::pointer::{Live, Pointer};
use waft::kind::Kind;
use waft::{Code, Refusal, Trust, Verified, limits, verify};

/// A head's documents by content type, those of newer publishers included. An empty one is a head that does not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documents(BTreeMap<Vec<u8>, Vec<u8>>);

/// Why two heads have no head that both publishers meant. Nothing is lost: whoever comes second does again what it did, with the
/// other's head as the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Two documents of one kind have the same number and other contents.
    SameNumber(Kind),
    /// Of two pointers, each names a lower number than the other: sign a new one.
    Pointers,
}

impl Documents {
    /// Reads a head. A snapshot behind it is left out.
    pub fn read(head: &[u8]) -> Result<Self, Refusal> {
        let mut documents = BTreeMap::new();
        file::documents(head, |content_type, document| {
            documents.insert(content_type.to_vec(), document.to_vec());
        })?;
        Ok(Documents(documents))
    }

    /// The document of a kind, whole.
    pub fn get(&self, kind: Kind) -> Option<&[u8]> {
        self.0.get(kind.content_type().as_bytes()).map(Vec::as_slice)
    }

    /// Puts a signed document in place of the one of its kind.
    pub fn put(&mut self, kind: Kind, document: Vec<u8>) {
        self.0.insert(kind.content_type().into(), document);
    }

    /// The head's bytes. One of more than [`limits::HEAD_BYTES`] is [`Code::TooLarge`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, Refusal> {
        let bytes = self.0.values().map(Vec::as_slice).collect::<Vec<_>>().concat();
        if bytes.len() > limits::HEAD_BYTES { Err(Code::TooLarge.into()) } else { Ok(bytes) }
    }

    /// The verified kill list, whatever the time. `None` if the head has none.
    pub fn kills(&self, trust: &Trust) -> Option<Result<Kills, Refusal>> {
        self.verified(Kind::Kills, trust).map(|verified| verified.and_then(Kills::new))
    }

    /// The verified pointer, whatever the time. `None` if the head has none.
    pub fn pointer(&self, trust: &Trust) -> Option<Result<Pointer, Refusal>> {
        self.verified(Kind::Pointer, trust).map(|verified| verified.and_then(Pointer::new))
    }

    fn verified(&self, kind: Kind, trust: &Trust) -> Option<Result<Verified, Refusal>> {
        self.get(kind).map(|document| verify(document.to_vec(), trust, KEPT, None))
    }
}

/// One head of two: of each kind the document with the higher number. A document that the trust does not accept never wins; of content
/// types that this version does not know, ours stays.
pub fn merge(ours: &Documents, theirs: &Documents, trust: &Trust) -> Result<Documents, Conflict> {
    let mut merged = theirs.clone();
    merged.0.extend(ours.0.clone());
    let (mine, other) = (ours.kills(trust).and_then(Result::ok), theirs.kills(trust).and_then(Result::ok));
    if let Some(other) = other
        && mine.as_ref().is_none_or(|mine| mine.number() <= other.number())
    {
        if mine.is_some_and(|mine| mine.number() == other.number() && mine.digest() != other.digest()) {
            return Err(Conflict::SameNumber(Kind::Kills));
        }
        merged.0.extend(theirs.0.get_key_value(Kind::Kills.content_type().as_bytes()).map(owned));
    }
    let (mine, other) = (ours.pointer(trust).and_then(Result::ok), theirs.pointer(trust).and_then(Result::ok));
    if let Some(other) = other
        && mine.map_or(Ok(true), |mine| is_behind(&mine, &other))?
    {
        merged.0.extend(theirs.0.get_key_value(Kind::Pointer.content_type().as_bytes()).map(owned));
    }
    Ok(merged)
}

fn owned((content_type, document): (&Vec<u8>, &Vec<u8>)) -> (Vec<u8>, Vec<u8>) {
    (content_type.clone(), document.clone())
}

/// Whether another pointer replaces ours: no number of it is lower, and if all are the same, it expires later.
fn is_behind(mine: &Pointer, other: &Pointer) -> Result<bool, Conflict> {
    let numbers = |Live { version, kills, trust, .. }: &Live| [*version, *kills, *trust];
    let (ours, theirs) = (numbers(mine.live()), numbers(other.live()));
    let is_lower = ours.iter().zip(&theirs).any(|(ours, theirs)| ours < theirs);
    let is_higher = ours.iter().zip(&theirs).any(|(ours, theirs)| ours > theirs);
    match (is_lower, is_higher) {
        (true, true) => Err(Conflict::Pointers),
        (false, false) if mine.live().digest != other.live().digest => Err(Conflict::SameNumber(Kind::Pointer)),
        (false, false) => Ok(mine.expires() < other.expires()),
        (is_lower, _) => Ok(is_lower),
    }
}
