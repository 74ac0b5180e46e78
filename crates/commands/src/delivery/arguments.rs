//! The arguments of `waft release`.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use super::{Key, Place, approve, history, propose, publish, reject, rollback, run, status, trust, unblock, verify};
use crate::exit::Exit;
use crate::host::{Destination, Host, Recipients};
use crate::records;
use crate::sign::Step;
use crate::source::Source;

/// What can be done with releases.
#[derive(Subcommand)]
#[allow(missing_docs, reason = "what documents a field is its help")]
#[allow(clippy::large_enum_variant, reason = "a program has one")]
pub enum Release {
    /// Check rules, compile them on what is live, and propose them: a record with all that they change
    Propose {
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        new: New,
    },
    /// Show what a proposal changes, from the bytes of both snapshots, then sign it
    Approve {
        #[command(flatten)]
        place: Where,
        #[command(flatten)]
        which: Which,
        /// What pages load: the live snapshot, its folder or URL; leave it out before the first release
        #[arg(long, value_name = "PLACE")]
        live: Option<String>,
        #[command(flatten)]
        key: Signing,
        /// The role of the signature
        #[arg(long, default_value = "approver")]
        role: String,
        /// The digest of the proposal that was looked at [default: asks at the terminal]
        #[arg(long, value_name = "DIGEST", allow_hyphen_values = true)]
        digest: Option<String>,
        /// A table of people, for whom the change is counted
        #[arg(long, value_name = "PEOPLE.csv")]
        population: Option<String>,
        /// The sources, as COMMIT:RULESET or a folder: refuse unless they give the same bytes
        #[arg(long, value_name = "SOURCES")]
        rebuild: Option<String>,
        /// The reason, for the record
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
    },
    /// Check rules and publish them if the keys that are here suffice, or else propose them: what CI starts on each build or at night
    Run {
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        place: Where,
        #[command(flatten)]
        to: To,
        #[command(flatten)]
        with: With,
        #[command(flatten)]
        recipients: Notify,
    },
    /// Take a proposal out of the way
    Reject {
        #[command(flatten)]
        place: Where,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        key: Signing,
        /// The reason, for the record
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Publish a proposal that has all signatures, if what was live still is
    Publish {
        #[command(flatten)]
        place: Where,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        to: To,
    },
    /// Propose the rules of an earlier release again, under a new, higher version
    Rollback {
        #[command(flatten)]
        new: New,
        /// The version whose rules come back [default: the one before what is live]
        #[arg(long, value_name = "N")]
        to: Option<u64>,
    },
    /// Sign that rules which were taken back may be released again
    Unblock {
        #[command(flatten)]
        place: Where,
        /// The version that was taken back [default: the highest]
        #[arg(value_name = "VERSION")]
        version: Option<u64>,
        #[command(flatten)]
        key: Signing,
        /// The reason, for the record
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Record a trust document, by which other keys count
    Trust {
        /// The trust document, signed by root
        document: String,
        #[command(flatten)]
        place: Where,
        /// The reason, for the record
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
    },
    /// Print what is proposed, who signed it and what it waits for: exit code 3 while it waits, 4 if it lapsed
    Status {
        #[command(flatten)]
        place: Where,
        /// What pages load, to compare with: the live snapshot, its folder or URL
        #[arg(long, value_name = "PLACE")]
        live: Option<String>,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Print all records, in their order
    History {
        #[command(flatten)]
        records: Records,
        /// Print a JSON object for each
        #[arg(long)]
        json: bool,
    },
    /// Check that no record is missing or changed, and that each release was signed by those who were trusted then
    Verify {
        #[command(flatten)]
        records: Records,
        /// The first trust: TRUST.json, or a trust document
        #[arg(long, value_name = "TRUST")]
        trust: String,
        /// The trust documents that follow it
        #[arg(long, value_name = "TRUST.waft", num_args = 1..)]
        trust_documents: Vec<String>,
    },
}

/// Where records are.
#[derive(Args)]
pub struct Records {
    /// The folder of records, or a bucket: s3://BUCKET/FOLDER, az:// or gs://
    #[arg(long, value_name = "DIR|BUCKET", default_value = records::FOLDER, value_parser = NonEmptyStringValueParser::new())]
    records: String,
}

/// Where records are, and whom pages trust.
#[derive(Args)]
pub struct Where {
    #[command(flatten)]
    records: Records,
    /// The page's trust, or its latest trust document: who may sign, and what they are called
    #[arg(long, value_name = "TRUST")]
    trust: String,
}

impl From<Where> for Place {
    fn from(Where { records, trust }: Where) -> Self {
        Place { records: records.records, trust }
    }
}

/// Which proposal is meant.
#[derive(Args)]
pub struct Which {
    /// The number of its record, such as 0003 [default: the one that is open]
    #[arg(value_name = "PROPOSAL")]
    proposal: Option<String>,
}

/// Who signs: a secret key, or one that is elsewhere.
#[derive(Args)]
pub struct Signing {
    /// The secret key: a PEM file (PKCS#8)
    #[arg(long, value_name = "KEY.pem", required_unless_present = "external", conflicts_with = "external")]
    key: Option<String>,
    /// The file of the passphrase, if the key is encrypted [default: WAFT_PASSPHRASE]
    #[arg(long, value_name = "FILE", requires = "key")]
    passphrase_file: Option<String>,
    /// The public half of a key that is elsewhere, such as in a hardware token: PEM, or what `waft keygen` prints
    #[arg(long, value_name = "PUBLIC", requires = "elsewhere")]
    external: Option<String>,
    /// With --external: write the bytes to sign into this file, and end with exit code 3
    #[arg(long, value_name = "FILE", requires = "external", group = "elsewhere")]
    to_sign: Option<String>,
    /// With --external: take the signature in this file, 64 bytes
    #[arg(long, value_name = "FILE", requires = "external", group = "elsewhere")]
    signature: Option<String>,
}

impl Signing {
    fn key(self, role: String) -> Key {
        let Signing { key, passphrase_file: passphrase, external, to_sign, signature } = self;
        let step = to_sign.map(Step::ToSign).or(signature.map(Step::Signature));
        // Clap has seen to it that there is one of both, and a step only for the latter.
        Key { file: key.or(external).unwrap_or_default(), passphrase, external: step, role }
    }
}

/// What is said of a new proposal.
#[derive(Args)]
pub struct New {
    #[command(flatten)]
    place: Where,
    /// What pages load: the live snapshot, its folder or URL; leave it out before the first release
    #[arg(long, value_name = "PLACE")]
    live: Option<String>,
    /// The publisher's secret key: a PEM file (PKCS#8). Without it, `waft release approve --role publisher` signs later
    #[arg(long, value_name = "KEY.pem")]
    key: Option<String>,
    /// The file of the passphrase, if the key is encrypted [default: WAFT_PASSPHRASE]
    #[arg(long, value_name = "FILE", requires = "key")]
    passphrase_file: Option<String>,
    /// The role of the signature
    #[arg(long, default_value = "publisher")]
    role: String,
    /// A table of people, for whom the change is counted
    #[arg(long, value_name = "PEOPLE.csv")]
    population: Option<String>,
    #[command(flatten)]
    about: About,
}

impl New {
    fn options(self, ruleset: String) -> propose::Options {
        let New { place, live, key, passphrase_file: passphrase, role, population, about } = self;
        let About { expires, source, why } = about;
        let key = key.map(|file| Key { file, passphrase, role, external: None });
        propose::Options { ruleset, place: place.into(), live, key, population, expires, source, why }
    }
}

/// What a new release is told of itself.
#[derive(Args)]
pub struct About {
    /// Until when pages adopt it, in RFC 3339 [default: by the environment's `expires`, or 400 days]
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// Where the rules come from, such as a commit, for the record
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// The reason, for the record
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

/// What a run is given.
#[derive(Args)]
pub struct With {
    /// A secret key, a PEM file (PKCS#8), which signs in the roles that the trust lists it in; may be repeated
    #[arg(long = "key", value_name = "KEY.pem")]
    keys: Vec<String>,
    /// The file of the passphrase, if keys are encrypted [default: WAFT_PASSPHRASE]
    #[arg(long, value_name = "FILE", requires = "keys")]
    passphrase_file: Option<String>,
    /// A table of people, for whom the change is counted; the limit `moved` needs it
    #[arg(long, value_name = "PEOPLE.csv")]
    population: Option<String>,
    /// What `waft report --format json` printed, at most a day ago: ramps rise by its units and guardrails
    #[arg(long, value_name = "REPORT.json")]
    report: Option<String>,
    #[command(flatten)]
    about: About,
    /// How long another run is waited for, in seconds, before this one ends with exit code 4
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u16).range(0..=3600))]
    wait: u16,
    /// Print how it ended as one line of JSON
    #[arg(long)]
    json: bool,
}

impl With {
    fn options(self, ruleset: String, place: Place, to: Destination, recipients: Recipients) -> run::Options {
        let With { keys, passphrase_file: passphrase, population, report, about, wait, json } = self;
        let About { expires, source, why } = about;
        run::Options {
            ruleset,
            place,
            to,
            keys,
            passphrase,
            population,
            report,
            expires,
            source,
            why,
            recipients,
            wait,
            json,
        }
    }
}

/// Who is told: what is secret comes from files and from the environment, so that it is in no list of processes.
#[derive(Args, Clone, Debug)]
#[group(id = "notify")]
pub struct Notify {
    /// A URL that gets signed messages (Standard Webhooks); may be repeated
    #[arg(long = "webhook", value_name = "URL")]
    webhooks: Vec<String>,
    /// With --webhook: the file of its secret, whsec_...; several while one replaces another [default: the variable WAFT_WEBHOOK_SECRET]
    #[arg(long, value_name = "FILE", requires = "webhooks")]
    webhook_secret_file: Option<String>,
    /// The file of the URL of a Slack webhook, or of one that takes the same messages [default: the variable WAFT_SLACK_URL, if it is set]
    #[arg(long, value_name = "FILE")]
    slack_url_file: Option<String>,
    /// A command that sends the mail on its standard input, such as "sendmail -i ops@shop.example"; run without a shell
    #[arg(long, value_name = "COMMAND")]
    mail: Option<String>,
    /// How long all messages may take together, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=600))]
    pub notify_timeout: u16,
}

impl From<Notify> for Recipients {
    fn from(Notify { webhooks, webhook_secret_file, slack_url_file, mail, notify_timeout: timeout }: Notify) -> Self {
        Recipients { webhooks, webhook_secret_file, slack_url_file, mail, timeout }
    }
}

/// Where pages load from.
#[derive(Args)]
pub struct To {
    /// Where to publish, as of `waft publish`: a folder, a bucket, or a URL below which files are written by PUT
    #[arg(long, value_name = "FOLDER|URL")]
    to: String,
    /// How the files are named [default: snapshot]
    #[arg(long)]
    name: Option<String>,
    /// The URL of the folder as pages see it: read back and verified
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Sign a new pointer to what is live then: with this secret key of the role freshness
    #[arg(long, value_name = "KEY.pem")]
    freshness_key: Option<String>,
    /// How long a busy store is tried again, in seconds [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    timeout: Option<u16>,
    /// Nothing else publishes there: write to stores that cannot compare before they replace
    #[arg(long)]
    single_writer: bool,
}

impl From<To> for Destination {
    fn from(To { to, name, url, freshness_key, timeout, single_writer }: To) -> Self {
        Destination { to, name, url, freshness_key, timeout, single_writer }
    }
}

impl Release {
    /// Where links of the ruleset may lead.
    pub(crate) fn roots(&self) -> &[PathBuf] {
        match self {
            Release::Propose { source, .. } | Release::Run { source, .. } => &source.roots,
            Release::Approve { .. }
            | Release::Reject { .. }
            | Release::Publish { .. }
            | Release::Rollback { .. }
            | Release::Unblock { .. }
            | Release::Trust { .. }
            | Release::Status { .. }
            | Release::History { .. }
            | Release::Verify { .. } => &[],
        }
    }

    pub(crate) fn run(self, host: &dyn Host) -> Exit {
        match self {
            Release::Propose { source: Source { ruleset, .. }, new } => propose::run(&new.options(ruleset), host),
            Release::Approve { place, which, live, key, role, digest, population, rebuild, why } => {
                let (place, proposal) = (place.into(), which.proposal);
                let key = key.key(role);
                approve::run(&approve::Options { place, proposal, live, key, digest, population, rebuild, why }, host)
            }
            Release::Reject { place, which, key, why } => {
                let (key, proposal) = (key.key(String::new()), which.proposal);
                reject::run(&reject::Options { place: place.into(), proposal, key, why }, host)
            }
            Release::Publish { place, which, to } => {
                publish::run(&publish::Options { place: place.into(), proposal: which.proposal, to: to.into() }, host)
            }
            Release::Rollback { new, to } => rollback::run(&new.options(String::new()), to, host),
            Release::Run { source, place, to, with, recipients } => {
                run::run(&with.options(source.ruleset, place.into(), to.into(), recipients.into()), host)
            }
            Release::Unblock { place, version, key, why } => {
                let key = key.key(String::new());
                unblock::run(&unblock::Options { place: place.into(), version, key, why }, host)
            }
            Release::Trust { document, place, why } => {
                trust::run(&trust::Options { document, place: place.into(), why }, host)
            }
            Release::Status { place, live, json } => {
                status::run(&status::Options { place: place.into(), live, json }, host)
            }
            Release::History { records, json } => {
                history::run(&history::Options { records: records.records, json }, host)
            }
            Release::Verify { records, trust, trust_documents } => {
                let records = records.records;
                verify::run(&verify::Options { records, trust, trust_documents }, host)
            }
        }
    }
}
