//! A folder in which releases go live, with its records, and what is known of it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use serde_json::Value as Json;
use tokio::sync::Mutex;
use waft_commands::delivery::Place;
use waft_commands::host::{Destination, Host};
use waft_commands::records;

use super::access::Access;
use super::answer::{self, Refused};
use super::asked::Asked;
use crate::publish::{DEFAULT_NAME, Look, Refresh, Unseen};
use crate::serve::Options;
use crate::serve::body::Budget;
use crate::serve::senders::Senders;

/// The largest body of a request: a kill list of all flags has less.
pub(super) const LARGEST: usize = 64 << 10;

/// What the routes need.
pub(crate) struct Releases {
    /// Records, and whom pages trust.
    pub(super) place: Place,
    pub(super) to: Destination,
    /// What a draft is made of.
    pub(super) ruleset: Option<String>,
    /// For whom changes are counted.
    pub(super) population: Option<String>,
    /// Signs a pointer to what is live then.
    pub(super) refresh: Option<Refresh>,
    pub(super) access: Access,
    pub(super) budget: Budget,
    pub(super) read_timeout: Duration,
    /// Records are a chain and counting people takes a core, so one is answered at a time.
    turn: Mutex<()>,
}

impl Releases {
    /// Of `--release-to`. What is wrong with it, with the trust or with the tokens is told now.
    pub(crate) fn read(options: &Options, host: &dyn Host, refresh: Option<Refresh>) -> Result<Option<Self>, String> {
        let (Some(to), Some(trust)) = (&options.release_to, &options.trust) else { return Ok(None) };
        if to.contains("://") {
            return Err(format!("--release-to {to}: expected a folder, such as public/flags"));
        }
        let tokens = options.release_token_file.as_deref();
        let tokens = tokens.map(|path| Senders::of_file(host, "--release-token-file", path)).transpose()?;
        let records = options.records.clone().unwrap_or_else(|| records::FOLDER.to_owned());
        let releases = Releases {
            place: Place { records, trust: trust.clone() },
            to: Destination { to: to.clone(), freshness_key: options.key.clone(), ..Destination::default() },
            ruleset: options.ruleset.clone(),
            population: options.population.clone(),
            refresh,
            access: Access::new(tokens),
            budget: Budget::new(LARGEST),
            read_timeout: Duration::from_secs(options.read_timeout.into()),
            turn: Mutex::new(()),
        };
        releases.look().at(host).map_err(|(Unseen::Given(error) | Unseen::Store(error))| error)?;
        Ok(Some(releases))
    }

    /// At what is live.
    pub(super) fn look(&self) -> Look<'_> {
        Look::new(&self.to.to, &self.place.trust, DEFAULT_NAME)
    }

    /// The file that pages load, if there is one.
    pub(super) fn live(&self) -> Option<String> {
        let path = format!("{}/{DEFAULT_NAME}.waft", self.to.to.trim_end_matches('/'));
        Path::new(&path).exists().then_some(path)
    }

    /// Takes its turn, and does what was asked on a thread that may wait.
    pub(super) async fn answer(
        self: Arc<Self>,
        step: impl FnOnce(&Releases, &Asked) -> Result<Json, Refused> + Send + 'static,
    ) -> Response {
        let turn = Arc::clone(&self);
        let _turn = turn.turn.lock().await;
        let done = tokio::task::spawn_blocking(move || {
            let asked = Asked::default();
            step(&self, &asked).map(|told| (told, asked.notes())).map_err(|refused| refused.with(asked.notes()))
        });
        answer::response(done.await.unwrap_or_else(|error| Err(Refused::broken(&error.to_string()))))
    }
}
