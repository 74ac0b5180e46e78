//! `waft head show`: a head's documents as JSON. Nothing is verified.

use serde_json::{Value as Json, json};
use waft::Refusal;
use waft::head::file;
use waft::kind::Kind;

use crate::exit::Exit;
use crate::exit::fail;
use crate::host::Host;
use crate::input;

/// What to look at.
#[derive(Clone, Debug)]
pub struct Options {
    /// The head's file.
    pub head: String,
}

/// Prints each document: its content type, its headers and signatures, and what it says.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let bytes = match input::file(host, &options.head) {
        Ok(bytes) => bytes,
        Err(message) => return fail(host, &message),
    };
    match tell_all(&bytes) {
        Ok((told, _)) => {
            input::print(host, &told);
            Exit::Done
        }
        Err(refused) => input::refuse(host, &options.head, refused),
    }
}

/// Several documents, one behind another: a head, and perhaps a snapshot, as `waft inspect` prints them. `None` of anything else.
pub(crate) fn inspected(bytes: &[u8]) -> Result<Option<Json>, Refusal> {
    let mut count = 0;
    let snapshot = file::documents(bytes, |_, _| count += 1);
    if snapshot.is_err() || count + snapshot.iter().flatten().count() < 2 {
        return Ok(None);
    }
    let (mut told, snapshot) = tell_all(bytes)?;
    if let Some(snapshot) = snapshot {
        told["snapshot"] = serde_json::to_value(waft_explain::inspect(snapshot)?).unwrap_or_default();
    }
    Ok(Some(told))
}

fn tell_all(bytes: &[u8]) -> Result<(Json, Option<&[u8]>), Refusal> {
    let mut documents = Vec::new();
    let snapshot = file::documents(bytes, |content_type, document| documents.push((content_type, document)))?;
    let told: Result<Vec<Json>, _> =
        documents.iter().map(|(content_type, document)| tell(content_type, document)).collect();
    let length = snapshot.map(<[u8]>::len);
    Ok((json!({ "bytes": bytes.len(), "documents": told?, "snapshotBytes": length }), snapshot))
}

fn tell(content_type: &[u8], document: &[u8]) -> Result<Json, Refusal> {
    let mut told = json!({ "contentType": String::from_utf8_lossy(content_type) });
    if Kind::of_type(content_type).is_some() {
        let inspected = serde_json::to_value(waft_explain::inspect(document)?).unwrap_or_default();
        if let (Some(told), Json::Object(inspected)) = (told.as_object_mut(), inspected) {
            told.extend(inspected);
        }
    }
    Ok(told)
}
