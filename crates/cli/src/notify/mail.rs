//! A message by a command that reads it on its standard input, such as sendmail.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::child;

/// How long it may take.
const ATTEMPT: Duration = Duration::from_secs(15);
/// "Try again later", of sysexits.h.
const TEMPORARY: i32 = 75;
/// How often it is tried then.
const ATTEMPTS: u32 = 3;

/// Runs the command, without a shell.
pub(crate) fn mail(command: &[String], message: &str, until: Instant) -> Result<(), String> {
    for round in 1.. {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err("no time was left for it".to_owned());
        }
        match run(command, message, Instant::now() + left.min(ATTEMPT))? {
            Some(0) => return Ok(()),
            Some(TEMPORARY) if round < ATTEMPTS => thread::sleep(Duration::from_secs(1).min(left)),
            Some(code) => return Err(format!("it ended with exit code {code}")),
            None => return Err("it was ended by a signal".to_owned()),
        }
    }
    Ok(())
}

fn run(command: &[String], message: &str, until: Instant) -> Result<Option<i32>, String> {
    let (program, arguments) = command.split_first().ok_or("no command was given")?;
    let mut running = Command::new(program);
    let running = running.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = running.spawn().map_err(|error| error.to_string())?;
    // Less than what a pipe holds, so that nobody is waited for. One that does not read it says so by its exit code.
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all(message.as_bytes());
    }
    child::wait(&mut child, until)
}
