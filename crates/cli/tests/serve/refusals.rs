//! What is refused, singly or as a whole, and what the answer says.

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::database::{Database, Kind};
use crate::records::{exposure, id, int, request, text};
use crate::server::{Folder, Server};

/// An exposure with one attribute replaced, or taken away.
fn with(number: u64, key: &str, value: Option<Value>) -> Value {
    let mut record = exposure(number, "bold");
    let attributes = record["attributes"].as_array_mut().unwrap();
    attributes.retain(|attribute| attribute["key"] != key);
    attributes.extend(value);
    record
}

#[test]
fn malformed_record_costs_only_itself() {
    let server = Server::start(&[]);
    let mut sent = 0;
    let mut check = |record: Value, expected: &str| {
        sent += 1;
        let answer = server.post(request(&[exposure(1000 + sent, "bold"), record, exposure(2000 + sent, "plain")]));
        let message = format!("resourceLogs[0].scopeLogs[0].logRecords[1]: {expected}");
        let partial = &answer.json()["partialSuccess"];
        assert_eq!((answer.status, &partial["rejectedLogRecords"]), (200, &json!("1")), "{expected}");
        assert!(partial["errorMessage"].as_str().unwrap().starts_with(&message), "{partial} {message}");
        assert_eq!(server.get("/api/exposures", &[]).json()["total"], 2 * sent);
    };
    let long = "x".repeat(1_025);
    check(with(1, "waft.exposure.id", Some(text("waft.exposure.id", "12"))), "waft.exposure.id: expected 32");
    check(
        with(1, "waft.exposure.id", Some(text("waft.exposure.id", &"g".repeat(32)))),
        "waft.exposure.id: expected 32",
    );
    check(with(1, "waft.exposure.id", Some(int("waft.exposure.id", 5))), "waft.exposure.id: expected a stringValue");
    check(with(1, "waft.experiment", None), "waft.experiment: missing: send it as stringValue");
    check(with(1, "waft.experiment", Some(text("waft.experiment", ""))), "waft.experiment: empty");
    check(with(1, "waft.phase", None), "waft.phase: missing: send it as intValue");
    check(with(1, "waft.phase", Some(int("waft.phase", -1))), "waft.phase: -1 is outside 0 to 4294967295");
    check(with(1, "waft.phase", Some(text("waft.phase", "2"))), "waft.phase: expected an intValue");
    check(with(1, "waft.point", Some(int("waft.point", 1 << 32))), "waft.point: 4294967296 is outside");
    check(
        with(1, "feature_flag.context.id", Some(text("feature_flag.context.id", &long))),
        "feature_flag.context.id: 1025 bytes",
    );
    check(with(1, "waft.rule", Some(text("waft.rule", "a\0b"))), "waft.rule: contains U+0000");
    check(with(1, "waft.unit.account", Some(text("waft.unit.a b", "1"))), "waft.unit.*: a name is 1 to 64 of");
    check(
        with(1, "waft.snapshot.digest", Some(text("waft.snapshot.digest", "zz"))),
        "waft.snapshot.digest: expected 2 to 128",
    );
    let mut soon = exposure(1, "bold");
    soon["timeUnixNano"] = json!("soon");
    check(soon, "invalid value: string \"soon\", expected a 64-bit integer");
    check(json!({ "attributes": { "waft.exposure.id": id(1) } }), "invalid type: map, expected a sequence");
    check(json!("waft.event.id"), "expected a JSON object");
    check(json!({ "eventName": "waft.track" }), "waft.event.id: missing");
    let event = |more: Value| json!({ "attributes": [text("waft.event.id", &id(1)), more] });
    check(event(int("waft.sequence", 1)), "waft.event.name: missing");
    let named = |value: Value| {
        let attributes = [
            text("waft.event.id", &id(1)),
            text("waft.event.name", "buy"),
            json!({ "key": "waft.event.value", "value": value }),
        ];
        json!({ "attributes": attributes })
    };
    check(named(json!({ "doubleValue": "NaN" })), "waft.event.value: expected a finite doubleValue");
    check(named(json!({ "stringValue": "1" })), "waft.event.value: expected a finite doubleValue");
    check(event(text("waft.event.properties", "[1]")), "waft.event.properties: expected the text of a JSON object");
}

#[test]
fn odd_records_of_others_are_not_ours_to_refuse() {
    let server = Server::start(&[]);
    let odd = [
        json!(7),
        json!("text"),
        json!({ "attributes": "none" }),
        json!({ "timeUnixNano": "soon", "attributes": [] }),
        json!({ "timeUnixNano": u64::MAX, "attributes": [{ "key": 5 }] }),
        json!({ "eventName": "feature_flag.evaluation", "attributes": [text("feature_flag.key", "cta")] }),
        json!({ "attributes": [{ "key": "x", "value": { "doubleValue": "many" } }] }),
    ];
    for record in odd {
        let answer = server.post(request(&[exposure(1, "bold"), record.clone(), exposure(2, "bold")]));
        assert_eq!((answer.status, answer.json()), (200, json!({})), "{record}");
    }
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 2);
}

#[test]
fn five_refused_records_are_named_and_the_rest_counted() {
    let server = Server::start(&[]);
    let bad = with(1, "waft.experiment", None);
    let mut records = vec![bad; 7];
    records.insert(3, exposure(1, "bold"));
    let partial = server.post(request(&records)).json()["partialSuccess"].clone();
    assert_eq!(partial["rejectedLogRecords"], "7");
    let message = partial["errorMessage"].as_str().unwrap();
    assert!(message.contains("logRecords[5]: ") && !message.contains("logRecords[6]: "), "{message}");
    assert!(message.ends_with("; and 2 more"), "{message}");
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 1);
}

#[test]
fn unreadable_requests_are_refused_whole() {
    let server = Server::start(&["--max-body", "4096"]);
    let good = request(&[exposure(1, "bold")]);
    let check = |headers: &[(&str, &str)], body: &[u8], status: u16, expected: &str| {
        let answer = server.post_as(headers, body).unwrap();
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, status, "{message}");
        assert!(message.contains(expected), "{message}");
    };
    let json = [("content-type", "application/json")];
    for body in ["", "[]", "null", "{", "not json", r#"{"resourceLogs":5}"#, r#"{"resourceLogs":[{"scopeLogs":{}}]}"#] {
        check(&json, body.as_bytes(), 400, "no OTLP logs");
    }
    check(&json, &good.as_bytes()[..good.len() - 9], 400, "no OTLP logs");
    check(&json, b"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[\"\xff\"]}]}]}", 400, "no OTLP logs");
    check(&json, &[b' '; 4097], 413, "over 4096 bytes: send fewer records");
    check(&json, &vec![b' '; 60_000], 413, "over 4096 bytes");
    check(
        &[("content-type", "text/plain")],
        good.as_bytes(),
        415,
        "expected application/json or application/x-protobuf",
    );
    check(&[json[0], ("content-encoding", "br")], good.as_bytes(), 415, "expected gzip");
    assert_eq!(server.get("/v1/logs", &[]).status, 405);
    assert_eq!(server.get("/healthz", &[]).status, 200);
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 0);
}

#[test]
fn slow_clients_are_cut_off() {
    let server = Server::start(&["--read-timeout", "1"]);
    let head = "POST /v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n";
    let answer = server.raw(format!("{head}\r\n{{"));
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("not complete within 1 s"), "{answer}");
    // The head never ends; and a connection that is kept open for nothing.
    assert_eq!(server.raw(head), "");
    assert!(server.raw("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").ends_with("\r\nok\n"));
}

#[test]
fn other_names_for_loopback_are_refused() {
    let server = Server::start(&[]);
    let check = |host: &str, status: u16| {
        let answer = server.raw(format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"));
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{host}: {answer}");
    };
    for host in ["localhost", "localhost:80", "127.0.0.1:8787", "[::1]", "[::1]:8787"] {
        check(host, 200);
    }
    for host in ["rebound.example", "rebound.example:8787", "localhost.rebound.example", "10.0.0.1", "[localhost]", ""]
    {
        check(host, 421);
    }
    let twice = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nhost: rebound.example\r\nconnection: close\r\n\r\n";
    assert!(!server.raw(twice).starts_with("HTTP/1.1 200 "));
    let in_line = "GET http://rebound.example/healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    assert!(server.raw(in_line).starts_with("HTTP/1.1 421 "));
}

#[test]
fn beyond_loopback_only_addresses_and_allowed_names_are_answered() {
    let mut server = Server::start(&["--host", "0.0.0.0", "--allow-host", "Flags.Shop.example", "--allow-host", "box"]);
    server.address = server.address.replace("0.0.0.0", "127.0.0.1");
    let check = |host: &str, path: &str, status: u16| {
        let answer = server.raw(format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"));
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{host}: {answer}");
        // Of every answer, whatever it is of.
        assert!(answer.contains("frame-ancestors 'none'"), "{answer}");
    };
    let hosts = ["flags.shop.example", "FLAGS.SHOP.EXAMPLE:443", "box:8787", "localhost:1", "127.0.0.1"];
    for host in hosts.into_iter().chain(["192.0.2.7:8787", "[2001:db8::1]:8787", "app.localhost"]) {
        check(host, "/api/exposures", 200);
    }
    for host in ["rebound.example", "shop.example", "box.rebound.example", "2001:db8::1", "a@localhost"] {
        for path in ["/api/exposures", "/healthz", "/no.html", "/report"] {
            check(host, path, 421);
        }
    }
    check("127.0.0.1", "/no.html", 404);
    check("127.0.0.1", "/v1/logs", 405);
    // Whoever starts it is told before anybody wonders.
    server.signal("-TERM");
    server.wait();
    let mut told = String::new();
    std::io::Read::read_to_string(&mut server.child.stderr.take().unwrap(), &mut told).unwrap();
    assert!(
        told.contains("localhost, Flags.Shop.example, box; requests for other names (--allow-host) get status 421"),
        "{told}"
    );
}

#[test]
fn new_database_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start(&[]);
    assert_eq!(server.post(request(&[exposure(1, "bold")])).json(), json!({}));
    for end in ["", "-wal", "-shm"] {
        let path = format!("{}{end}", server.folder.db().display());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
    // One that is there keeps what its owner gave it; and a link leads to a new one that is private, too.
    let (_, folder) = server.stored();
    let db = folder.db();
    std::fs::set_permissions(&db, std::fs::Permissions::from_mode(0o640)).unwrap();
    let (_, folder) = folder.start(&[]).stored();
    assert_eq!(std::fs::metadata(&db).unwrap().permissions().mode() & 0o777, 0o640);
    let (target, link) = (folder.site().join("real.db"), folder.site().join("link.db"));
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let server = folder.start(&["--db", link.to_str().unwrap()]);
    assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    drop(server);
}

#[test]
fn start_that_cannot_succeed_says_what_would() {
    let check = |arguments: &[&str], expected: &str| {
        let message = Folder::new().fail(arguments);
        assert!(message.contains(expected), "{message}");
    };
    let server = Server::start(&[]);
    let port = server.address.rsplit_once(':').unwrap().1;
    check(&["--port", port], "is taken: give another --port");
    check(&["--host", "192.0.2.1"], "give an address of this machine");
    check(&["--dir", "no/such/folder"], "--dir no/such/folder: ");
    check(&["--db", "mysql://localhost/waft"], "give the path of a SQLite file, or a postgres:// URL");
    check(&["--db", "postgres://localhost:1/waft"], "--db postgres://.../waft: error connecting to server");
    check(&["--db", "postgres://localhost/waft?sslmode=allow"], "sslmode=allow: expected disable, prefer, require,");
    check(
        &["--db", "postgres://localhost/waft?sslmode=verify-full&sslrootcert=no/such.pem"],
        "sslrootcert=no/such.pem: ",
    );
    check(&["--db", "postgres://localhost/waft?nonsense=1"], "nonsense");
}

#[test]
fn databases_that_are_not_ours_are_left_alone() {
    let folder = Folder::new();
    let path = |name: &str| folder.site().join(name);
    std::fs::write(path("text.db"), "this is no database, but a text that is long enough").unwrap();
    let make = |name: &str, sql: &str| rusqlite::Connection::open(path(name)).unwrap().execute_batch(sql).unwrap();
    make("foreign.db", "CREATE TABLE users (name)");
    make("newer.db", "PRAGMA application_id = 0x57616674; PRAGMA user_version = 99");
    let check = |db: &str, expected: &str| {
        let before = std::fs::read(path(db)).ok();
        let message = folder.fail(&["--db", path(db).to_str().unwrap()]);
        assert!(message.contains(db) && message.contains(expected), "{message}");
        assert_eq!(std::fs::read(path(db)).ok(), before);
    };
    check("text.db", "the file is not a SQLite database");
    check("foreign.db", "another program's database");
    check("newer.db", "has schema 99, this waft knows 6");
    check("no/such/folder/waft.db", "does its folder exist");
}

#[test]
fn databases_of_others_on_a_server_are_left_alone() {
    if Cluster::shared().is_none() {
        return;
    }
    let check = |sql: &str, expected: &str| {
        let folder = Folder::with(Kind::Postgres);
        let mut other = folder.database.connect();
        other.execute("", sql);
        let tables = "SELECT relname::text || relnatts FROM pg_class WHERE relnamespace = 'public'::regnamespace";
        let before = other.rows(tables);
        assert!(folder.fail(&[]).contains(expected));
        assert!(folder.fail(&["--export", "-"]).contains("the database has"));
        assert_eq!(other.rows(tables), before);
    };
    check("CREATE TABLE events (name TEXT)", "the database has other tables called exposures or events");
    check(
        "CREATE TABLE waft_schema (number INTEGER); INSERT INTO waft_schema VALUES (99)",
        "has schema 99, this waft knows 6",
    );
    let mut folder = Folder::with(Kind::Postgres);
    let Database::Url(url) = &folder.database else { panic!() };
    folder.database = Database::Url(url.replace("/test_", "/missing_"));
    assert!(folder.fail(&[]).contains("make it with createdb"));
}

#[test]
fn passwords_are_taken_from_the_url_or_the_environment_and_never_shown() {
    let Some(cluster) = Cluster::on_tcp() else { return };
    let mut folder = Folder::new();
    folder.database = Database::Url(cluster.create("shop"));
    folder.database.connect().execute("", "CREATE ROLE clerk LOGIN PASSWORD 'sesame'");
    let start = |user: &str, password: &str| {
        let url = cluster.tcp_url(user, "shop");
        let mut command = folder.command(&["--db", &url, "--export", "-"]);
        let output = command.env("PGPASSWORD", password).output().unwrap();
        assert!(!format!("{output:?}").contains("sesame"), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(start("clerk", "wrong").contains("give the password in the URL or in PGPASSWORD"));
    assert!(start("clerk:wrong", "sesame").contains("give the password in the URL or in PGPASSWORD"));
    assert!(start("clerk", "sesame").contains("has no tables of waft"));
    assert!(start("clerk:sesame", "wrong").contains("has no tables of waft"));
    let message = folder.fail(&["--db", &cluster.tcp_url("clerk:sesame", "shop")]);
    assert!(message.contains("grant CREATE on the schema to this user") && !message.contains("sesame"), "{message}");
    folder.database.connect().execute("", "GRANT CREATE ON SCHEMA public TO clerk");
    let url = cluster.tcp_url("clerk:sesame", "shop");
    let server = Folder::new().start(&["--db", &url]);
    assert_eq!(server.post(request(&[exposure(1, "bold")])).json(), json!({}));
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 1);
}
