//! Other programs, for which nobody waits for ever.

use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

/// Between two looks at whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// Its exit code, or none if a signal has ended it. One that goes on past the deadline is ended.
pub(crate) fn wait(child: &mut Child, until: Instant) -> Result<Option<i32>, String> {
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Ok(status.code());
        }
        if Instant::now() >= until {
            let _ = child.kill();
            let _ = child.wait();
            return Err("it did not end in time, and was ended".to_owned());
        }
        thread::sleep(LOOK);
    }
}
