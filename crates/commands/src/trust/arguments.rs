//! The arguments of `waft trust`.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use super::{change, show, verify};
use crate::exit::Exit;
use crate::host::Host;

/// What can be done with trust documents.
#[derive(Subcommand)]
#[allow(missing_docs, reason = "what documents a field is its help")]
pub enum Trust {
    /// Write the first trust document: who signs what, and the root keys that may change it
    Init {
        /// A TRUST.json to start from: its keys and its numbers
        #[arg(long, value_name = "TRUST.json", required_unless_present_all = ["project", "environment"])]
        from: Option<String>,
        /// The project
        #[arg(long, conflicts_with = "from", requires = "environment")]
        project: Option<String>,
        /// The environment
        #[arg(long, conflicts_with = "from", requires = "project")]
        environment: Option<String>,
        /// A key: its role, its holder, and the file of its public half, such as root:alice=alice.json; may be repeated
        #[arg(long, value_name = "ROLE:HOLDER=PUBLIC", required = true)]
        add: Vec<String>,
        #[command(flatten)]
        also: Also,
    },
    /// Write the next trust document, with more keys
    AddKey {
        /// The document it follows
        trust: String,
        /// A key: its role, its holder, and the file of its public half, such as approver:bob=bob.json; may be repeated
        #[arg(long, value_name = "ROLE:HOLDER=PUBLIC", required = true)]
        add: Vec<String>,
        #[command(flatten)]
        also: Also,
    },
    /// Write the next trust document, without some keys
    RemoveKey {
        /// The document it follows
        trust: String,
        /// A key's id, or its holder if they hold no other
        #[arg(value_name = "KID|HOLDER", required = true)]
        remove: Vec<String>,
        #[command(flatten)]
        also: Also,
    },
    /// Write the next trust document, with keys in place of others, or with another threshold, floor or epoch alone
    Rotate {
        /// The document it follows
        trust: String,
        /// A key's id or holder, and the file of the public half that replaces it, such as ci=new.json
        #[arg(value_name = "KID|HOLDER=PUBLIC")]
        replace: Vec<String>,
        #[command(flatten)]
        also: Also,
    },
    /// Print a trust document. Nothing is verified
    Show {
        /// The trust document, or TRUST.json
        trust: String,
        /// As the TRUST.json that pages are built with
        #[arg(long)]
        json: bool,
    },
    /// Check whether a page with this trust takes trust documents: exit code 0, or 1 and {"code":...}
    Verify {
        /// The page's own trust: TRUST.json, or the document that it was made of
        trust: String,
        /// The documents, in order of their numbers
        #[arg(value_name = "DOCUMENT", required = true)]
        documents: Vec<String>,
        /// The time to verify at, in RFC 3339 [default: now]
        #[arg(long, value_name = "TIME")]
        now: Option<String>,
    },
}

/// What each new document may change besides.
#[derive(Args)]
pub struct Also {
    /// How many keys of a role must sign, such as root=2; may be repeated [default: as before, or 1]
    #[arg(long = "threshold", value_name = "ROLE=N")]
    thresholds: Vec<String>,
    /// The lowest version of snapshots that pages accept
    #[arg(long, value_name = "N")]
    min_version: Option<u64>,
    /// Pages forget the highest numbers that they have seen: for after a key was stolen that pushed them up
    #[arg(long)]
    new_epoch: bool,
    /// The folder to write trust-NNNN.waft into [default: that of the document before it]
    #[arg(long, value_name = "DIR", value_parser = NonEmptyStringValueParser::new())]
    out: Option<String>,
    /// Print what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// A secret key of root that signs at once: a PEM file (PKCS#8); may be repeated
    #[arg(long = "key", value_name = "KEY.pem")]
    keys: Vec<String>,
    /// The file of the passphrase of keys that are encrypted [default: WAFT_PASSPHRASE]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<String>,
}

impl Trust {
    /// Runs the subcommand. A failure has been printed.
    pub(crate) fn run(self, host: &dyn Host) -> Exit {
        match self {
            Trust::Init { from, project, environment, add, also } => {
                let scope = project.zip(environment);
                change::run(&change::Options { from, scope, add, ..also.into() }, host)
            }
            Trust::AddKey { trust, add, also } => {
                change::run(&change::Options { from: Some(trust), add, ..also.into() }, host)
            }
            Trust::RemoveKey { trust, remove, also } => {
                change::run(&change::Options { from: Some(trust), remove, ..also.into() }, host)
            }
            Trust::Rotate { trust, replace, also } => {
                change::run(&change::Options { from: Some(trust), replace, ..also.into() }, host)
            }
            Trust::Show { trust, json } => show::run(&show::Options { file: trust, json }, host),
            Trust::Verify { trust, documents, now } => verify::run(&verify::Options { trust, documents, now }, host),
        }
    }
}

impl From<Also> for change::Options {
    fn from(Also { thresholds, min_version, new_epoch, out, dry_run, keys, passphrase_file }: Also) -> Self {
        let passphrase = passphrase_file;
        change::Options {
            thresholds,
            min_version,
            new_epoch,
            out,
            dry_run,
            keys,
            passphrase,
            ..change::Options::default()
        }
    }
}
