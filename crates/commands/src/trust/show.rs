//! `waft trust show`: a trust document in words, or as the TRUST.json that pages are built with.

use waft::envelope::Envelope;

use super::{name, read};
use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::input;
use waft_compile::keys;
use waft_compile::trust_document::Document;

/// What to show, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// A trust document, or TRUST.json.
    pub file: String,
    /// As TRUST.json.
    pub json: bool,
}

/// Prints it. Nothing is verified.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    match show(options, host) {
        Ok(()) => Exit::Done,
        Err(message) => fail(host, &message),
    }
}

fn show(Options { file, json }: &Options, host: &dyn Host) -> Result<(), String> {
    let document = read(host, file)?;
    if *json {
        input::print(host, &document.to_json());
        return Ok(());
    }
    let Document { project, environment, number, epoch, min_version, max_jump, roles } = &document;
    host.out(&format!("project {project}, environment {environment}"));
    host.out(&format!("number {number}, epoch {epoch}, minVersion {min_version}, maxJump {max_jump}"));
    for (role, one) in roles {
        host.out(&format!("{role}: {} of {} must sign", one.at_least, one.keys.len()));
        for (kid, holder) in &one.keys {
            host.out(format!("  {} {}", keys::to_text(kid), holder.name).trim_end());
        }
    }
    // TRUST.json has none.
    if let Ok(envelope) = Envelope::read(&input::file(host, file)?) {
        let known = |kid: &[u8; 16]| roles.values().find_map(|role| role.keys.get(kid));
        let signers: Vec<String> = envelope
            .signatures
            .iter()
            .map(|one| name(&one.kid, known(&one.kid).map_or("", |holder| holder.name.as_str())))
            .collect();
        host.out(&format!(
            "signed by {}",
            if signers.is_empty() { "nobody yet".to_owned() } else { signers.join(", ") }
        ));
    }
    Ok(())
}
