//! Files that a command reads, changes and writes: where somebody else wrote meanwhile, it is done again, so that the work of neither is lost.

use crate::host::Host;

/// How often. With each round somebody else has got on.
const ROUNDS: usize = 50;

/// Does it until nobody came between. `round` returns `None` where somebody did.
pub(crate) fn settled<T>(path: &str, mut round: impl FnMut() -> Result<Option<T>, String>) -> Result<T, String> {
    for _ in 0..ROUNDS {
        if let Some(done) = round()? {
            return Ok(done);
        }
    }
    Err(format!("{path}: others keep writing it; nothing was written: run the command again"))
}

/// Writes a file that was read before. `None` if it has changed since then.
pub(crate) fn write(host: &dyn Host, path: &str, before: Option<&[u8]>, bytes: &[u8]) -> Result<Option<()>, String> {
    let is_written = host.swap(path, before, bytes).map_err(|error| format!("{path}: {error}"))?;
    Ok(is_written.then_some(()))
}
