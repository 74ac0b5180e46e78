//! The folder that is served.

use std::fs;

use crate::server::{Folder, Server};

fn site() -> Server {
    let folder = Folder::new();
    let site = folder.site();
    for inner in ["assets", "docs", ".git"] {
        fs::create_dir(site.join(inner)).unwrap();
    }
    let write = |path: &str, bytes: &[u8]| fs::write(site.join(path), bytes).unwrap();
    write("index.html", b"<h1>shop</h1>");
    write("docs/index.html", b"<h1>docs</h1>");
    write("shop.waft", b"\xd2\x84snapshot");
    write("trust.json", b"{}");
    write("assets/engine-BkQ2d3fA.wasm", b"\0asm");
    write("assets/a b.js", b"1");
    for hidden in [".git/config.txt", ".env.txt", "KEY.pem", "waft.db", "README"] {
        write(hidden, b"secret");
    }
    // Beside the folder, not in it.
    fs::write(site.parent().unwrap().join("outside.txt"), "secret").unwrap();
    folder.start(&[])
}

#[test]
fn files_have_types_and_caching() {
    let server = site();
    let check = |path: &str, content_type: &str, cache: &str, body: &[u8]| {
        let answer = server.get(path, &[]);
        assert_eq!((answer.status, answer.body.as_slice()), (200, body), "{path}");
        assert_eq!((answer.header("content-type"), answer.header("cache-control")), (content_type, cache), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert!(answer.header("content-security-policy").contains("script-src 'self' 'wasm-unsafe-eval';"));
    };
    let forever = "public, max-age=31536000, immutable";
    check("/", "text/html; charset=utf-8", "no-cache", b"<h1>shop</h1>");
    check("/index.html?a=1", "text/html; charset=utf-8", "no-cache", b"<h1>shop</h1>");
    check("/docs/", "text/html; charset=utf-8", "no-cache", b"<h1>docs</h1>");
    check("/shop.waft", "application/octet-stream", "no-cache", b"\xd2\x84snapshot");
    check("/trust.json", "application/json", "no-cache", b"{}");
    check("/assets/engine-BkQ2d3fA.wasm", "application/wasm", forever, b"\0asm");
    check("/assets/a%20b.js", "text/javascript; charset=utf-8", "no-cache", b"1");
}

/// Import maps are inline or not at all.
#[test]
fn scripts_that_are_inline_in_a_page_are_allowed_by_their_hashes() {
    let server = site();
    let page = "<script type=importmap>{}</script><script type=module>\r\n1</script><script src=a.js></script>";
    fs::write(server.folder.site().join("page.html"), page).unwrap();
    let answer = server.get("/page.html", &[]);
    let policy = answer.header("content-security-policy");
    // printf '{}' | openssl dgst -sha256 -binary | base64, and of a line's end and 1.
    let hashes =
        "'sha256-790w0d2loaMp7p0L9hOH7n4lTsaUd+F84cQ3DSjists=' 'sha256-RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o='";
    assert!(policy.contains(&format!("script-src 'self' 'wasm-unsafe-eval' {hashes};")), "{policy}");
    let again = server.get("/page.html", &[("if-none-match", answer.header("etag"))]);
    assert_eq!((again.status, again.header("content-security-policy")), (304, policy));
    let other = server.get("/index.html", &[]);
    assert!(!other.header("content-security-policy").contains("sha256"));
}

/// A list too large for the snapshot, as `waft build` writes it beside it.
#[test]
fn list_of_a_snapshot_is_served_beside_it() {
    let folder = Folder::new();
    let ids: Vec<String> = (0..5_000).map(|number| format!("\"v{number}\"")).collect();
    let ruleset = format!(
        r#"{{"project":"shop","environments":{{"production":{{}}}},"attributes":{{"visitorId":"string"}},
            "lists":{{"vip":{{"attribute":"visitorId","ids":[{}]}}}},
            "flags":{{"cta":{{"type":"boolean","whenOff":"off","default":"off",
              "rules":[{{"id":"vip","if":{{"list":"vip"}},"serve":"on"}}]}}}}}}"#,
        ids.join(",")
    );
    let (path, snapshot) = (folder.db().with_file_name("ruleset.json"), folder.site().join("shop.waft"));
    fs::write(&path, ruleset).unwrap();
    let mut build = std::process::Command::new(env!("CARGO_BIN_EXE_waft"));
    build.arg("build").arg(&path).args(["--environment", "production", "--version", "1", "--out"]).arg(&snapshot);
    let built = build.output().unwrap();
    assert!(built.status.success(), "{built:?}");
    let files = fs::read_dir(folder.site()).unwrap().map(|entry| entry.unwrap().path());
    let lists: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "list")).collect();
    assert_eq!(lists.len(), 1);
    let bytes = fs::read(&lists[0]).unwrap();
    let server = folder.start(&[]);
    let url = format!("/{}", lists[0].file_name().unwrap().to_str().unwrap());
    let answer = server.get(&url, &[]);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/octet-stream"));
    assert!(answer.body == bytes && bytes.len() >= 5_000 * 8);
    let tag = answer.header("etag");
    assert_eq!(server.get(&url, &[("if-none-match", tag)]).status, 304);
}

#[test]
fn nothing_may_be_shown_within_pages_of_others() {
    let server = site();
    for (path, policy) in [
        ("/api/exposures", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
        ("/healthz", "frame-ancestors 'none'"),
        ("/no.html", "frame-ancestors 'none'"),
        ("/v1/logs", "frame-ancestors 'none'"),
        ("/index.html", "frame-ancestors 'self'"),
    ] {
        let answer = server.get(path, &[]);
        assert!(answer.header("content-security-policy").contains(policy), "{path}: {:?}", answer.headers);
    }
    let ruleset = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/oracles/report.yaml");
    let server = Server::start(&["--ruleset", ruleset, "--environment", "production"]);
    let page = server.get("/report", &[]);
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'; style-src 'unsafe-inline'") && policy.contains("frame-ancestors 'self'")
    );
    // The page has what its policy forbids nowhere.
    let text = String::from_utf8(page.body).unwrap();
    assert!(
        !text.contains("<script")
            && !text.contains("@import")
            && !text.contains("url(h")
            && !text.contains("href=\"http")
    );
    assert!(server.get("/api/report", &[]).header("content-security-policy").contains("frame-ancestors 'none'"));
}

#[test]
fn tag_changes_with_the_content_alone() {
    let server = site();
    let first = server.get("/shop.waft", &[]);
    let tag = first.header("etag");
    assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
    for names in [tag, &format!("\"other\", W/{tag}"), "*"] {
        let answer = server.get("/shop.waft", &[("if-none-match", names)]);
        assert_eq!((answer.status, answer.body.len(), answer.header("etag")), (304, 0, tag), "{names}");
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
    // Written again in the same second, of the same length: another tag. Written back: the first.
    let path = server.folder.site().join("shop.waft");
    fs::write(&path, b"\xd2\x84snapshoT").unwrap();
    let second = server.get("/shop.waft", &[("if-none-match", tag)]);
    assert_eq!((second.status, second.body.as_slice()), (200, b"\xd2\x84snapshoT".as_slice()));
    assert_ne!(second.header("etag"), tag);
    fs::write(&path, b"\xd2\x84snapshot").unwrap();
    assert_eq!(server.get("/shop.waft", &[("if-none-match", tag)]).status, 304);
}

#[test]
fn nothing_outside_or_hidden_is_served() {
    let server = site();
    let root = server.folder.site();
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("../outside.txt", root.join("link.txt")).unwrap();
        symlink("..", root.join("up")).unwrap();
        symlink("KEY.pem", root.join("key.txt")).unwrap();
        symlink("index.html", root.join("home.html")).unwrap();
        assert_eq!(server.get("/home.html", &[]).status, 200);
    }
    let outside = root.parent().unwrap().join("outside.txt");
    let outside = outside.to_str().unwrap();
    let mut paths = vec![format!("/{outside}"), format!("/{}", outside.replace('/', "%2f"))];
    paths.extend(
        [
            "/../outside.txt",
            "/%2e%2e/outside.txt",
            "/..%2foutside.txt",
            "/docs/../../outside.txt",
            "/docs/..%5c..%5coutside.txt",
            "/docs/%2e%2e/%2e%2e/outside.txt",
            "/index.html%00.txt",
            "/%ff",
            "//index.html",
            "/docs//index.html",
            "/.git/config.txt",
            "/.env.txt",
            "/KEY.pem",
            "/waft.db",
            "/README",
            "/link.txt",
            "/up/outside.txt",
            "/key.txt",
            "/index.html/",
            "/index.html/a.txt",
            "/assets/",
            "/missing.html",
        ]
        .map(str::to_owned),
    );
    for path in paths {
        let answer = server.raw(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 404 ") && !answer.contains("secret"), "{path}: {answer}");
    }
}

#[test]
fn head_redirects_and_other_methods() {
    let server = site();
    let raw = |line: &str| server.raw(format!("{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"));
    let head = raw("HEAD /index.html").to_ascii_lowercase();
    assert!(head.contains("content-length: 13") && head.contains("etag: \"") && head.ends_with("\r\n\r\n"), "{head}");
    let redirected = raw("GET /docs").to_ascii_lowercase();
    assert!(redirected.starts_with("http/1.1 308 ") && redirected.contains("location: /docs/\r\n"), "{redirected}");
    // With its query, which a preview link's token is in.
    let redirected = raw("GET /docs?preview=a%20b&x").to_ascii_lowercase();
    assert!(redirected.contains("location: /docs/?preview=a%20b&x\r\n"), "{redirected}");
    assert!(raw("POST /index.html").starts_with("HTTP/1.1 405 "));
    assert!(raw("PUT /new.html").starts_with("HTTP/1.1 405 "));
}
