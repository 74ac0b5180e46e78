//! A message by HTTP, tried again until the deadline.

use std::thread;
use std::time::{Duration, Instant};

use ureq::http::{Request, header};

use waft_ruleset::counted;

use crate::publish::{Agent, is_busy};

/// How long one attempt may take: whoever hangs leaves time for others.
const ATTEMPT: Duration = Duration::from_secs(8);
/// How often it is tried.
const ATTEMPTS: u32 = 5;
/// The first pause; each is twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(500);

/// Posts a body, whose headers are made for each attempt. A failure is told without the URL, which may be a secret.
pub(crate) fn post(
    agent: &Agent,
    url: &str,
    body: &str,
    headers: impl Fn() -> Vec<(&'static str, String)>,
    until: Instant,
) -> Result<(), String> {
    for round in 0.. {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        let mut request = Request::post(url).header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers() {
            request = request.header(name, value);
        }
        let request = request.body(body.as_bytes()).map_err(|_| "expected the URL of a receiver".to_owned())?;
        let (error, asked) = match agent.status_within(request, left.min(ATTEMPT)) {
            Ok((200..=299, _)) => return Ok(()),
            Ok((status, after)) if is_busy(status) => (format!("status {status}"), after),
            Ok((status @ 300..=399, _)) => {
                return Err(format!("status {status}, a redirect: give the URL that it leads to"));
            }
            Ok((status, _)) => return Err(format!("status {status}")),
            Err(error) => (error, None),
        };
        let pause = PAUSE.saturating_mul(1 << round.min(8)).max(asked.unwrap_or_default());
        let left = until.saturating_duration_since(Instant::now());
        if round + 1 >= ATTEMPTS || pause >= left {
            return Err(format!("{error}, after {}", counted(round + 1, "attempt")));
        }
        thread::sleep(pause);
    }
    Err("no time was left for it".to_owned())
}
