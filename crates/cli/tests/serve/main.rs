//! `waft serve` as it is run: the program itself, on a free port, spoken to over HTTP.
//!
//! - `server` starts and stops it, on a `database`, which may be one of the `cluster`; `records` writes OTLP requests.
//! - `exposures`: what is stored, `breakdowns` of what units are. `forged`: who can forge it, and `verdicts`: what the rules say of it. `odd`: what a database refuses. `refusals`: what is not stored. `bounds`: size,
//!   time and number. `peers`: many clients. `cors`: other sites. `protobuf`: the other encoding. `exports`: what is read back. `reports`:
//!   what `waft report` says of it, `kills` of what a kill ended, and `clocks` of its times. `guards`: what `waft guard` does about it,
//!   `taken` with releases, and `messages` whom it tells, a `receiver` for example. `files`: the folder, `changes` in it, and `heads`.
//!   `releases`: what is approved and killed over HTTP, and `back` what is rejected and taken back, and by whose keys. `rules`: what is drafted and saved.
//!   `tls`: to PostgreSQL. `stops`:
//!   nothing acknowledged is lost. `load`: nor under load.

// They send signals, and run a PostgreSQL as another user.
#![cfg(unix)]
// clippy.toml allows these in tests, but sees only functions marked #[test], not what they call.
#![allow(clippy::unwrap_used, clippy::panic)]

mod back;
mod bounds;
mod breakdowns;
mod changes;
mod clocks;
mod cluster;
mod cors;
mod database;
mod exports;
mod exposures;
mod files;
mod forged;
mod guards;
#[path = "../guide/mod.rs"]
mod guide;
mod heads;
mod kills;
mod load;
mod messages;
mod odd;
mod peers;
mod protobuf;
mod receiver;
mod records;
mod refusals;
mod releases;
mod reports;
mod rules;
mod server;
mod stops;
mod taken;
mod tls;
mod verdicts;
