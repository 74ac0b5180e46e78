//! A folder in which releases go live, with its records, and what is known of it.

use std::path::Path;

use waft_commands::delivery::{Key, Place, propose};
use waft_commands::host::{Destination, Host, trust_document};
use waft_commands::records;

use crate::publish::{DEFAULT_NAME, Look, Refresh, Unseen};
use crate::serve::Options;
use crate::serve::desk::{Asked, Bodies, Desk, Refused};

/// The largest body of a request: a kill list of all flags has less.
const LARGEST: usize = 64 << 10;

/// What the routes need.
pub(crate) struct Releases {
    /// Records, and the trust that pages were built with.
    pub(super) place: Place,
    pub(super) to: Destination,
    /// What a draft is made of.
    pub(super) ruleset: Option<String>,
    /// For whom changes are counted.
    pub(super) population: Option<String>,
    /// Signs what is proposed here. Pages ask for another signature, too.
    publisher: Option<Key>,
    /// Signs a pointer to what is live then.
    refresh: Option<Refresh>,
    pub(super) desk: Desk,
    pub(super) bodies: Bodies,
}

impl Releases {
    /// Of `--release-to`. What is wrong with it or with the trust is told now.
    pub(crate) fn read(
        options: &Options,
        host: &dyn Host,
        (desk, refresh): (&Desk, Option<Refresh>),
    ) -> Result<Option<Self>, String> {
        let (Some(to), Some(trust)) = (&options.release_to, &options.trust) else { return Ok(None) };
        if to.contains("://") {
            return Err(format!("--release-to {to}: expected a folder, such as public/flags"));
        }
        let records = options.records.clone().unwrap_or_else(|| records::FOLDER.to_owned());
        records::reach(host, &records)?;
        let releases = Releases {
            place: Place { records, trust: trust.clone() },
            to: Destination { to: to.clone(), freshness_key: options.key.clone(), ..Destination::default() },
            ruleset: options.ruleset().map(str::to_owned),
            population: options.population.clone(),
            publisher: options.publisher_key.clone().map(publisher),
            refresh,
            desk: desk.clone(),
            bodies: Bodies::of(LARGEST),
        };
        let told = |(Unseen::Given(error) | Unseen::Store(error))| error;
        releases.look().at(host).map_err(told)?;
        let trust = releases.trust_of(releases.look().trust_numbers(host).map_err(told)?);
        releases.signer(host, &trust)?;
        Ok(Some(releases))
    }

    /// At what is live.
    pub(super) fn look(&self) -> Look<'_> {
        Look::new(&self.to.to, &self.place.trust, DEFAULT_NAME)
    }

    /// Records, and the trust that pages have by now.
    pub(super) fn current(&self, asked: &Asked) -> Result<Place, Refused> {
        let numbers = self.look().trust_numbers(asked).map_err(|unseen| unseen_as(&unseen))?;
        Ok(Place { records: self.place.records.clone(), trust: self.trust_of(numbers) })
    }

    /// The file of the trust of some number; `own` is that of the pages'.
    pub(super) fn trust_of(&self, [own, number]: [u64; 2]) -> String {
        if number <= own {
            return self.place.trust.clone();
        }
        format!("{}/{}", self.to.to.trim_end_matches('/'), trust_document(DEFAULT_NAME, number))
    }

    /// The key that signs proposals, unless its signature were enough: then whoever asks could release, and a signature is the permission.
    pub(super) fn signer(&self, host: &dyn Host, trust: &str) -> Result<Option<Key>, String> {
        let Some(key) = &self.publisher else { return Ok(None) };
        if propose::is_enough(key, trust, host).map_err(|error| format!("--publisher-key {error}"))? {
            return Err(format!(
                "--publisher-key {}: pages take a release by this signature alone, so that whoever reaches this server could make one: let \
                 the trust ask for an approver, too (`waft trust`), or leave the key out, and let CI propose",
                key.file
            ));
        }
        Ok(Some(key.clone()))
    }

    /// The roles in which proposals are signed here.
    pub(super) fn signs(&self) -> Vec<String> {
        self.publisher.iter().map(|key| key.role.clone()).collect()
    }

    /// Signs the pointer anew. That it could not be is told, and changes nothing.
    pub(super) fn refresh(&self, asked: &Asked) {
        if let Some(Err(error)) = self.refresh.as_ref().map(|refresh| refresh.once(asked)) {
            asked.err(&format!("waft: warning: the pointer was not signed anew, and will be within the hour: {error}"));
        }
    }

    /// The file that pages load, if there is one.
    pub(super) fn live(&self) -> Option<String> {
        let path = format!("{}/{DEFAULT_NAME}.waft", self.to.to.trim_end_matches('/'));
        Path::new(&path).exists().then_some(path)
    }
}

/// Why what is live was not seen.
pub(super) fn unseen_as(unseen: &Unseen) -> Refused {
    match unseen {
        Unseen::Given(error) => Refused::failed(error),
        Unseen::Store(error) => Refused::store(error),
    }
}

fn publisher(file: String) -> Key {
    Key { file, role: "publisher".to_owned(), ..Key::default() }
}
