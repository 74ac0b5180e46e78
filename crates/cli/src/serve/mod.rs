//! `waft serve`: hosts a folder and collects exposures.
//!
//!     POST /v1/logs --logs: body--> bytes --otlp--> log records --record, checks--> rows --writer, batch--> store, then the answer
//!     GET /api/exposures <--counts-- store     GET /report, /api/report <--results-- store     GET anything else <--files-- --dir
//!     GET /api/changes/PATH <--changes-- files     --refresh-head: fresh --> publish
//!     /api/rules --desk, rules--> the files of --rules     /api/releases --desk, releases--> the commands of `waft release`, publish
//!
//! Who may ask, how often and by which name: `listener`, `places` and `peers`, `hosts`; whose rows are trusted: `senders`. What the rules say of a row: `checks`, of `trials`.
//!
//! *Invariant*: nothing is answered 200 before its rows are durable.

mod attributes;
mod batch;
mod body;
mod changes;
mod checks;
mod counts;
mod desk;
mod export;
mod files;
mod fresh;
mod hosts;
mod listener;
mod logs;
mod moment;
mod options;
mod otlp;
mod peers;
mod places;
mod recheck;
mod record;
mod releases;
mod results;
mod router;
mod rules;
mod scripts;
mod senders;
mod store;
mod trials;
mod writer;

use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use waft_commands::host::Host;

pub(crate) use options::Options;
pub(crate) use results::{Subject, dialect, sums};
pub(crate) use store::{Database, Deadline, Kind as Column, Value};

use crate::host::tell;

use changes::Changes;
use checks::Checks;
use counts::Counter;
use desk::Desk;
use files::Files;
use hosts::Hosts;
use logs::Logs;
use peers::{Rates, Trusted};
use releases::Releases;
use results::Reporter;
use router::{Asked, Limits};
use rules::Rules;
use senders::Senders;
use writer::Writer;

/// How long what waits for the writer may take after the last request has ended. With the listener's 5 s the whole stop takes less
/// than 10 s, which is what supervisors wait for.
const LAST_COMMIT: Duration = Duration::from_secs(4);

/// How long stored exposures are compared with the rules before requests are answered. Two million take three seconds.
const RECHECK: Duration = Duration::from_secs(60);

/// Exports, if that is what was asked. Otherwise serves until SIGINT or SIGTERM, then stops in order: no new connections,
/// requests in flight end (5 s at most), what waits for the writer is stored, and a database file is left complete.
pub(crate) fn run(options: &Options, host: &dyn Host) -> Result<(), String> {
    let database = Database::named(&options.db)?;
    if let Some(file) = &options.export {
        return export::run(&database, options.rows, file, options.format);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start: {error}"))?;
    let served = runtime.block_on(serve(options, database, host));
    // Whatever still reads has been told to stop, and nobody waits for it.
    runtime.shutdown_background();
    served
}

async fn serve(options: &Options, database: Database, host: &dyn Host) -> Result<(), String> {
    let read_timeout = Duration::from_secs(options.read_timeout.into());
    // Before the address is told: whoever reads it may stop us at once.
    let deadline = Deadline::never();
    let stop = stop_of(deadline.clone())?;
    let files = Files::new("--dir", &options.dir)?;
    let fresh = fresh::read(options, host)?;
    let desk = Desk::read(options, host)?;
    let releases = Releases::read(options, host, (&desk, fresh.as_ref().map(|(refresh, _)| refresh.clone())))?;
    let rules = Rules::read(options, desk)?;
    let studio = options.studio.as_deref().map(|dir| Files::new("--studio", dir)).transpose()?;
    let senders = Senders::read(host, options.token_file.as_deref())?;
    let mut checks = Checks::new(!options.no_pseudonyms);
    for path in &options.snapshots {
        checks = checks.with_snapshot(host, path)?;
    }
    let subject = subject_of(options, host)?;
    if let Some(subject) = &subject {
        checks = subject.check(checks)?;
    }
    let reporter = subject.map(|subject| Reporter::new(database.clone(), &deadline, subject));
    let listening = listen(&options.host, ("--port", options.port)).await?;
    let studio = match studio {
        Some(files) => Some((files, listen(&options.host, ("--studio-port", options.studio_port)).await?)),
        None => None,
    };
    let (store, checks) = opened(&database, checks, &deadline).await?;
    let (writer, thread) = Writer::start(store, writer::QUEUE);
    let logs = Logs::new(writer.clone(), usize::try_from(options.max_body).unwrap_or(usize::MAX), read_timeout);
    let logs = logs.with(checks, senders);
    let counter = Arc::new(Counter::new(database.clone(), &deadline));
    let changes = Changes::new(files.clone(), Trusted::new(&options.trust_proxy));
    let stop = changes.clone().stop_after(stop);
    let (reporter, releases, rules) = (reporter.map(Arc::new), releases.map(Arc::new), rules.map(Arc::new));
    let asked = Asked { logs, counter, reporter, files, changes, releases, rules };
    announce(listening.1, &options.allow_host);
    if let Some((refresh, every)) = fresh {
        tokio::spawn(fresh::run(refresh, every));
    }
    listened(options, asked, (listening, studio), stop).await;
    let ended = async {
        writer.stop().await;
        tokio::task::spawn_blocking(|| thread.join()).await
    };
    match tokio::time::timeout(LAST_COMMIT, ended).await {
        Err(_) => Err("the database does not respond; what was acknowledged is stored".to_owned()),
        Ok(Ok(Ok(closed))) => closed.map_err(|error| format!("{database}: {error}")),
        _ => Err("the writer ended unexpectedly; what was acknowledged is stored".to_owned()),
    }
}

/// Opens the database, and compares what is stored there with the rules.
async fn opened(
    database: &Database,
    checks: Checks,
    deadline: &Deadline,
) -> Result<(Box<dyn store::Store>, Checks), String> {
    let (opening, limit) = (database.clone(), deadline.but_after(RECHECK));
    // On a thread of its own: PostgreSQL's client waits, which no thread of the runtime may.
    let opened = tokio::task::spawn_blocking(move || {
        let mut store = opening.open()?;
        if checks.are_given()
            && let Err(error) = recheck::run(&opening, store.as_mut(), &checks, &limit)
        {
            tell(&format!("not all stored exposures were compared with the rules: {error}"));
        }
        Ok::<_, String>((store, checks))
    });
    opened.await.map_err(|error| error.to_string())?
}

/// Where requests come in.
type Listening = (TcpListener, SocketAddr);

/// Serves requests until `stop` ends: of pages, and of the studio, which has a listener of its own.
async fn listened(
    options: &Options,
    asked: Asked,
    ((listener, address), studio): (Listening, Option<(Files, Listening)>),
    stop: impl Future<Output = ()>,
) {
    let read_timeout = Duration::from_secs(options.read_timeout.into());
    let trusted = Trusted::new(&options.trust_proxy);
    let limits = Limits {
        hosts: Hosts::new(&options.allow_host, &options.host, address.ip()),
        rates: Rates::new(trusted.clone(), options.rate),
    };
    let port_of_studio = studio.as_ref().map(|(_, (_, address))| address.port());
    let app = router::router(&asked, options.allow_origin.clone(), limits.clone(), port_of_studio);
    let port = address.port();
    let Some((files, (second, address))) = studio else {
        drop(asked);
        return listener::serve(listener, app, trusted, read_timeout, stop).await;
    };
    let pages = router::studio(&asked, &files, limits, port);
    drop(asked);
    print(&format!("studio on http://{address}"));
    let (stopping, mut stopped) = watch::channel(());
    let stop = async move {
        stop.await;
        drop(stopping);
    };
    let stop_too = async move { drop(stopped.changed().await) };
    tokio::join!(
        listener::serve(listener, app, trusted.clone(), read_timeout, stop),
        listener::serve(second, pages, trusted, read_timeout, stop_too)
    );
}

/// What is reported on, if anything is. What is wrong with its records is told now, and not when somebody asks for the report.
fn subject_of(options: &Options, host: &dyn Host) -> Result<Option<Subject>, String> {
    let (Some(path), Some(environment)) = (options.ruleset(), &options.environment) else { return Ok(None) };
    let subject = Subject::read(host, path, environment, options.records.as_deref())?;
    subject.trials(host, host.now())?;
    Ok(Some(subject))
}

async fn listen(host: &str, (option, port): (&str, u16)) -> Result<(TcpListener, SocketAddr), String> {
    let listener = TcpListener::bind((host, port)).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => format!("port {port} on {host} is taken: give another {option}, or 0 for any free one"),
        ErrorKind::PermissionDenied => {
            format!("port {port} on {host}: permission denied: give a {option} from 1024 up")
        }
        _ => format!("--host {host} {option} {port}: {error}: give an address of this machine, such as 127.0.0.1"),
    })?;
    let address = listener.local_addr().map_err(|error| format!("cannot listen: {error}"))?;
    Ok((listener, address))
}

/// The first line on stdout, which scripts read.
fn announce(address: SocketAddr, names: &[String]) {
    print(&format!("listening on http://{address}"));
    if !address.ip().is_loopback() {
        tell(&format!("{address} can be reached from other machines, without a password: put a proxy in front"));
        let named: String = names.iter().map(|name| format!(", {name}")).collect();
        tell(&format!(
            "reachable as its address, localhost{named}; requests for other names (--allow-host) get status 421"
        ));
    }
}

fn print(line: &str) {
    let mut out = std::io::stdout();
    // Nobody has to listen.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// The same as [`stop_signal`], which also stops whatever reads the database.
fn stop_of(deadline: Deadline) -> Result<impl Future<Output = ()>, String> {
    let signal = stop_signal()?;
    Ok(async move {
        signal.await;
        tokio::task::spawn_blocking(move || deadline.stop());
    })
}

/// A future that ends with SIGINT (Ctrl-C) or SIGTERM; both are taken over when this returns.
fn stop_signal() -> Result<impl Future<Output = ()>, String> {
    let failed = |error: std::io::Error| format!("cannot wait for signals: {error}");
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(windows)]
    {
        let mut interrupt = tokio::signal::windows::ctrl_c().map_err(failed)?;
        Ok(async move {
            interrupt.recv().await;
        })
    }
}
