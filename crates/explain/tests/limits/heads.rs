//! What a head holds, and for how long.

use waft::head::file::Head;
use waft::head::freshness::{Origin, Standing, standing};
use waft::head::pointer::{Live, Pointer};

use super::*;

const NOW: u64 = 1_000_000_000;

fn code<T>(result: Result<T, waft::Refusal>) -> Result<(), Code> {
    result.map(drop).map_err(|refused| refused.code)
}

/// Of a content type that nobody knows.
pub(crate) fn head_bytes() {
    let header = Writer::default().map(1).integer(3).text("a").into_bytes();
    let envelope =
        |payload: &[u8]| Writer::default().tag(98).array(4).bytes(&header).map(0).bytes(payload).array(0).into_bytes();
    let over = envelope(&vec![0; limits::HEAD_BYTES]).len() - limits::HEAD_BYTES;
    let of = |length: usize| envelope(&vec![0; length - over]);
    assert_eq!(of(limits::HEAD_BYTES).len(), limits::HEAD_BYTES);
    assert_eq!(code(Head::read(&of(limits::HEAD_BYTES))), Ok(()));
    assert_eq!(code(Head::read(&of(limits::HEAD_BYTES + 1))), Err(Code::TooLarge));
}

fn pointer(life: u64) -> Result<Pointer, waft::Refusal> {
    let pair = keys::from_seed([5; 32]);
    let key = Key { kid: keys::kid(&pair.pk), public: *pair.pk };
    let other = Key { kid: [1; 16], public: [1; 32] };
    let require = [("freshness", key), ("publisher", other)].map(|(role, key)| Requirement {
        role: role.into(),
        at_least: 1,
        keys: vec![key],
    });
    let trust = Trust::new("limits", "test", 0, limits::MAX_JUMP, require.into()).unwrap();
    let (project, environment) = ("limits".to_owned(), "test".to_owned());
    let claims = Claims { project, environment, version: 1, issued: NOW, not_before: None, expires: NOW + life };
    let document = snapshot::pointer(&claims, &Live { version: 1, digest: [1; 32], kills: 0, trust: 0 });
    verify(sign(&document, &pair, "freshness").unwrap(), &trust, NOW as i64 * 1_000, None).and_then(Pointer::new)
}

pub(crate) fn pointer_seconds() {
    assert_eq!(code(pointer(limits::POINTER_SECONDS)), Ok(()));
    assert_eq!(code(pointer(limits::POINTER_SECONDS + 1)), Err(Code::TooLarge));
}

pub(crate) fn max_stale_seconds() {
    let pointer = pointer(60).unwrap();
    let ends = (pointer.expires() + limits::MAX_STALE_SECONDS) as i64 * 1_000;
    let at = |now| {
        let origin = Origin::Kept(Some(pointer.expires()));
        standing(Ok(&pointer), (1, &[1; 32]), origin, now, limits::MAX_STALE_SECONDS)
    };
    assert_eq!(at(ends - 1), Standing::Stale(Code::Expired, ends));
    assert_eq!(at(ends), Standing::Refused(Code::Expired));
}
