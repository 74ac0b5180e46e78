//! What a command may ask of the world. The CLI implements it natively; Node and the browser can too.

use std::io;

/// The world outside a command.
pub trait Host {
    /// A file's bytes.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// Writes a file whole: after a failure the old contents are still there.
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()>;

    /// Writes a file that only its owner may read, and that must not exist yet.
    fn write_secret(&self, path: &str, bytes: &[u8]) -> io::Result<()>;

    /// The ruleset files under a path, sorted: the path itself if it is a file.
    fn list(&self, path: &str) -> io::Result<Vec<String>>;

    /// Milliseconds since 1970.
    fn now(&self) -> i64;

    /// Random bytes fit for a secret key.
    fn random(&self) -> io::Result<[u8; 32]>;

    /// A variable of the environment.
    fn variable(&self, name: &str) -> Option<String>;

    /// A line of what was asked for.
    fn out(&self, line: &str);

    /// A line for the person at the terminal.
    fn err(&self, line: &str);
}
