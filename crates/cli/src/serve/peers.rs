//! Who is at the other end: how many requests an address may send (places.rs: how many connections it may have).
//!
//! Loopback and the addresses that `--trust-proxy` names are exempt. What they forward counts for the address that they forward
//! it for, if they say which (`X-Forwarded-For`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::HeaderMap;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;

/// How many seconds' worth of requests may come at once: a page and its files.
const BURST: u32 = 4;
/// After so many requests those addresses are forgotten that have not asked for seconds.
const FORGET: usize = 4_096;

/// The addresses that are exempt.
#[derive(Clone)]
pub(crate) struct Trusted(Arc<[IpNet]>);

/// An argument of `--trust-proxy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Not even loopback.
    Nobody,
    Network(IpNet),
}

/// Reads an argument of `--trust-proxy`.
pub(crate) fn trust(text: &str) -> Result<Trust, String> {
    if text == "none" {
        return Ok(Trust::Nobody);
    }
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map(Trust::Network).map_err(|_| "expected an address, a network such as 10.0.0.0/8, or none".to_owned())
}

impl Trusted {
    /// Loopback, unless `none` is there, and what is named.
    pub(crate) fn new(arguments: &[Trust]) -> Self {
        let loopback = ["127.0.0.0/8", "::1/128"].into_iter().filter(|_| !arguments.contains(&Trust::Nobody));
        let named = arguments.iter().filter_map(|argument| match argument {
            Trust::Nobody => None,
            Trust::Network(network) => Some(*network),
        });
        Self(loopback.filter_map(|network| network.parse().ok()).chain(named).collect())
    }

    /// Whether an address is exempt.
    pub(crate) fn has(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// For whom a request counts that came from `address`; nobody, if it is exempt.
    fn asker(&self, address: IpAddr, headers: &HeaderMap) -> Option<Asker> {
        if !self.has(address) {
            return Some(Asker::of(address));
        }
        // Each proxy adds at the end whom it heard; what stands in front of the last that is not trusted, anybody can write.
        let lists = headers.get_all("x-forwarded-for").iter().rev().filter_map(|list| list.to_str().ok());
        let mut heard = lists.flat_map(|list| list.rsplit(',')).map(|entry| forwarded(entry.trim()));
        heard.find_map(|address| match address {
            Some(address) if self.has(address) => None,
            Some(address) => Some(Some(Asker::of(address))),
            // What is no address is counted together: it must not be a way out.
            None => Some(Some(Asker(IpAddr::V6(Ipv6Addr::UNSPECIFIED)))),
        })?
    }
}

/// An address in `X-Forwarded-For`, where some proxies write a port, too.
fn forwarded(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse().map(|socket: std::net::SocketAddr| socket.ip()).ok())
}

/// Whom connections and requests count for: an address, or the 2^64 of IPv6 that one subscriber has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Asker(IpAddr);

impl Asker {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self(IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
            }
            address => Self(address),
        }
    }

    /// The network that it is in, of which somebody may have every address: 256 of IPv4, a /48 of IPv6.
    pub(crate) fn network(self) -> Self {
        Self(match self.0 {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                IpAddr::V4(Ipv4Addr::new(a, b, c, 0))
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
            }
        })
    }
}

/// The requests of each address.
#[derive(Clone)]
pub(crate) struct Rates {
    trusted: Trusted,
    limiter: Arc<DefaultKeyedRateLimiter<Asker>>,
    checks: Arc<AtomicUsize>,
}

impl Rates {
    /// So many requests a second for each address.
    pub(crate) fn new(trusted: Trusted, rate: NonZeroU32) -> Self {
        let quota = Quota::per_second(rate).allow_burst(rate.saturating_mul(NonZeroU32::new(BURST).unwrap_or(rate)));
        Self { trusted, limiter: Arc::new(RateLimiter::keyed(quota)), checks: Arc::default() }
    }

    /// Counts a request; how long to wait, if it is one too many.
    pub(crate) fn check(&self, address: IpAddr, headers: &HeaderMap) -> Result<(), Duration> {
        let Some(asker) = self.trusted.asker(address, headers) else { return Ok(()) };
        let checked = self.limiter.check_key(&asker);
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(FORGET) {
            self.limiter.retain_recent();
        }
        checked.map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_address_is_the_last_that_is_not_trusted() {
        let trusted = Trusted::new(&[trust("10.0.0.0/8").unwrap(), trust("2001:db8::7").unwrap()]);
        let check = |from: &str, lists: &[&str], expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            for list in lists {
                headers.append("x-forwarded-for", list.parse().unwrap());
            }
            let asker = trusted.asker(from.parse().unwrap(), &headers);
            assert_eq!(asker, expected.map(|address| Asker(address.parse().unwrap())), "{from} {lists:?}");
        };
        check("127.0.0.1", &[], None);
        check("::1", &[], None);
        check("::ffff:10.1.1.1", &[], None);
        check("192.0.2.1", &[], Some("192.0.2.1"));
        // Whoever is not trusted says nothing about others.
        check("192.0.2.1", &["198.51.100.9"], Some("192.0.2.1"));
        check("127.0.0.1", &["198.51.100.9"], Some("198.51.100.9"));
        check("127.0.0.1", &["203.0.113.5, 198.51.100.9, 10.0.0.3"], Some("198.51.100.9"));
        check("127.0.0.1", &["203.0.113.5", "198.51.100.9,127.0.0.1"], Some("198.51.100.9"));
        check("127.0.0.1", &["198.51.100.9:4711"], Some("198.51.100.9"));
        check("127.0.0.1", &["[2001:db8:1:2:3::4]:4711"], Some("2001:db8:1:2::"));
        check("127.0.0.1", &["2001:db8:1:2:3::4, 2001:db8::7"], Some("2001:db8:1:2::"));
        check("127.0.0.1", &["10.0.0.3, 127.0.0.1"], None);
        check("127.0.0.1", &["198.51.100.9, unknown"], Some("::"));
        check("127.0.0.1", &[""], Some("::"));
    }

    #[test]
    fn nobody_is_exempt_if_nobody_is_trusted() {
        let trusted = Trusted::new(&[Trust::Nobody]);
        assert!(!trusted.has("127.0.0.1".parse().unwrap()));
        for text in ["loopback", "10.0.0.0/33", "shop.example", ""] {
            assert!(trust(text).is_err(), "{text}");
        }
    }
}
