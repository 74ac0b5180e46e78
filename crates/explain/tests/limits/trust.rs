//! How far a page's trust may be behind: documents, and their bytes.

use waft::Anchor;
use waft::anchor::{advance, walk};
use waft::kind::Kind;
use waft_compile::trust_document::{Document, Holder, Role};

use super::*;

const NOW: i64 = 1_000_000_000_000;

/// Number 2, of one key a role.
fn built_in() -> Anchor {
    let role = |seed| {
        let pair = keys::from_seed([seed; 32]);
        let holder = Holder { public: *pair.pk, name: "holder".to_owned() };
        Role { at_least: 1, keys: [(keys::kid(&pair.pk), holder)].into() }
    };
    let document = Document {
        project: "limits".to_owned(),
        environment: "test".to_owned(),
        number: 2,
        epoch: 1,
        min_version: 0,
        max_jump: limits::MAX_JUMP,
        roles: [("root".to_owned(), role(5)), ("publisher".to_owned(), role(6))].into(),
    };
    document.anchor().unwrap()
}

/// An envelope of so many bytes, of a number that is behind.
fn behind(length: usize) -> Vec<u8> {
    let (project, environment) = ("limits".to_owned(), "test".to_owned());
    let claims = Claims { project, environment, version: 1, issued: 0, not_before: None, expires: limits::VERSION };
    let of = |payload: usize| {
        let document = snapshot::document(&claims, Kind::Trust, &vec![0; payload]);
        (1..=8).fold(document, |bytes, seed| sign(&bytes, &keys::from_seed([seed; 32]), "root").unwrap())
    };
    let over = of(limits::MANIFEST_BYTES).len() - limits::MANIFEST_BYTES;
    let document = of(length - over);
    assert_eq!(document.len(), length);
    document
}

fn walked(documents: &[&[u8]]) -> Option<Code> {
    walk(&built_in(), documents, NOW).1.map(|refusal| refusal.code)
}

pub(crate) fn document_bytes() {
    assert_eq!(limit("trust document"), limits::TRUST_DOCUMENT_BYTES);
    // No envelope reaches it with as many signatures as count.
    let of = |length| advance(&built_in(), &vec![0; length], NOW).unwrap_err().code;
    assert_eq!(of(limits::TRUST_DOCUMENT_BYTES), Code::Malformed);
    assert_eq!(of(limits::TRUST_DOCUMENT_BYTES + 1), Code::TooLarge);
}

pub(crate) fn documents() {
    assert_eq!(limit("trust documents of one start"), limits::TRUST_DOCUMENTS);
    let one = behind(4_000);
    assert_eq!(walked(&vec![&*one; limits::TRUST_DOCUMENTS]), None);
    assert_eq!(walked(&vec![&*one; limits::TRUST_DOCUMENTS + 1]), Some(Code::TooLarge));
}

pub(crate) fn bytes() {
    let [one, longer] = [0, 1].map(|more| behind(limits::TRUST_BYTES / limits::TRUST_DOCUMENTS + more));
    let mut documents = vec![&*one; limits::TRUST_DOCUMENTS];
    assert_eq!(walked(&documents), None);
    documents[0] = &longer;
    assert_eq!(walked(&documents), Some(Code::TooLarge));
}
