//! Reading the body of a request: bounded in size and time, decompressed; and all bodies together, in memory.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt;
use hyper::body::Body as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A body that is too large is read on, up to this many times the limit, before it is answered: closing at once would
/// reset the connection, and a browser that sees no 413 would send the same again for ever.
const READ_PAST: usize = 16;
/// For how long at a time it is waited for more of such a body. One that says its length in its head, and sends nothing, is answered then.
const GAP: Duration = Duration::from_secs(1);
/// How much of a body is read that nobody wants, and for how long: browsers send no more than 64 KiB from a page that is left.
const DISCARDED: usize = 64 << 10;
const DISCARD: Duration = Duration::from_secs(2);
/// How much is decompressed at a time.
const STEP: usize = 64 << 10;
/// What all requests at once may have in memory, as sent and decompressed, until their rows are stored: three times the largest
/// body, and this at least.
const BUDGET: usize = 128 << 20;
/// What it is counted in.
const UNIT: usize = 1 << 10;

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
    /// Others have all the memory.
    Busy,
}

/// The memory that bodies may have.
#[derive(Clone)]
pub(crate) struct Budget(Arc<Semaphore>);

/// A part of it, given back when dropped.
pub(crate) struct Held {
    permit: OwnedSemaphorePermit,
    budget: Budget,
}

impl Budget {
    /// For bodies of at most `most` bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most.saturating_mul(3).max(BUDGET) / UNIT)))
    }

    /// Enough for a body of this many bytes, if it is there.
    pub(crate) fn hold(&self, bytes: usize) -> Result<Held, Unread> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).map_err(|_| Unread::Busy)?;
        let permit = Arc::clone(&self.0).try_acquire_many_owned(units).map_err(|_| Unread::Busy)?;
        Ok(Held { permit, budget: self.clone() })
    }
}

impl Held {
    /// Makes it enough for this many bytes.
    fn cover(&mut self, bytes: usize) -> Result<(), Unread> {
        let held = self.permit.num_permits().saturating_mul(UNIT);
        if bytes > held {
            self.permit.merge(self.budget.hold(bytes.saturating_sub(held))?.permit);
        }
        Ok(())
    }

    fn release(&mut self) {
        drop(self.permit.split(self.permit.num_permits()));
    }
}

/// Reads a body of at most `most` bytes within `deadline`.
pub(crate) async fn read(
    body: Body,
    most: usize,
    deadline: Duration,
    budget: &Budget,
) -> Result<(Vec<u8>, Held), Unread> {
    let mut held = budget.hold(0)?;
    let collected = tokio::time::timeout(deadline, collect(body, most, &mut held)).await;
    collected.unwrap_or(Err(Unread::TooSlow)).map(|bytes| (bytes, held))
}

async fn collect(mut body: Body, most: usize, held: &mut Held) -> Result<Vec<u8>, Unread> {
    let (mut bytes, mut length, mut covered) = (Vec::new(), 0_usize, Ok(()));
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    loop {
        let next = if length.max(declared) > most {
            tokio::time::timeout(GAP, body.frame()).await.unwrap_or(None)
        } else {
            body.frame().await
        };
        let Some(frame) = next else { break };
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length > most.saturating_mul(READ_PAST) {
            break;
        }
        if length.max(declared) <= most && covered.is_ok() {
            bytes.extend_from_slice(&data);
            covered = held.cover(bytes.capacity());
        } else {
            bytes = Vec::new();
            held.release();
        }
    }
    covered?;
    if length.max(declared) <= most { Ok(bytes) } else { Err(Unread::TooLarge) }
}

/// Reads a body that nobody wants.
pub(crate) async fn discard(mut body: Body) {
    let read = async {
        let mut length = 0_usize;
        while let Some(Ok(frame)) = body.frame().await {
            length = length.saturating_add(frame.data_ref().map_or(0, |data| data.len()));
            if length > DISCARDED {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(DISCARD, read).await;
}

/// Decompresses gzip to at most `most` bytes: a small body can hold a very large one.
pub(crate) fn gunzip(bytes: &[u8], most: usize, held: &mut Held) -> Result<Vec<u8>, Unread> {
    let (mut plain, mut decoder) = (Vec::new(), MultiGzDecoder::new(bytes));
    loop {
        let before = plain.len();
        let step = u64::try_from(STEP).unwrap_or(u64::MAX);
        decoder.by_ref().take(step).read_to_end(&mut plain).map_err(|_| Unread::NotGzip)?;
        held.cover(bytes.len().saturating_add(plain.capacity()))?;
        if plain.len() > most {
            return Err(Unread::TooLarge);
        }
        if plain.len() == before {
            return Ok(plain);
        }
    }
}
