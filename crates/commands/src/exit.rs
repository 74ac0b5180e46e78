//! How a command ends.

use crate::host::{Host, Unpublished};

/// How a command ended, as a process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It did what was asked.
    Done = 0,
    /// The answer is no: a finding, a refusal, a file that cannot be read.
    Failed = 1,
    /// The command was not given what it needs.
    Usage = 2,
    /// A release waits for a signature.
    Waits = 3,
    /// Something else was published meanwhile.
    Lost = 4,
    /// The store cannot be read or written.
    Store = 5,
    /// The release was taken out of the way: it was rejected, or a newer proposal takes its place.
    Blocked = 6,
}

impl Exit {
    /// A failure, in a word.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Exit::Done => "done",
            Exit::Failed => "failed",
            Exit::Usage => "usage",
            Exit::Waits => "waits",
            Exit::Lost => "lost",
            Exit::Store => "store",
            Exit::Blocked => "blocked",
        }
    }

    /// A failure, as a code like those of findings and refusals.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Exit::Done => "DONE",
            Exit::Failed => "FAILED",
            Exit::Usage => "USAGE",
            Exit::Waits => "WAITS",
            Exit::Lost => "LOST",
            Exit::Store => "STORE",
            Exit::Blocked => "BLOCKED",
        }
    }

    /// The code of a process's exit code. Those of `waft report --fail-on` are failures.
    pub(crate) fn named(code: u8) -> &'static str {
        let all = [Exit::Usage, Exit::Waits, Exit::Lost, Exit::Store, Exit::Blocked];
        all.into_iter().find(|exit| *exit as u8 == code).unwrap_or(Exit::Failed).code()
    }
}

/// How a command ended before it was done, and what to say.
#[derive(Clone, Debug)]
pub(crate) struct Ended(pub(crate) Exit, pub(crate) String);

impl From<String> for Ended {
    fn from(message: String) -> Self {
        Ended(Exit::Failed, message)
    }
}

/// Ends as a command did. What it says is told.
pub(crate) fn end(host: &dyn Host, outcome: Result<Exit, Ended>) -> Exit {
    match outcome {
        Ok(exit) => exit,
        Err(Ended(exit, message)) => {
            fail(host, &message);
            exit
        }
    }
}

/// Ends with a message to the person at the terminal.
pub(crate) fn fail(host: &dyn Host, message: &str) -> Exit {
    host.err(&format!("waft: {message}"));
    Exit::Failed
}

/// Why something of the store was not read or written, and how the command ends.
pub(crate) fn unpublished(what: &str, why: Unpublished) -> Ended {
    match why {
        Unpublished::Unable => Ended(
            Exit::Usage,
            "`waft release publish` and `waft release run` need a network and locks of files, which the npm package does not have: use the native program".to_owned(),
        ),
        Unpublished::Refused(message) => Ended(Exit::Failed, message),
        Unpublished::Moved(message) => {
            Ended(Exit::Lost, format!("{what}: {message}: its signatures lapse; propose again"))
        }
        Unpublished::Store(message) => Ended(Exit::Store, message),
    }
}
