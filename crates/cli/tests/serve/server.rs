//! A running `waft serve`, in its own folder.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::database::{Connection, Database, Kind};

/// Longer than anything here takes: only a hang reaches it.
const HANG: Duration = Duration::from_secs(60);

/// A folder of one test, removed with it, and the test's database.
pub(crate) struct Folder {
    path: PathBuf,
    pub(crate) database: Database,
}

impl Folder {
    /// With a SQLite file.
    pub(crate) fn new() -> Self {
        Self::with(Kind::Sqlite)
    }

    pub(crate) fn with(kind: Kind) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("serve-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(path.join("site")).unwrap();
        let database = Database::new(kind, &path);
        Self { path, database }
    }

    pub(crate) fn site(&self) -> PathBuf {
        self.path.join("site")
    }

    /// The SQLite file.
    pub(crate) fn db(&self) -> PathBuf {
        self.path.join("waft.db")
    }

    /// `waft serve` on this folder and a free port, unless the arguments say otherwise.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_waft"));
        command.arg("serve").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, value) in [("--port", "0".into()), ("--dir", self.site()), ("--db", self.database.argument())] {
            if !arguments.contains(&name) {
                command.arg(name).arg(value);
            }
        }
        command.args(arguments);
        command
    }

    /// Runs a `waft serve` that cannot start, to its end, and returns what it says on stderr.
    pub(crate) fn fail(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), b"".as_slice()), "{message}");
        assert!(message.starts_with("waft: "), "{message}");
        message
    }

    pub(crate) fn start(self, arguments: &[&str]) -> Server {
        let mut child = self.command(arguments).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(address) = line.trim_end().strip_prefix("listening on http://") else {
            panic!("{line:?}: {:?}", child.wait_with_output());
        };
        let agent = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(HANG)).build();
        Server { child, address: address.to_owned(), agent: agent.into(), folder: self }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: String,
    pub(crate) agent: ureq::Agent,
    pub(crate) folder: Folder,
}

/// The most memory that a process has had, in kB; 0 where the system does not tell, or it has ended.
pub(crate) fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn of(mut response: ureq::http::Response<ureq::Body>) -> Self {
        let body = response.body_mut().read_to_vec().unwrap();
        Self { status: response.status().as_u16(), headers: response.headers().clone(), body }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Server {
    /// With a SQLite file.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Folder::new().start(arguments)
    }

    pub(crate) fn with(kind: Kind) -> Self {
        Folder::with(kind).start(&[])
    }

    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.get(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.call().unwrap())
    }

    /// Posts JSON to /v1/logs.
    pub(crate) fn post(&self, body: impl AsRef<[u8]>) -> Answer {
        self.post_as(&[("content-type", "application/json")], body).unwrap()
    }

    pub(crate) fn post_as(&self, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Result<Answer, ureq::Error> {
        let mut request = self.agent.post(format!("http://{}/v1/logs", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send(body.as_ref()).map(Answer::of)
    }

    /// Sends bytes as they are, and reads until the server closes.
    pub(crate) fn raw(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(HANG)).unwrap();
        stream.write_all(bytes.as_ref()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    pub(crate) fn peak_memory(&self) -> u64 {
        peak_memory(self.child.id())
    }

    /// Stops in order and opens the database.
    pub(crate) fn stored(mut self) -> (Connection, Folder) {
        self.signal("-TERM");
        assert!(self.wait().success());
        let folder = self.into_folder();
        (folder.database.connect(), folder)
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// The folder, once the program has ended.
    pub(crate) fn into_folder(mut self) -> Folder {
        let nothing = Folder { path: PathBuf::new(), database: Database::File(PathBuf::new()) };
        std::mem::replace(&mut self.folder, nothing)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
