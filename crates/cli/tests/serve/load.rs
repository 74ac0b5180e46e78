//! Exposures at a rate, from several connections, with a crash in the middle: each that was sent is one row.
//!
//! WAFT_LOAD_RATE is exposures a second (0: as fast as answers come), WAFT_LOAD_SECONDS how long. `make load` sets both and
//! builds for release. Without them a short run, at a rate that an unoptimised program on a busy machine keeps up with.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::cluster::Cluster;
use crate::database::{Database, Kind, on_both};
use crate::records::{exposure_at, exposure_id, now, request};
use crate::server::{Folder, Server};

on_both! {
    every_exposure_under_load_is_one_row_across_kill_9
}

/// Pages' batches: how many exposures each has, again and again. 10 on average.
const BATCHES: [u64; 5] = [1, 2, 5, 10, 32];
const CONNECTIONS: usize = 16;
/// How much later than planned the last answer may come where a rate is asked for: the restart is in it.
const SLACK: Duration = Duration::from_secs(5);

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// The unit of an exposure, and its id.
fn unit(number: u64) -> (String, String) {
    let unit = format!("0190c7a4-7d5e-7000-8000-{number:012x}");
    let parts = ["shop", "production", "cta-copy", "2", "visitor", &unit, "bold", ""];
    let id = waft::exposure::id(&parts.map(str::as_bytes));
    (unit, String::from_utf8(id.to_vec()).unwrap())
}

/// What all connections share.
struct Load {
    address: String,
    template: String,
    start: Instant,
    rate: u64,
    /// For how long new batches are begun.
    duration: Duration,
    next: AtomicU64,
    /// How many exposures there are in all, once it is known.
    sent: AtomicU64,
    again: AtomicU64,
    waits: Mutex<Vec<Duration>>,
}

impl Load {
    /// How many exposures are in the batches before this one.
    fn before(batch: u64) -> u64 {
        let round: u64 = BATCHES.iter().sum();
        let (rounds, rest) = (batch / BATCHES.len() as u64, batch % BATCHES.len() as u64);
        rounds * round + BATCHES[..rest as usize].iter().sum::<u64>()
    }

    /// Sends batches one after the other, each until it is acknowledged, as a page does.
    fn send(&self) {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let url = format!("http://{}/v1/logs", self.address);
        let mut waits = Vec::new();
        // A batch that was taken is sent, so that there is no gap in the numbers.
        while self.rate > 0 || self.start.elapsed() < self.duration {
            let batch = self.next.fetch_add(1, Ordering::Relaxed);
            let numbers = Self::before(batch)..Self::before(batch + 1);
            let micros = (numbers.start * 1_000_000).checked_div(self.rate);
            let planned = micros.map_or(Duration::ZERO, Duration::from_micros);
            if planned >= self.duration {
                break;
            }
            std::thread::sleep(planned.saturating_sub(self.start.elapsed()));
            self.sent.fetch_max(numbers.end, Ordering::Relaxed);
            let made = now();
            let asked = Instant::now();
            loop {
                let sent = now();
                let records: Vec<String> = numbers.clone().map(|number| self.record(number, made, sent)).collect();
                let body = self.template.replace("\"@records\"", &records.join(","));
                match agent.post(&url).header("content-type", "application/json").send(body) {
                    Ok(mut answer) if answer.status() == 200 => {
                        assert_eq!(answer.body_mut().read_to_string().unwrap(), "{}");
                        break;
                    }
                    Ok(answer) => assert_eq!(
                        (answer.status().as_u16(), answer.headers()["retry-after"].as_bytes()),
                        (503, b"1".as_slice())
                    ),
                    // Killed.
                    Err(_) => {}
                }
                self.again.fetch_add(1, Ordering::Relaxed);
                assert!(asked.elapsed() < Duration::from_secs(60), "it does not come back");
                std::thread::sleep(Duration::from_millis(100));
            }
            waits.push(asked.elapsed());
        }
        self.waits.lock().unwrap().append(&mut waits);
    }

    fn record(&self, number: u64, made: i64, sent: i64) -> String {
        // As a template, because the generator shares the two cores with what it measures.
        static RECORD: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        let record = RECORD.get_or_init(|| {
            let text = exposure_at(0, "bold", 1, 2).to_string();
            text.replace(&exposure_id(0, "bold"), "@id")
                .replace("\"v0\"", "\"@unit\"")
                .replace("\"1000000\"", "\"@made\"")
                .replace("\"2000000\"", "\"@sent\"")
        });
        let (unit, id) = unit(number);
        record
            .replace("@id", &id)
            .replace("@unit", &unit)
            .replace("@made", &format!("{made}000000"))
            .replace("@sent", &format!("{sent}000000"))
    }
}

fn every_exposure_under_load_is_one_row_across_kill_9(kind: Kind) {
    run(&format!("{kind:?}, kill -9"), Server::with(kind), |mut server, port| {
        server.signal("-KILL");
        assert_eq!(server.wait().code(), None);
        server.into_folder().start(&["--port", port])
    });
}

#[test]
fn every_exposure_under_load_is_one_row_across_a_crash_of_postgresql() {
    let Some(mut cluster) = Cluster::start() else { return };
    let mut folder = Folder::new();
    folder.database = Database::Url(cluster.create("shop"));
    run("Postgres, its server killed", folder.start(&[]), |server, _| {
        cluster.kill();
        std::thread::sleep(Duration::from_millis(200));
        cluster.restart();
        server
    });
}

/// Loads the server, lets it meet with `harm` half-way, and checks that all is there.
fn run(name: &str, server: Server, harm: impl FnOnce(Server, &str) -> Server) {
    let (rate, seconds) = (setting("WAFT_LOAD_RATE", 500), setting("WAFT_LOAD_SECONDS", 2));
    let port = server.address.rsplit_once(':').unwrap().1.to_owned();
    let load = Load {
        address: server.address.clone(),
        template: request(&["@records".into()]),
        start: Instant::now(),
        rate,
        duration: Duration::from_secs(seconds),
        next: AtomicU64::new(0),
        sent: AtomicU64::new(0),
        again: AtomicU64::new(0),
        waits: Mutex::new(Vec::new()),
    };
    let server = std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| load.send());
        }
        std::thread::sleep(load.duration / 2);
        harm(server, &port)
    });
    let took = load.start.elapsed();
    let memory = server.peak_memory();
    let (mut database, _folder) = server.stored();

    let sent = load.sent.load(Ordering::Relaxed);
    let stored = database.rows("SELECT id, receipts FROM exposures");
    let ids: BTreeSet<&str> = stored.iter().map(|row| row[0].as_str().unwrap()).collect();
    assert_eq!(ids.len(), stored.len());
    let missing = (0..sent).filter(|number| !ids.contains(unit(*number).1.as_str())).count();
    assert_eq!((missing, stored.len() as u64), (0, sent));
    if rate > 0 {
        assert_eq!(sent / 50, rate * seconds / 50);
        // The short run is one of many tests on a machine that may have more to do.
        let is_asked = std::env::var_os("WAFT_LOAD_RATE").is_some();
        assert!(!is_asked || took < load.duration + SLACK, "{sent} exposures took {took:?}");
    }
    let mut waits = load.waits.into_inner().unwrap();
    waits.sort();
    let wait = |part: usize| waits[(waits.len() - 1) * part / 100].as_millis();
    let copies: i64 = stored.iter().map(|row| row[1].as_i64().unwrap()).sum();
    // Past the capture of cargo test, as these are figures and no failure.
    let _ = writeln!(
        std::io::stderr(),
        "load: {name} in the middle: {sent} exposures in {:.1} s, {:.0} a second, all stored once, {} copies more, {} requests \
         sent again; answers after {} ms (median), {} ms (99 %), {} ms (last); {memory} kB at most",
        took.as_secs_f64(),
        sent as f64 / took.as_secs_f64(),
        copies - sent as i64,
        load.again.load(Ordering::Relaxed),
        wait(50),
        wait(99),
        wait(100),
    );
}
