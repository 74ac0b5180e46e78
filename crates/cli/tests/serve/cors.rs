//! Which sites' pages may send and load.

use crate::records::{exposure, request};
use crate::server::{Folder, Server};

const SHOP: &str = "https://shop.example";

fn preflight(server: &Server, path: &str, origin: &str) -> String {
    server.raw(format!(
        "OPTIONS {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\norigin: {origin}\r\n\
         access-control-request-method: POST\r\naccess-control-request-headers: content-type\r\n\r\n"
    ))
}

#[test]
fn allowed_sites_may_send_and_load_and_others_may_not() {
    let folder = Folder::new();
    std::fs::write(folder.site().join("shop.waft"), "snapshot").unwrap();
    let server = folder.start(&["--allow-origin", SHOP, "--allow-origin", "http://localhost:5173"]);
    let json = ("content-type", "application/json");
    for origin in [SHOP, "http://localhost:5173"] {
        let answer = preflight(&server, "/v1/logs", origin);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        for line in [
            format!("access-control-allow-origin: {origin}\r\n").as_str(),
            "access-control-allow-methods: GET,HEAD,POST\r\n",
            "access-control-allow-headers: content-type,content-encoding\r\n",
            "access-control-max-age: 7200\r\n",
            "access-control-allow-credentials: true\r\n",
            // What a cache keeps for one site is not for others.
            "vary: origin",
        ] {
            assert!(answer.contains(line), "{line} {answer}");
        }
        let answer = server.post_as(&[json, ("origin", origin)], request(&[exposure(1, "bold")])).unwrap();
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, origin));
        assert_eq!(answer.header("access-control-expose-headers"), "retry-after,etag");
        assert_eq!(answer.header("access-control-allow-credentials"), "true", "beacons carry credentials");
        assert!(answer.header("vary").contains("origin"));
        // A refusal has to be readable, too, or the client sends the same for ever.
        let answer = server.post_as(&[json, ("origin", origin)], "no json").unwrap();
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (400, origin));
        let answer = server.get("/shop.waft", &[("origin", origin)]);
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, origin));
        assert_eq!(server.get("/api/exposures", &[("origin", origin)]).header("access-control-allow-origin"), "");
    }
    for origin in ["https://evil.example", "https://shop.example.evil.example", "http://shop.example", "null"] {
        let answer = preflight(&server, "/v1/logs", origin);
        assert!(!answer.contains("access-control-allow-origin"), "{origin}: {answer}");
        assert_eq!(server.get("/shop.waft", &[("origin", origin)]).header("access-control-allow-origin"), "");
    }
}

#[test]
fn nobody_else_is_allowed_unless_it_is_said() {
    let server = Server::start(&[]);
    assert!(!preflight(&server, "/v1/logs", SHOP).contains("access-control-allow-origin"));
    // What a page can send without asking first is not taken.
    for simple in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let headers = [("content-type", simple), ("origin", SHOP)];
        assert_eq!(server.post_as(&headers, request(&[exposure(1, "bold")])).unwrap().status, 415, "{simple}");
    }
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 0);
}

#[test]
fn origins_that_no_browser_sends_are_not_taken() {
    for odd in [
        "*",
        "https://*.shop.example",
        "shop.example",
        "https://shop.example/",
        "https://Shop.example",
        "https://shop.example:443",
        "ftp://a",
    ] {
        let output = Folder::new().command(&["--allow-origin", odd]).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{odd}");
        assert!(message.contains("such as https://shop.example"), "{odd}: {message}");
    }
}
