//! A server that takes files by PUT, and does to requests what a test asks for.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

/// What happens to a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    Done,
    /// This status, and nothing else is done.
    Status(u16),
    /// It is done, and the connection closed without a response.
    Lost,
    /// It is done twice, and the second response sent.
    Twice,
    Slow(Duration),
    /// Whoever sent it is killed before it is done, or after.
    Killed {
        after: bool,
    },
}

/// A file, and the headers that it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) bytes: Vec<u8>,
    pub(crate) cache: String,
    pub(crate) content_type: String,
}

type Fates = Box<dyn FnMut(usize, &str) -> Fate + Send>;

/// What a server is asked to be.
pub(crate) struct State {
    pub(crate) files: BTreeMap<String, Stored>,
    /// `PUT name` and `GET name`, in order.
    pub(crate) requests: Vec<String>,
    /// Number of the request, and `METHOD name`, to its fate.
    pub(crate) fate: Fates,
    /// Whether If-Match and If-None-Match are heeded.
    pub(crate) compares: bool,
    /// Whether responses have an ETag, and a Cache-Control as it came.
    pub(crate) tells: bool,
    pub(crate) authorization: Option<String>,
    /// The publisher that may be killed.
    pub(crate) process: Option<u32>,
}

#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

struct Request {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 65_536];
        loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
                let mut lines = head.split("\r\n");
                let line = lines.next()?.to_owned();
                let pair =
                    |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
                let headers: Vec<_> = lines.filter_map(pair).collect();
                let mut request = Request { line, headers, body: bytes[end + 4..].to_vec() };
                let length: usize = request.header("content-length").map_or(0, |length| length.parse().unwrap());
                while request.body.len() < length {
                    let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
                    request.body.extend(&buffer[..read]);
                }
                return Some(request);
            }
            let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
            bytes.extend(&buffer[..read]);
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
}

fn tag(bytes: &[u8]) -> String {
    let digits: String = Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

impl Origin {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/flags/", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            files: BTreeMap::new(),
            requests: Vec::new(),
            fate: Box::new(|_, _| Fate::Done),
            compares: true,
            tells: true,
            authorization: None,
            process: None,
        }));
        let origin = Origin { url, state };
        let shared = origin.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let origin = shared.clone();
                thread::spawn(move || origin.respond(stream));
            }
        });
        origin
    }

    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }

    /// Whether a program that publishes here is killed at a request, as [`Fate::Killed`] has it, before it ends by itself.
    pub(crate) fn has_killed(&self, mut program: Command) -> bool {
        let child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        self.with(|state| state.process = Some(child.id()));
        child.wait_with_output().unwrap().status.code().is_none()
    }

    pub(crate) fn fates(&self, fate: impl FnMut(usize, &str) -> Fate + Send + 'static) {
        self.with(|state| {
            state.requests.clear();
            state.fate = Box::new(fate);
        });
    }

    pub(crate) fn file(&self, name: &str) -> Stored {
        self.with(|state| state.files[name].clone())
    }

    fn respond(&self, mut stream: TcpStream) {
        let Some(request) = Request::read(&mut stream) else { return };
        let target = request.line.split(' ').nth(1).unwrap();
        let name = target.strip_prefix("/flags/").unwrap().to_owned();
        let what = format!("{} {name}", request.line.split(' ').next().unwrap());
        let (fate, process) = self.with(|state| {
            state.requests.push(what.clone());
            ((state.fate)(state.requests.len(), &what), state.process)
        });
        let kill = || {
            // Whoever asks is known once it was started.
            let process = process.or_else(|| {
                thread::sleep(Duration::from_millis(50));
                self.with(|state| state.process)
            });
            Command::new("kill").args(["-9", &process.unwrap().to_string()]).status().unwrap();
        };
        let response = match fate {
            Fate::Done => self.done(&request, &name),
            Fate::Status(status) => format!("HTTP/1.1 {status} -\r\n\r\n").into_bytes(),
            Fate::Lost => {
                self.done(&request, &name);
                return;
            }
            Fate::Twice => {
                self.done(&request, &name);
                self.done(&request, &name)
            }
            Fate::Slow(time) => {
                thread::sleep(time);
                self.done(&request, &name)
            }
            Fate::Killed { after } => {
                if after {
                    self.done(&request, &name);
                }
                kill();
                return;
            }
        };
        let _ = stream.write_all(&response);
    }

    fn done(&self, request: &Request, name: &str) -> Vec<u8> {
        self.with(|state| {
            let status = |status: u16| {
                format!("HTTP/1.1 {status} -\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
            };
            if state.authorization.is_some() && state.authorization.as_deref() != request.header("authorization") {
                return status(401);
            }
            let found = state.files.get(name);
            if request.line.starts_with("GET ") {
                let Some(Stored { bytes, cache, .. }) = found else { return status(404) };
                let told = if state.tells {
                    format!("ETag: {}\r\nCache-Control: {cache}\r\n", tag(bytes))
                } else {
                    String::new()
                };
                let head =
                    format!("HTTP/1.1 200 -\r\nContent-Length: {}\r\nConnection: close\r\n{told}\r\n", bytes.len());
                return [head.as_bytes(), bytes].concat();
            }
            let is_expected = match (request.header("if-none-match"), request.header("if-match")) {
                (Some("*"), None) => found.is_none(),
                (None, Some(wanted)) => found.is_some_and(|found| tag(&found.bytes) == wanted),
                (None, None) => true,
                other => panic!("{other:?}"),
            };
            if state.compares && !is_expected {
                return status(412);
            }
            let text = |name: &str| request.header(name).unwrap_or_default().to_owned();
            let stored = Stored {
                bytes: request.body.clone(),
                cache: text("cache-control"),
                content_type: text("content-type"),
            };
            state.files.insert(name.to_owned(), stored);
            status(201)
        })
    }
}
