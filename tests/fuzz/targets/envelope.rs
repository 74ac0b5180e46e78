//! Envelope, manifest and trust: any bytes are read or refused, never more.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waft::Trust;
use waft::envelope::Envelope;
use waft::manifest::Manifest;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(envelope) = Envelope::read(bytes) {
        if let Ok(manifest) = Manifest::read(envelope.payload) {
            let _ = manifest.check(envelope.body);
        }
    }
    let _ = Manifest::read(bytes);
    let _ = Trust::read(bytes);
});
