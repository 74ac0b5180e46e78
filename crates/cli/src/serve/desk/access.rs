//! Who may ask about rules and releases, draft and publish: people at this machine, or with a token; and pages of this server alone.
//!
//! A browser sends requests for any site that its user visits, also to `localhost`. Its header Origin says for which, and no script can write
//! it. Names that other sites point here are refused before (hosts.rs).

use std::net::IpAddr;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, ORIGIN};

use super::answer::Refused;
use crate::serve::hosts;
use crate::serve::senders::Senders;

/// What a proxy adds: its client is somewhere else.
const PROXIED: [&str; 5] = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

pub(super) struct Access {
    /// Without them, this machine alone may ask. With them everybody needs one: behind a proxy all come from this machine.
    tokens: Option<Senders>,
}

impl Access {
    pub(super) const fn new(tokens: Option<Senders>) -> Self {
        Self { tokens }
    }

    /// `peer` is the address that the connection came from.
    pub(super) fn check(&self, peer: IpAddr, headers: &HeaderMap) -> Result<(), Refused> {
        if !is_own_page(headers) {
            return Err(Refused::origin());
        }
        match &self.tokens {
            Some(tokens) if tokens.trusts(headers) == Ok(true) => Ok(()),
            Some(_) => Err(Refused::token(headers.contains_key(AUTHORIZATION))),
            None if is_here(peer, headers) => Ok(()),
            None => Err(Refused::elsewhere()),
        }
    }
}

/// Whether no page sent it, or one of this server. Some browsers leave Origin out of a GET, and say `Sec-Fetch-Site` there.
fn is_own_page(headers: &HeaderMap) -> bool {
    let own = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_own = |origin: &str| {
        let authority = origin.strip_prefix("http://").or(origin.strip_prefix("https://"));
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(own))
    };
    let mut origins = headers.get_all(ORIGIN).iter().map(|origin| origin.to_str().unwrap_or_default());
    let mut sites = headers.get_all("sec-fetch-site").iter().map(|site| site.to_str().unwrap_or_default());
    origins.all(is_own) && sites.all(|site| matches!(site, "same-origin" | "none"))
}

/// Whether somebody at this machine asks, and no proxy on it for somebody else.
fn is_here(peer: IpAddr, headers: &HeaderMap) -> bool {
    let is_named = |host: &axum::http::HeaderValue| host.to_str().is_ok_and(hosts::is_loopback);
    peer.to_canonical().is_loopback()
        && headers.get_all(HOST).iter().all(is_named)
        && !PROXIED.iter().any(|name| headers.contains_key(*name))
}

/// No form sends JSON, so that a browser asks first whether another site may: it may not.
pub(super) fn is_json(headers: &HeaderMap) -> Result<(), Refused> {
    let sent = headers.get(CONTENT_TYPE).and_then(|sent| sent.to_str().ok()).unwrap_or_default();
    let media = sent.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/json") { Ok(()) } else { Err(Refused::media()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn other_machines_and_proxies_need_a_token_and_other_sites_get_nothing() {
        let access = Access::new(None);
        let check = |peer: &str, lines: &[(&'static str, &str)], expected: bool| {
            let all = [&[("host", "localhost:8787")], lines].concat();
            assert_eq!(access.check(peer.parse().unwrap(), &headers(&all)).is_ok(), expected, "{peer} {lines:?}");
        };
        check("127.0.0.1", &[], true);
        check("::ffff:127.0.0.1", &[], true);
        check("::1", &[("origin", "http://localhost:8787"), ("sec-fetch-site", "same-origin")], true);
        check("127.0.0.1", &[("sec-fetch-site", "none")], true);
        for peer in ["192.0.2.7", "10.0.0.1", "2001:db8::1", "::ffff:192.0.2.7"] {
            check(peer, &[], false);
        }
        for proxied in PROXIED {
            check("127.0.0.1", &[(proxied, "192.0.2.7")], false);
        }
        for origin in
            ["http://localhost", "http://localhost:8788", "https://evil.example", "null", "", "localhost:8787"]
        {
            check("127.0.0.1", &[("origin", origin)], false);
        }
        check("127.0.0.1", &[("origin", "http://localhost:8787"), ("origin", "https://evil.example")], false);
        for site in ["cross-site", "same-site", ""] {
            check("127.0.0.1", &[("sec-fetch-site", site)], false);
        }
        let named = headers(&[("host", "flags.shop.example")]);
        assert!(access.check("127.0.0.1".parse().unwrap(), &named).is_err());
    }
}
