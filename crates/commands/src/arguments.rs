//! The arguments of the commands, as `waft` and `npx waft` read them: one subcommand each, and its options.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use waft_ruleset::escape;

use crate::delivery::arguments::Release;
use crate::diff::arguments::Compared;
use crate::exit::fail;
use crate::format::Format;
use crate::host::{Host, Stream};
use crate::promote::arguments::Carried;
use crate::ramp::arguments::Ramp;
use crate::refs::arguments::Refs;
use crate::rule_tests::arguments::Test;
use crate::sign::{Signer, Step};
use crate::trust::arguments::Trust;
use crate::{
    Exit, Expected, Question, build, codegen, diff, eval, explain, failure, head, init, inspect, keygen, layer, lint,
    promote, records, sign, token, verify,
};

pub use crate::source::Source;

/// The first line of the help of every front end.
pub const ABOUT: &str = "WebAssembly Flag Toolkit: signed feature flags and experiments, decided in the browser";

/// One variant per subcommand; its fields are its arguments.
#[derive(Subcommand)]
#[allow(missing_docs, reason = "what documents a field is its help")]
#[allow(clippy::large_enum_variant, reason = "a program has one")]
pub enum Command {
    /// Write a starter ruleset, and tests of it
    Init {
        /// The folder to write it into; created if missing
        #[arg(default_value = "ruleset", value_parser = NonEmptyStringValueParser::new())]
        folder: String,
    },
    /// Create an Ed25519 key, and print its id and public half for TRUST.json
    Keygen {
        /// The PEM file (PKCS#8) to create; an existing file is never overwritten
        #[arg(long, value_name = "KEY.pem")]
        out: String,
        /// Encrypt the secret key with a passphrase
        #[arg(long)]
        encrypt: bool,
        /// With --encrypt: the file of the passphrase [default: WAFT_PASSPHRASE]
        #[arg(long, value_name = "FILE", requires = "encrypt")]
        passphrase_file: Option<String>,
    },
    /// Check a ruleset: every finding with its file, line, column and remedy
    Lint {
        #[command(flatten)]
        source: Source,
        /// The live snapshot to compare with: once a trial has started, only its coverage may change, and only upwards
        #[arg(long, value_name = "SNAPSHOT")]
        against: Option<String>,
        /// How findings are printed
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
        /// Also fail on findings of this kind
        #[arg(long, value_enum, value_name = "KIND")]
        deny: Option<Deny>,
    },
    /// Run the tests beside a ruleset: what flags evaluate to, for whom and when
    Test(Test),
    /// Compile a ruleset for one environment into an unsigned snapshot
    Build {
        #[command(flatten)]
        source: Source,
        /// The environment to build for
        #[arg(long)]
        environment: String,
        /// The snapshot's version; must be higher than every version before it
        #[arg(long)]
        version: u64,
        /// When the snapshot was made, in RFC 3339 [default: SOURCE_DATE_EPOCH, or now]
        #[arg(long, value_name = "TIME")]
        issued: Option<String>,
        /// The earliest time at which pages adopt it, in RFC 3339
        #[arg(long, value_name = "TIME")]
        not_before: Option<String>,
        /// When pages stop adopting it, in RFC 3339 [default: by the environment's `expires`, or 400 days after it was made]
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        /// The snapshot file to write
        #[arg(long, value_name = "SNAPSHOT")]
        out: String,
        #[command(flatten)]
        expect: Expect,
    },
    /// Write what TypeScript may know of a ruleset: keys, values and variants of flags, attributes of contexts
    Codegen {
        #[command(flatten)]
        source: Source,
        /// The file to write, which the project's tsconfig.json includes
        #[arg(long, value_name = "FILE", default_value = "waft.d.ts")]
        out: String,
        /// Write nothing, and fail unless the file is up to date
        #[arg(long)]
        check: bool,
    },
    /// Find flags that the code reads and the rules lack, the reverse, and those that nobody needs any more
    Refs(Refs),
    /// Add signatures to a snapshot or a trust document, in place
    Sign {
        /// The file of the snapshot or trust document
        snapshot: String,
        /// A secret key: a PEM file (PKCS#8); may be repeated
        #[arg(long = "key", value_name = "KEY.pem", required_unless_present = "external")]
        keys: Vec<String>,
        /// The file of the passphrase of keys that are encrypted [default: WAFT_PASSPHRASE]
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<String>,
        /// The public half of a key that is elsewhere, such as in a hardware token: PEM, or what `waft keygen` prints
        #[arg(long, value_name = "PUBLIC", conflicts_with = "keys")]
        external: Option<String>,
        /// With --external: write the bytes to sign into this file
        #[arg(long, value_name = "FILE", requires = "external", conflicts_with = "signature")]
        to_sign: Option<String>,
        /// With --external: add the signature in this file, 64 bytes
        #[arg(long, value_name = "FILE", requires = "external")]
        signature: Option<String>,
        /// The role of this signature, such as publisher or approver
        #[arg(long)]
        role: String,
        #[command(flatten)]
        expect: Expect,
    },
    /// Print a preview token, with which a page shows chosen variants to whoever opens it
    Token {
        /// The snapshot file, which has the flags and their variants
        snapshot: String,
        /// A flag and the variant to show, such as headline=friendly
        #[arg(value_name = "FLAG=VARIANT", required = true)]
        shown: Vec<String>,
        /// The page's trust, which lists the key under the role preview
        #[arg(long, value_name = "TRUST.json")]
        trust: String,
        /// The secret key: a PEM file (PKCS#8)
        #[arg(long, value_name = "KEY.pem")]
        key: String,
        /// When the token stops working, in RFC 3339: at most 30 days after it was made [default: 7 days]
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        /// When the token was made, in RFC 3339 [default: now]
        #[arg(long, value_name = "TIME")]
        now: Option<String>,
    },
    /// Check whether a page with this trust adopts a snapshot, or takes a head: exit code 0, or 1 and {"code":...}
    Verify {
        /// The snapshot's file, or the head's
        snapshot: String,
        /// The page's trust
        #[arg(long, value_name = "TRUST.json")]
        trust: String,
        /// The highest version that the page has adopted before
        #[arg(long, value_name = "N")]
        seen_version: Option<u64>,
        /// The digest of that version, as `waft inspect` prints it
        #[arg(long, value_name = "DIGEST", requires = "seen_version")]
        seen_digest: Option<String>,
        /// The time to verify at, in RFC 3339 [default: now]
        #[arg(long, value_name = "TIME")]
        now: Option<String>,
    },
    /// Print a snapshot, head or preview token as JSON: headers, signatures, flags. Nothing is verified
    Inspect {
        /// The file of the snapshot, head or token
        snapshot: String,
    },
    /// Evaluate flags for a context, with the engine that pages run
    Eval {
        #[command(flatten)]
        asked: Asked,
        /// Add the trace: each rule, each condition, the points and bounds
        #[arg(long)]
        trace: bool,
    },
    /// Explain why a visitor sees what they see: each rule, each condition, the points and bounds
    Explain {
        #[command(flatten)]
        asked: Asked,
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Compare two rulesets or snapshots: what is written differently, which flags that reaches, what is running meanwhile
    Diff(Compared),
    /// Carry what differs from one environment to another, in the rules' own text, and show what that changes
    Promote(Carried),
    /// Turn flags off at once, whatever snapshots say: signs the next kill list of a head
    Kill {
        /// The keys of the flags
        #[arg(value_name = "FLAG", required = true)]
        flags: Vec<String>,
        #[command(flatten)]
        list: List,
    },
    /// Take flags off the kill list of a head: signs the next list
    Unkill {
        /// The keys of the flags
        #[arg(value_name = "FLAG", required = true)]
        flags: Vec<String>,
        #[command(flatten)]
        list: List,
    },
    /// Manage heads, which tell pages what is new since snapshots were signed
    #[command(subcommand)]
    Head(Heads),
    /// Deliver releases: propose, approve, publish, and keep a record of each
    #[command(subcommand)]
    Release(Release),
    /// Manage layers, in which experiments exclude each other
    #[command(subcommand)]
    Layer(Layer),
    /// Manage ramps, in which a variant comes to a share of units that rises by steps
    #[command(subcommand)]
    Ramp(Ramp),
    /// Manage trust documents, by which keys rotate without new pages
    #[command(subcommand)]
    Trust(Trust),
}

/// What a snapshot should be: anything else is not written.
#[derive(Args)]
pub struct Expect {
    /// Fail unless the snapshot is for this project
    #[arg(long, value_name = "PROJECT")]
    expect_project: Option<String>,
    /// Fail unless the snapshot is for this environment
    #[arg(long, value_name = "ENVIRONMENT")]
    expect_environment: Option<String>,
    /// Fail unless the snapshot has this version
    #[arg(long, value_name = "N")]
    expect_version: Option<u64>,
    /// The page's trust: fail unless project and environment match, and the version is within `minVersion` and `maxJump`
    #[arg(long, value_name = "TRUST.json")]
    trust: Option<String>,
}

impl From<Expect> for Expected {
    fn from(Expect { expect_project, expect_environment, expect_version, trust }: Expect) -> Self {
        Expected { project: expect_project, environment: expect_environment, version: expect_version, trust }
    }
}

/// Which flags of a snapshot are evaluated, for whom and when.
#[derive(Args)]
pub struct Asked {
    /// The snapshot file
    snapshot: String,
    /// The page's trust
    #[arg(long, value_name = "TRUST.json")]
    trust: String,
    /// The context: JSON text such as '{"visitorId":"v1","country":"DE"}', a file, or - for stdin. Text that begins with { is JSON
    #[arg(long, value_name = "JSON|FILE|-")]
    context: String,
    /// A single flag [default: all flags]
    #[arg(long, value_name = "KEY")]
    flag: Option<String>,
    /// The time to evaluate at, in RFC 3339 [default: as a page: now, but not before the snapshot was made]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// A preview token to apply, as `waft token` prints it
    #[arg(long, value_name = "TOKEN")]
    preview: Option<String>,
}

impl From<Asked> for Question {
    fn from(Asked { snapshot, trust, context, flag, now, preview }: Asked) -> Self {
        Question { snapshot, trust, context, flag, now, preview }
    }
}

/// A kill list, and who signs the next one.
#[derive(Args)]
pub struct List {
    /// The head's file; created if missing
    #[arg(long, value_name = "HEAD")]
    head: String,
    /// The page's trust, which lists the key under the role kill
    #[arg(long, value_name = "TRUST.json")]
    trust: String,
    /// The trust documents that follow it: pages walk through them, and then the last one lists the key
    #[arg(long, value_name = "TRUST.waft", num_args = 1..)]
    trust_documents: Vec<String>,
    /// The secret key: a PEM file (PKCS#8)
    #[arg(long, value_name = "KEY.pem")]
    key: String,
    /// The live snapshot: warns of flags that it does not have; none is taken off into a phase that began before its kill
    #[arg(long, value_name = "SNAPSHOT")]
    snapshot: Option<String>,
    /// The folder of the history, in which a record of this is written, created if missing; or a bucket: s3://BUCKET/FOLDER, az:// or gs://
    #[arg(long, value_name = "DIR|BUCKET", default_value = records::FOLDER, value_parser = NonEmptyStringValueParser::new())]
    records: String,
    /// The reason, for the record
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Until when pages that have not seen the list adopt it, in RFC 3339 [default: 400 days]
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
}

impl List {
    fn run(self, change: head::kill::Change, flags: Vec<String>, host: &dyn Host) -> Exit {
        let List { head, trust, trust_documents, key, snapshot, records, why, expires } = self;
        let options =
            head::kill::Options { change, flags, head, trust, trust_documents, key, snapshot, records, why, expires };
        head::kill::run(&options, host)
    }
}

/// What can be done with heads.
#[derive(Subcommand)]
#[allow(missing_docs, reason = "what documents a field is its help")]
pub enum Heads {
    /// Sign a freshness pointer, which says that a snapshot is live: hourly, as it vouches for a day
    Refresh {
        /// The head's file; created if missing
        #[arg(long, value_name = "HEAD")]
        head: String,
        /// The live snapshot
        #[arg(long, value_name = "SNAPSHOT")]
        snapshot: String,
        /// The page's trust, which lists the key under the role freshness
        #[arg(long, value_name = "TRUST.json")]
        trust: String,
        /// The trust documents that follow it: pages walk through them, and then the last one lists the key
        #[arg(long, value_name = "TRUST.waft", num_args = 1..)]
        trust_documents: Vec<String>,
        /// The secret key: a PEM file (PKCS#8)
        #[arg(long, value_name = "KEY.pem")]
        key: String,
        /// The least number of the trust document that pages need [default: the last of --trust-documents, or that of the last pointer]
        #[arg(long, value_name = "N")]
        trust_number: Option<u64>,
        /// Until when it vouches, in RFC 3339: at most 48 hours [default: 24 hours]
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
    },
    /// Print a head's documents as JSON. Nothing is verified
    Show {
        /// The head's file
        head: String,
    },
}

impl Heads {
    fn run(self, host: &dyn Host) -> Exit {
        match self {
            Heads::Refresh { head, snapshot, trust, trust_documents, key, trust_number, expires } => {
                let options =
                    head::refresh::Options { head, snapshot, trust, trust_documents, key, trust_number, expires };
                head::refresh::run(&options, host)
            }
            Heads::Show { head } => head::show::run(&head::show::Options { head }, host),
        }
    }
}

/// What can be done with layers.
#[derive(Subcommand)]
#[allow(missing_docs, reason = "what documents a field is its help")]
pub enum Layer {
    /// Print free ranges of a layer, as they are written in an experiment
    Allocate {
        #[command(flatten)]
        source: Source,
        /// The layer
        #[arg(long)]
        layer: String,
        /// The share to allocate, such as 20%
        #[arg(long)]
        share: String,
    },
}

/// What `--deny` takes.
#[derive(Clone, Copy, ValueEnum)]
pub enum Deny {
    /// All findings, warnings included
    Warnings,
}

/// Reads a front end's arguments, of which the first is its name. Help, or what is wrong with them, has been printed, and the
/// error is clap's exit code: 0 or 2.
pub fn read<P: Parser>(arguments: &[OsString], host: &dyn Host) -> Result<P, u8> {
    P::try_parse_from(arguments).map_err(|error| {
        // The same complaint about the same arguments, escaped: line ends in it are then clap's own.
        let escaped = arguments.iter().map(|argument| match argument.to_str().map(escape::text) {
            Some(Cow::Owned(escaped)) => escaped.into(),
            Some(Cow::Borrowed(_)) | None => argument.clone(),
        });
        let error = P::try_parse_from(escaped).err().unwrap_or(error);
        let to = if error.use_stderr() { Stream::Err } else { Stream::Out };
        let (told, code) = (error.render().to_string(), u8::try_from(error.exit_code()).unwrap_or(2));
        host.print(to, &escape::lines(told.trim_end()));
        if error.use_stderr() {
            failure::usage(arguments, host, told.trim_end(), code);
        }
        code
    })
}

impl Command {
    /// Where links of the ruleset may lead; empty if the subcommand reads none.
    pub fn roots(&self) -> &[PathBuf] {
        match self {
            Command::Lint { source, .. }
            | Command::Build { source, .. }
            | Command::Codegen { source, .. }
            | Command::Test(Test { source, .. })
            | Command::Layer(Layer::Allocate { source, .. }) => &source.roots,
            Command::Refs(refs) => &refs.roots,
            Command::Diff(compared) => compared.roots(),
            Command::Ramp(ramp) => ramp.roots(),
            Command::Release(release) => release.roots(),
            Command::Promote(carried) => &carried.roots,
            Command::Init { .. }
            | Command::Keygen { .. }
            | Command::Sign { .. }
            | Command::Token { .. }
            | Command::Verify { .. }
            | Command::Inspect { .. }
            | Command::Trust(_)
            | Command::Kill { .. }
            | Command::Unkill { .. }
            | Command::Head(_)
            | Command::Eval { .. }
            | Command::Explain { .. } => &[],
        }
    }

    /// Runs the subcommand. A failure has been printed.
    pub fn run(self, host: &dyn Host) -> Exit {
        match self {
            Command::Init { folder } => init::run(&init::Options { folder }, host),
            Command::Keygen { out, encrypt, passphrase_file } => {
                keygen::run(&keygen::Options { out, encrypt, passphrase: passphrase_file }, host)
            }
            Command::Lint { source: Source { ruleset, .. }, against, format, deny } => {
                let (format, deny_warnings) = (format.into(), deny.is_some());
                lint::run(&lint::Options { ruleset, against, format, deny_warnings }, host)
            }
            Command::Build { source, environment, version, issued, not_before, expires, out, expect } => {
                let (ruleset, expected) = (source.ruleset, expect.into());
                let options =
                    build::Options { ruleset, environment, version, issued, not_before, expires, out, expected };
                build::run(&options, host)
            }
            Command::Codegen { source: Source { ruleset, .. }, out, check } => {
                codegen::run(&codegen::Options { ruleset, out, check }, host)
            }
            Command::Refs(refs) => refs.run(host),
            Command::Ramp(ramp) => ramp.run(host),
            Command::Sign { snapshot, keys, passphrase_file, external, to_sign, signature, role, expect } => {
                let signer = match (external, to_sign, signature) {
                    (Some(public), Some(file), _) => Signer::External { public, step: Step::ToSign(file) },
                    (Some(public), None, Some(file)) => Signer::External { public, step: Step::Signature(file) },
                    (Some(_), None, None) => {
                        let remedy = "--to-sign FILE first, then --signature FILE";
                        return fail(host, &format!("--external: needs {remedy}"));
                    }
                    (None, ..) => Signer::Keys { files: keys, passphrase: passphrase_file },
                };
                sign::run(&sign::Options { snapshot, signer, role, expected: expect.into() }, host)
            }
            Command::Test(test) => test.run(host),
            Command::Trust(command) => command.run(host),
            Command::Token { snapshot, shown, trust, key, expires, now } => {
                token::run(&token::Options { snapshot, shown, trust, key, expires, now }, host)
            }
            Command::Verify { snapshot, trust, seen_version, seen_digest, now } => {
                verify::run(&verify::Options { snapshot, trust, seen_version, seen_digest, now }, host)
            }
            Command::Inspect { snapshot } => inspect::run(&inspect::Options { snapshot }, host),
            Command::Eval { asked, trace } => eval::run(&eval::Options { question: asked.into(), trace }, host),
            Command::Explain { asked, json } => explain::run(&explain::Options { question: asked.into(), json }, host),
            Command::Diff(compared) => diff::run(&compared.into(), host),
            Command::Promote(carried) => promote::run(&carried.into(), host),
            Command::Kill { flags, list } => list.run(head::kill::Change::Kill, flags, host),
            Command::Unkill { flags, list } => list.run(head::kill::Change::Unkill, flags, host),
            Command::Head(heads) => heads.run(host),
            Command::Release(release) => release.run(host),
            Command::Layer(Layer::Allocate { source: Source { ruleset, .. }, layer, share }) => {
                layer::run(&layer::Options { ruleset, layer, share }, host)
            }
        }
    }
}
