//! Which names this server answers to.
//!
//! Any site can point a name of its own at this address, and read what is served here through its visitor's browser, as the
//! same origin (DNS rebinding). It cannot do so with an address, with `localhost`, or with a name that `--allow-host` lists.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The names that are answered.
#[derive(Clone)]
pub(crate) struct Hosts {
    /// In lower case, without a dot at the end.
    named: Arc<[String]>,
    /// Listening on loopback: addresses of other networks cannot lead here.
    loopback: bool,
}

impl Hosts {
    /// `host` is what `--host` says; `address` what came of it.
    pub(crate) fn new(allowed: &[String], host: &str, address: IpAddr) -> Self {
        let named = allowed.iter().map(String::as_str).chain([host]).map(plain).collect();
        Self { named, loopback: address.to_canonical().is_loopback() }
    }

    fn answers(&self, authority: &str) -> bool {
        // As URLs have them, with brackets around IPv6 and maybe a port; nothing else is sent by browsers.
        let Ok(authority) = authority.parse::<Authority>() else { return false };
        if authority.as_str().contains('@') {
            return false;
        }
        let host = authority.host();
        let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if let Ok(address) = literal.parse::<IpAddr>() {
            return !self.loopback || address.to_canonical().is_loopback() || self.named.contains(&plain(literal));
        }
        let name = plain(host);
        name == "localhost" || name.ends_with(".localhost") || self.named.contains(&name)
    }
}

/// Whether a Host header names this machine, which only who is on it, or a proxy, can mean.
pub(crate) fn is_loopback(authority: &str) -> bool {
    Hosts { named: Arc::new([]), loopback: true }.answers(authority)
}

fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Reads the argument of `--allow-host`: a name, without scheme, port and path.
pub(crate) fn name(text: &str) -> Result<String, String> {
    let is_name = text.parse::<Authority>().is_ok_and(|authority| authority.host() == text && !text.contains('*'));
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("expected a name such as flags.shop.example, without port".to_owned())
    }
}

/// Responds 421 to other names.
pub(crate) async fn only(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    // A name in the request line counts as well (RFC 9112, section 3.2.2). Programs of HTTP/1.0 send none; browsers always do.
    let in_line = request.uri().authority().map(|authority| Some(authority.as_str()));
    let in_header = request.headers().get_all(header::HOST).iter().map(|host| host.to_str().ok());
    let refused = in_header.chain(in_line).find(|host| !host.is_some_and(|host| hosts.answers(host)));
    let Some(refused) = refused else { return next.run(request).await };
    let name = refused.unwrap_or("that name");
    let message =
        format!("not called {name}: start with --allow-host, or let the proxy in front set Host: localhost\n");
    (StatusCode::MISDIRECTED_REQUEST, message).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_known_names_are_answered_and_no_other() {
        let check = |hosts: &Hosts, authority: &str, expected: bool| {
            assert_eq!(hosts.answers(authority), expected, "{authority}");
        };
        let allowed = ["Flags.Shop.example".to_owned()];
        let [loopback, public] =
            ["::ffff:127.0.0.1", "0.0.0.0"].map(|address| Hosts::new(&allowed, "box", address.parse().unwrap()));
        for hosts in [&loopback, &public] {
            for name in [
                "localhost",
                "LOCALHOST:80",
                "localhost.",
                "app.localhost:5173",
                "127.0.0.1:8787",
                "127.9.9.9",
                "[::1]",
            ] {
                check(hosts, name, true);
            }
            for name in ["[::1]:8787", "[::ffff:127.0.0.1]", "flags.shop.example", "flags.shop.example.:443", "box:1"] {
                check(hosts, name, true);
            }
            for name in
                ["rebound.example", "localhost.rebound.example", "notlocalhost", "", "a b", "127.0.0.1.rebound.example"]
            {
                check(hosts, name, false);
            }
            // No addresses as browsers send them.
            for name in
                ["2130706433", "0x7f.1", "127.1", "::1", "[localhost]", "[flags.shop.example]", "x@", "shop.example"]
            {
                check(hosts, name, false);
            }
        }
        for address in ["10.0.0.1", "192.0.2.7:8787", "[2001:db8::1]:8787", "[::ffff:10.0.0.1]", "0.0.0.0"] {
            check(&loopback, address, false);
            check(&public, address, true);
        }
    }

    #[test]
    fn only_names_are_allowed() {
        for text in ["flags.shop.example", "box", "10.0.0.1", "[2001:db8::1]"] {
            assert!(name(text).is_ok(), "{text}");
        }
        for text in ["", "https://shop.example", "shop.example:80", "*", "*.shop.example", "a/b", "u@shop.example"] {
            assert!(name(text).is_err(), "{text}");
        }
    }
}
