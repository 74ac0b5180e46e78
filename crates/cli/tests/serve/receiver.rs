//! A receiver of webhooks, which responds as a test wants.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What was received.
#[derive(Clone, Debug, Default)]
pub(crate) struct Received {
    /// By their names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }
}

/// How a receiver responds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Response {
    Status(u16),
    /// Never, and the connection stays open.
    Hangs,
    /// One byte of a header after the other, for ever.
    Drips,
}

type Shared = Arc<Mutex<(Vec<Response>, Vec<Received>)>>;

pub(crate) struct Receiver {
    pub(crate) url: String,
    shared: Shared,
}

impl Receiver {
    /// The first requests get these responses, and all others 204.
    pub(crate) fn start(first: &[Response]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let shared: Shared = Arc::new(Mutex::new((first.to_vec(), Vec::new())));
        let own = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let own = Arc::clone(&own);
                thread::spawn(move || serve(stream, &own));
            }
        });
        Receiver { url, shared }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.lock().unwrap().1.clone()
    }

    /// From now on the next requests get these.
    pub(crate) fn next(&self, responses: &[Response]) {
        self.shared.lock().unwrap().0 = responses.to_vec();
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut received = Received::default();
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
        if let Some((name, value)) = line.trim_end().split_once(": ") {
            received.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        line.clear();
    }
    let mut body = vec![0; received.header("content-length").parse().unwrap_or(0)];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    received.body = String::from_utf8(body).unwrap();
    let response = {
        let mut shared = shared.lock().unwrap();
        shared.1.push(received);
        if shared.0.is_empty() { Response::Status(204) } else { shared.0.remove(0) }
    };
    match response {
        Response::Status(status) => {
            let location = if status == 302 { "location: /elsewhere\r\n" } else { "" };
            let _ = stream.write_all(
                format!("HTTP/1.1 {status} X\r\n{location}content-length: 0\r\nconnection: close\r\n\r\n").as_bytes(),
            );
        }
        // Until the other side gives up.
        Response::Hangs => {
            let _ = reader.read(&mut [0]);
        }
        Response::Drips => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx: ");
            while stream.write_all(b"x").is_ok() {
                thread::sleep(std::time::Duration::from_millis(20));
            }
        }
    }
}
