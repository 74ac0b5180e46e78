//! Envelope, manifest and trust: any bytes are read or refused, never more.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waft::Trust;
use waft::body::Body;
use waft::envelope::Envelope;
use waft::manifest::Manifest;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(envelope) = Envelope::read(bytes)
        && let Ok(manifest) = Manifest::read(envelope.payload)
    {
        let Manifest { length, chunk, digests, .. } = manifest;
        if let Ok(body) = Body::new(envelope.body.to_vec(), length, chunk, digests.to_vec()) {
            let _ = body.whole();
            let _ = body.advance();
        }
    }
    let _ = Manifest::read(bytes);
    let _ = Trust::read(bytes);
});
