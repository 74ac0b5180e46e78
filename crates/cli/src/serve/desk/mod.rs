//! What people ask of this server, who keep rules and releases: who may ask, one question after the other, and what is answered.
//!
//!     request --access, body--> question --asked: a Host--> a command --answer--> status, JSON

mod access;
mod answer;
mod asked;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tokio::sync::Mutex;
use waft_commands::host::Host;

use super::body::{self, Budget};
use super::listener::Peer;
use super::options::Options;
use super::senders::Senders;
use access::Access;

pub(super) use answer::Refused;
pub(super) use asked::{ADDED, Asked, DOCUMENT, PUBLIC_KEY, SIGNATURE, TO_SIGN, key, signature_of};

/// Where people ask. There is one: rules and records are files that one question changes at a time, and counting people takes a core.
#[derive(Clone)]
pub(crate) struct Desk {
    access: Arc<Access>,
    read_timeout: Duration,
    /// Where links of the rules may lead.
    roots: Arc<[PathBuf]>,
    turn: Arc<Mutex<()>>,
}

/// The bodies of some questions.
#[derive(Clone)]
pub(crate) struct Bodies {
    largest: usize,
    budget: Budget,
}

impl Bodies {
    /// Of at most so many bytes.
    pub(super) fn of(largest: usize) -> Self {
        Self { largest, budget: Budget::new(largest) }
    }
}

impl Desk {
    /// What is wrong with the tokens is told now.
    pub(super) fn read(options: &Options, host: &dyn Host) -> Result<Self, String> {
        let tokens = options.release_token_file.as_deref();
        let tokens = tokens.map(|path| Senders::of_file(host, "--release-token-file", path)).transpose()?;
        Ok(Self {
            access: Arc::new(Access::new(tokens)),
            read_timeout: Duration::from_secs(options.read_timeout.into()),
            roots: options.roots.clone().into(),
            turn: Arc::default(),
        })
    }

    /// Returns the answer to a question without a body.
    pub(super) async fn look(
        &self,
        (Peer(peer), headers): (Peer, &HeaderMap),
        step: impl FnOnce(&Asked) -> Result<Json, Refused> + Send + 'static,
    ) -> Response {
        match self.access.check(peer, headers) {
            Ok(()) => self.answer(step).await,
            Err(refused) => answer::response(Err(refused)),
        }
    }

    /// Finds what is answered as it is, and no JSON; or the answer that says why not.
    pub(super) async fn find<Found: Send + 'static>(
        &self,
        (Peer(peer), headers): (Peer, &HeaderMap),
        step: impl FnOnce(&Asked) -> Result<Found, Refused> + Send + 'static,
    ) -> Result<Found, Response> {
        let found = match self.access.check(peer, headers) {
            Ok(()) => self.in_turn(step).await.map(|(found, _)| found),
            Err(refused) => Err(refused),
        };
        found.map_err(|refused| answer::response(Err(refused)))
    }

    /// Returns the answer to a question that has one: JSON.
    pub(super) async fn change<Question: DeserializeOwned + Send + 'static>(
        &self,
        Peer(peer): Peer,
        request: Request,
        bodies: &Bodies,
        step: impl FnOnce(&Asked, Question) -> Result<Json, Refused> + Send + 'static,
    ) -> Response {
        let (head, body) = request.into_parts();
        let allowed = self.access.check(peer, &head.headers).and_then(|()| access::is_json(&head.headers));
        if let Err(refused) = allowed {
            // Unread, the answer could be lost in a reset.
            body::discard(body).await;
            return answer::response(Err(refused));
        }
        let Bodies { largest, budget } = bodies;
        let body = body::read(body, *largest, self.read_timeout, budget).await;
        let question = body.map_err(|why| Refused::unread(&why, *largest)).and_then(|(bytes, held)| {
            // serde would take an array for a struct.
            if bytes.trim_ascii_start().first() != Some(&b'{') {
                return Err(Refused::usage("the body: expected a JSON object"));
            }
            let question =
                serde_json::from_slice(&bytes).map_err(|error| Refused::usage(&format!("the body: {error}")))?;
            Ok((question, held))
        });
        match question {
            Ok((question, held)) => {
                // Until it is done, whoever still waits for it.
                self.answer(move |asked| {
                    let _held = held;
                    step(asked, question)
                })
                .await
            }
            Err(refused) => answer::response(Err(refused)),
        }
    }

    async fn answer(&self, step: impl FnOnce(&Asked) -> Result<Json, Refused> + Send + 'static) -> Response {
        answer::response(self.in_turn(step).await)
    }

    /// Takes its turn, and does what was asked on a thread that may wait. Its turn ends with the command: a client that leaves stops none.
    async fn in_turn<Told: Send + 'static>(
        &self,
        step: impl FnOnce(&Asked) -> Result<Told, Refused> + Send + 'static,
    ) -> Result<(Told, Vec<String>), Refused> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let roots = Arc::clone(&self.roots);
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let asked = Asked::new(roots.to_vec());
            step(&asked).map(|told| (told, asked.notes())).map_err(|refused| refused.with(asked.notes()))
        });
        done.await.unwrap_or_else(|error| Err(Refused::broken(&error.to_string())))
    }
}
