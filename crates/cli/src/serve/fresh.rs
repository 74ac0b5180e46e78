//! `--refresh-head`: the pointer of a served head, signed anew before it ends.

use std::time::Duration;

use waft_commands::host::Host;

use super::Options;
use crate::host::{Native, tell};
use crate::publish::Refresh;

/// After a failure it is tried again so soon, or sooner if it would be its time.
const AGAIN: Duration = Duration::from_secs(60);

/// What is to be refreshed, and how often. A key that no page accepts is an error.
pub(super) fn read(options: &Options, host: &dyn Host) -> Result<Option<(Refresh, Duration)>, String> {
    let (Some(head), Some(trust), Some(key)) = (&options.refresh_head, &options.trust, &options.key) else {
        return Ok(None);
    };
    let refresh = Refresh::new(head, trust, key, host).map_err(|error| format!("--refresh-head: {error}"))?;
    Ok(Some((refresh, Duration::from_secs(options.refresh_every.into()))))
}

/// Refreshes now, and from then on. What fails is told and tried again.
pub(super) async fn run(refresh: Refresh, every: Duration) {
    loop {
        let turn = refresh.clone();
        let done = tokio::task::spawn_blocking(move || turn.once(&Native::default())).await;
        let pause = match done.map_err(|error| error.to_string()).flatten() {
            Ok(()) => every,
            Err(error) => {
                tell(&format!("the head was not refreshed, and will be tried again: {error}"));
                every.min(AGAIN)
            }
        };
        tokio::time::sleep(pause).await;
    }
}
