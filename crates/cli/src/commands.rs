//! The subcommands of `waft`, their arguments, and how each ends.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use waft_commands::{
    Exit, Expected, Question, build, eval, explain, init, inspect, keygen, layer, lint, sign, token, verify,
};

use waft_commands::host::{Host as _, Stream};
use waft_ruleset::escape;

use crate::host::{Native, tell};
use crate::source::Source;
use crate::{report, serve};

/// WebAssembly Flag Toolkit: signed feature flags and experiments, decided in the browser.
#[derive(Parser)]
#[command(name = "waft", version, disable_help_subcommand = true)]
pub(crate) struct Waft {
    #[command(subcommand)]
    command: Command,
}

/// One variant per subcommand; its fields are its arguments.
#[derive(Subcommand)]
enum Command {
    /// Write a first ruleset to change.
    Init {
        /// The folder it goes into.
        #[arg(default_value = "ruleset")]
        folder: String,
    },
    /// Make an Ed25519 key, and print its id and public half for TRUST.json.
    Keygen {
        /// The PEM file (PKCS#8) to make; never overwritten.
        #[arg(long, value_name = "KEY.pem")]
        out: String,
    },
    /// Check a ruleset: every finding with file, line, column and remedy.
    Lint {
        #[command(flatten)]
        source: Source,
        /// The live snapshot: of what has started, only coverage may change, upwards.
        #[arg(long, value_name = "SNAPSHOT")]
        against: Option<String>,
        /// How findings are printed.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
        /// Fail also where this kind of finding is made.
        #[arg(long, value_enum, value_name = "KIND")]
        deny: Option<Deny>,
    },
    /// Compile a ruleset for one environment into a snapshot, not yet signed.
    Build {
        #[command(flatten)]
        source: Source,
        /// The environment to build for.
        #[arg(long)]
        environment: String,
        /// The snapshot's version: higher than any before.
        #[arg(long)]
        version: u64,
        /// When it was made, in RFC 3339 [default: SOURCE_DATE_EPOCH, or now].
        #[arg(long, value_name = "TIME")]
        issued: Option<String>,
        /// From when on it may be adopted, in RFC 3339.
        #[arg(long, value_name = "TIME")]
        not_before: Option<String>,
        /// Until when it may be adopted, in RFC 3339 [default: as the environment's `expires` says, or 400 days after it was made].
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        /// The snapshot's file.
        #[arg(long, value_name = "SNAPSHOT")]
        out: String,
        #[command(flatten)]
        expect: Expect,
    },
    /// Add a signature to a snapshot, in place.
    Sign {
        /// The snapshot's file.
        snapshot: String,
        /// The secret key: a PEM file (PKCS#8).
        #[arg(long, value_name = "KEY.pem")]
        key: String,
        /// The role that the signer takes, such as publisher or approver.
        #[arg(long)]
        role: String,
        #[command(flatten)]
        expect: Expect,
    },
    /// Print a preview token: with it, a page shows chosen variants to whoever opens it.
    Token {
        /// The snapshot's file: which flags and variants there are.
        snapshot: String,
        /// What to show, such as headline=friendly.
        #[arg(value_name = "FLAG=VARIANT", required = true)]
        shown: Vec<String>,
        /// The page's trust, with the key in the role preview.
        #[arg(long, value_name = "TRUST.json")]
        trust: String,
        /// The secret key: a PEM file (PKCS#8).
        #[arg(long, value_name = "KEY.pem")]
        key: String,
        /// Until when it is shown, in RFC 3339: at most 30 days [default: 7 days from now].
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        /// When it was made, in RFC 3339 [default: now].
        #[arg(long, value_name = "TIME")]
        now: Option<String>,
    },
    /// Say whether a page with this trust would adopt a snapshot: exit code 0, or 1 and {"code":...}.
    Verify {
        /// The snapshot's file.
        snapshot: String,
        /// The page's trust.
        #[arg(long, value_name = "TRUST.json")]
        trust: String,
        /// The highest version that was adopted before.
        #[arg(long, value_name = "N")]
        seen_version: Option<u64>,
        /// The digest of that version, as `waft inspect` prints it.
        #[arg(long, value_name = "DIGEST", requires = "seen_version")]
        seen_digest: Option<String>,
        /// The moment, in RFC 3339 [default: now].
        #[arg(long, value_name = "TIME")]
        now: Option<String>,
    },
    /// Print a whole snapshot, or preview token, as JSON: headers, signatures, flags. Nothing is verified.
    Inspect {
        /// The snapshot's or the token's file.
        snapshot: String,
    },
    /// Decide flags for a context, with the engine that pages run.
    Eval {
        #[command(flatten)]
        asked: Asked,
        /// Say why: each rule, each condition, the points and bounds.
        #[arg(long)]
        trace: bool,
    },
    /// Say why a visitor sees what they see: each rule, each condition, the points and bounds.
    Explain {
        #[command(flatten)]
        asked: Asked,
        /// Print data in place of text.
        #[arg(long)]
        json: bool,
    },
    /// Manage the layers in which experiments exclude each other.
    #[command(subcommand)]
    Layer(Layer),
    /// Host a folder (snapshots, demo page) and collect exposures over OTLP/HTTP.
    Serve(serve::Options),
    /// Say what came of experiments, holdouts and monitored ramps: did it work?
    Report(report::Options),
}

/// What a snapshot should be: anything else is not written.
#[derive(Args)]
struct Expect {
    /// Fail unless it is of this project.
    #[arg(long, value_name = "PROJECT")]
    expect_project: Option<String>,
    /// Fail unless it is of this environment.
    #[arg(long, value_name = "ENVIRONMENT")]
    expect_environment: Option<String>,
    /// Fail unless it has this version.
    #[arg(long, value_name = "N")]
    expect_version: Option<u64>,
    /// The page's trust: fail unless it is of that project and environment, and within `minVersion` and `maxJump`.
    #[arg(long, value_name = "TRUST.json")]
    trust: Option<String>,
}

impl From<Expect> for Expected {
    fn from(Expect { expect_project, expect_environment, expect_version, trust }: Expect) -> Self {
        Expected { project: expect_project, environment: expect_environment, version: expect_version, trust }
    }
}

/// Which flags of a snapshot are asked about, for whom and when.
#[derive(Args)]
struct Asked {
    /// The snapshot's file.
    snapshot: String,
    /// The page's trust.
    #[arg(long, value_name = "TRUST.json")]
    trust: String,
    /// The context, such as '{"visitorId":"v1","country":"DE"}'.
    #[arg(long, value_name = "JSON")]
    context: String,
    /// One flag [default: all].
    #[arg(long, value_name = "KEY")]
    flag: Option<String>,
    /// The moment, in RFC 3339 [default: now].
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// A preview token that is shown, as `waft token` prints it.
    #[arg(long, value_name = "TOKEN")]
    preview: Option<String>,
}

impl From<Asked> for Question {
    fn from(Asked { snapshot, trust, context, flag, now, preview }: Asked) -> Self {
        Question { snapshot, trust, context, flag, now, preview }
    }
}

/// What can be done with layers.
#[derive(Subcommand)]
enum Layer {
    /// Print ranges of a layer that are free, as they go into an experiment.
    Allocate {
        #[command(flatten)]
        source: Source,
        /// The layer.
        #[arg(long)]
        layer: String,
        /// How much is wanted, such as 20%.
        #[arg(long)]
        share: String,
    },
}

/// How findings are printed.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A line each, for people.
    Text,
    /// One JSON array.
    Json,
    /// GitHub's workflow commands.
    Github,
}

/// What `--deny` takes.
#[derive(Clone, Copy, ValueEnum)]
enum Deny {
    /// Everything that is found.
    Warnings,
}

impl Waft {
    /// Reads the arguments. What is wrong with them has been told, as has help, and this is the exit code: clap's own, 2 or 0.
    pub(crate) fn read(arguments: Vec<OsString>) -> Result<Self, ExitCode> {
        Waft::try_parse_from(&arguments).map_err(|error| {
            // The same complaint about the same arguments, escaped: line ends in it are then clap's own.
            let escaped = arguments.iter().map(|argument| match argument.to_str().map(escape::text) {
                Some(Cow::Owned(escaped)) => escaped.into(),
                Some(Cow::Borrowed(_)) | None => argument.clone(),
            });
            let error = Waft::try_parse_from(escaped).err().unwrap_or(error);
            let to = if error.use_stderr() { Stream::Err } else { Stream::Out };
            Native::default().print(to, &escape::lines(error.render().to_string().trim_end()));
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        })
    }

    /// Runs the subcommand. A failure is told on stderr and ends with exit code 1 (clap's own, for arguments that it
    /// does not understand, is 2).
    pub(crate) fn run(self) -> ExitCode {
        let host = &Native { roots: self.roots() };
        let exit = match self.command {
            Command::Init { folder } => init::run(&init::Options { folder }, host),
            Command::Keygen { out } => keygen::run(&keygen::Options { out }, host),
            Command::Lint { source: Source { ruleset, .. }, against, format, deny } => {
                let format = match format {
                    Format::Text => lint::Format::Text,
                    Format::Json => lint::Format::Json,
                    Format::Github => lint::Format::Github,
                };
                lint::run(&lint::Options { ruleset, against, format, deny_warnings: deny.is_some() }, host)
            }
            Command::Build { source, environment, version, issued, not_before, expires, out, expect } => {
                let (ruleset, expected) = (source.ruleset, expect.into());
                let options =
                    build::Options { ruleset, environment, version, issued, not_before, expires, out, expected };
                build::run(&options, host)
            }
            Command::Sign { snapshot, key, role, expect } => {
                sign::run(&sign::Options { snapshot, key, role, expected: expect.into() }, host)
            }
            Command::Token { snapshot, shown, trust, key, expires, now } => {
                token::run(&token::Options { snapshot, shown, trust, key, expires, now }, host)
            }
            Command::Verify { snapshot, trust, seen_version, seen_digest, now } => {
                verify::run(&verify::Options { snapshot, trust, seen_version, seen_digest, now }, host)
            }
            Command::Inspect { snapshot } => inspect::run(&inspect::Options { snapshot }, host),
            Command::Eval { asked, trace } => eval::run(&eval::Options { question: asked.into(), trace }, host),
            Command::Explain { asked, json } => explain::run(&explain::Options { question: asked.into(), json }, host),
            Command::Layer(Layer::Allocate { source: Source { ruleset, .. }, layer, share }) => {
                layer::run(&layer::Options { ruleset, layer, share }, host)
            }
            Command::Serve(options) => told(serve::run(&options, host)),
            Command::Report(options) => match report::run(&options, host) {
                Ok(code) => return ExitCode::from(code),
                Err(message) => told(Err(message)),
            },
        };
        ExitCode::from(exit as u8)
    }

    /// Where links of the ruleset may lead, if the subcommand reads one.
    fn roots(&self) -> Vec<PathBuf> {
        match &self.command {
            Command::Lint { source, .. }
            | Command::Build { source, .. }
            | Command::Layer(Layer::Allocate { source, .. }) => source.roots.clone(),
            Command::Report(options) => options.source.roots.clone(),
            Command::Serve(options) => options.roots.clone(),
            Command::Init { .. }
            | Command::Keygen { .. }
            | Command::Sign { .. }
            | Command::Token { .. }
            | Command::Verify { .. }
            | Command::Inspect { .. }
            | Command::Eval { .. }
            | Command::Explain { .. } => Vec::new(),
        }
    }
}

/// How something ended; a failure is told.
fn told(outcome: Result<(), String>) -> Exit {
    match outcome {
        Ok(()) => Exit::Done,
        Err(message) => {
            tell(&message);
            Exit::Failed
        }
    }
}
