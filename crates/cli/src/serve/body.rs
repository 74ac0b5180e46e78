//! Reading the body of a request: bounded in size and time, decompressed.

use std::io::Read;
use std::time::Duration;

use axum::body::Body;
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt;

/// A body that is too large is read on, up to this many times the limit, before it is answered: closing at once would
/// reset the connection, and a browser that sees no 413 would send the same again for ever.
const READ_PAST: usize = 16;

/// Why there is no body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// Larger than allowed, as sent or after decompression.
    TooLarge,
    /// Not complete before the deadline.
    TooSlow,
    /// The connection broke.
    Broken,
    /// It says it is gzip and is not.
    NotGzip,
}

/// Reads a body of at most `most` bytes within `deadline`.
pub(crate) async fn read(body: Body, most: usize, deadline: Duration) -> Result<Vec<u8>, Unread> {
    tokio::time::timeout(deadline, collect(body, most)).await.unwrap_or(Err(Unread::TooSlow))
}

async fn collect(mut body: Body, most: usize) -> Result<Vec<u8>, Unread> {
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length <= most {
            bytes.extend_from_slice(&data);
        } else if length > most.saturating_mul(READ_PAST) {
            break;
        }
    }
    if length <= most { Ok(bytes) } else { Err(Unread::TooLarge) }
}

/// Decompresses gzip to at most `most` bytes: a small body can hold a very large one.
pub(crate) fn gunzip(bytes: &[u8], most: usize) -> Result<Vec<u8>, Unread> {
    let mut plain = Vec::new();
    let one_more = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(bytes).take(one_more).read_to_end(&mut plain).map_err(|_| Unread::NotGzip)?;
    if plain.len() <= most { Ok(plain) } else { Err(Unread::TooLarge) }
}
