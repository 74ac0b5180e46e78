//! A PostgreSQL of the tests' own, in a folder of its own, with durability as it is delivered (fsync on).

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use postgres::NoTls;

/// Longer than a start takes: only a failure reaches it.
const HANG: Duration = Duration::from_secs(60);

/// A cluster that listens on a socket in its folder.
pub(crate) struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    /// Ends PostgreSQL and removes the folder when its input ends, which is when the tests end, however they do.
    keeper: Child,
    server: u32,
    /// On 127.0.0.1, where passwords are asked for. 0: only the socket, where none are.
    port: u16,
}

impl Cluster {
    /// The cluster that all tests of this process share; nothing, and a loud line, where no PostgreSQL is installed.
    pub(crate) fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// A new cluster.
    pub(crate) fn start() -> Option<Self> {
        Self::listening(0, None)
    }

    /// A new cluster that listens on TCP, too, where it speaks TLS alone: with a certificate and its key in PEM.
    pub(crate) fn on_tls(certificate: &str, key: &str) -> Option<Self> {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self::listening(free.port(), Some((certificate, key)))
    }

    /// A new cluster that listens on TCP, too.
    pub(crate) fn on_tcp() -> Option<Self> {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self::listening(free.port(), None)
    }

    fn listening(port: u16, tls: Option<(&str, &str)>) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let Some(programs) = programs() else {
            // Past the capture of cargo test.
            let _ = writeln!(
                std::io::stderr(),
                "\nSKIPPED: no PostgreSQL here, so nothing is tested on it: tools/prepare.sh postgres, or POSTGRES_BIN=its/bin\n"
            );
            return None;
        };
        // Not below target/: the path of a socket has 107 bytes at most, and the server's user must reach it.
        let name = format!("waft-postgres-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        if let Some((user, group)) = other_user() {
            std::os::unix::fs::chown(&folder, Some(user), Some(group)).unwrap();
        }
        let mut initdb = unprivileged(&programs.join("initdb"));
        initdb.args([
            "--username=waft",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--pgdata",
        ]);
        let made = initdb.arg(folder.join("data")).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        if let Some((certificate, key)) = tls {
            let data = folder.join("data");
            for (name, text) in [("server.crt", certificate), ("server.key", key)] {
                let path = data.join(name);
                std::fs::write(&path, text).unwrap();
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
                if let Some((user, group)) = other_user() {
                    std::os::unix::fs::chown(&path, Some(user), Some(group)).unwrap();
                }
            }
            let add = |name: &str, text: &str| {
                let mut file = std::fs::OpenOptions::new().append(true).open(data.join(name)).unwrap();
                file.write_all(text.as_bytes()).unwrap();
            };
            add("postgresql.conf", "ssl = on\n");
            let path = data.join("pg_hba.conf");
            let rules = std::fs::read_to_string(&path).unwrap().replace("\nhost ", "\nhostssl ");
            std::fs::write(path, rules).unwrap();
        }
        let (keeper, server) = run(&programs, &folder, port);
        Some(Self { programs, folder, keeper, server, port })
    }

    /// The URL of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        let mut host = String::new();
        for byte in self.folder.to_str().unwrap().bytes() {
            write!(host, "%{byte:02X}").unwrap();
        }
        let port = if self.port == 0 { 5432 } else { self.port };
        format!("postgres://waft@{host}:{port}/{database}")
    }

    /// Where a user with a password finds a database.
    pub(crate) fn tcp_url(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database, and answers its URL.
    pub(crate) fn create(&self, database: &str) -> String {
        let mut client = postgres::Client::connect(&self.url("postgres"), NoTls).unwrap();
        client.batch_execute(&format!("CREATE DATABASE {database}")).unwrap();
        self.url(database)
    }

    /// Ends the server at once, without a checkpoint, as a failure would.
    pub(crate) fn kill(&mut self) {
        assert!(Command::new("kill").args(["-QUIT", &self.server.to_string()]).status().unwrap().success());
        let lock = self.folder.join("data/postmaster.pid");
        let start = Instant::now();
        while lock.exists() {
            assert!(start.elapsed() < HANG, "PostgreSQL does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts it again on the same data.
    pub(crate) fn restart(&mut self) {
        let keep = self.folder.join("keep");
        std::fs::write(&keep, "").unwrap();
        drop(self.keeper.stdin.take());
        self.keeper.wait().unwrap();
        std::fs::remove_file(&keep).unwrap();
        (self.keeper, self.server) = run(&self.programs, &self.folder, self.port);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Starts the server, waits until it answers, and returns its keeper and its process.
fn run(programs: &Path, folder: &Path, port: u16) -> (Child, u32) {
    let script = r#""$1/postgres" -D "$2/data" -k "$2" -h "$3" -p "$4" -c max_connections=64 >>"$2/log" 2>&1 </dev/null &
        echo $!; read -r _; kill -INT $! 2>/dev/null; wait $!; test -e "$2/keep" || rm -rf "$2""#;
    // The port is in the socket's name, too, where 5432 is what clients look for.
    let port = if port == 0 { 5432 } else { port };
    let listen = [if port == 5432 { "" } else { "127.0.0.1" }, &port.to_string()];
    let mut keeper = unprivileged(Path::new("/bin/sh"));
    keeper
        .args(["-c", script, "sh"])
        .args([programs, folder])
        .args(listen)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut keeper = keeper.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let start = Instant::now();
    while !Command::new(programs.join("pg_isready"))
        .arg("-qh")
        .arg(folder)
        .args(["-p", listen[1]])
        .status()
        .unwrap()
        .success()
    {
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(start.elapsed() < HANG && keeper.try_wait().unwrap().is_none(), "PostgreSQL does not start: {log}");
        std::thread::sleep(Duration::from_millis(20));
    }
    (keeper, line.trim().parse().unwrap())
}

/// Where PostgreSQL's programs are: POSTGRES_BIN, the PATH, or the newest of Debian's folders.
fn programs() -> Option<PathBuf> {
    let all = |folder: &PathBuf| ["initdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).exists());
    let named = std::env::var_os("POSTGRES_BIN").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    debian.sort();
    named.into_iter().chain(std::env::split_paths(&path)).chain(debian.into_iter().rev()).find(all)
}

/// PostgreSQL refuses to run as root: then it runs as its own user, or as nobody. Nothing, if we are not root.
fn other_user() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse::<u32>().ok()
    };
    if id(&["-u"])? != 0 {
        return None;
    }
    ["postgres", "nobody"].iter().find_map(|user| Some((id(&["-u", user])?, id(&["-g", user])?)))
}

fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new(program);
    // A folder that its user may enter.
    command.current_dir("/");
    if let Some((user, group)) = other_user() {
        command.uid(user).gid(group);
    }
    command
}
