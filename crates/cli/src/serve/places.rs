//! The places of connections: how many there are, how many an address has, and whose is given up when all are taken.
//!
//! Whoever has the most gives one up for whoever has fewer, so that a few addresses that open all they may keep nobody out. First
//! networks are compared, then the addresses of one: somebody may have all addresses of a network.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::peers::Asker;

/// How many connections are open at once.
const PLACES: usize = 512;
/// How many of them one address may have.
const OF_ADDRESS: usize = 64;
/// A network with no more than this many gives up only what waits for a request, and not what is being answered. A browser has six.
const FEW: usize = 8;
/// How long a connection may wait for its request before it can be given up: its head is on its way.
const ARRIVING: Duration = Duration::from_millis(500);
/// How often whoever waits for a place looks again.
const AGAIN: Duration = Duration::from_millis(20);

/// All places of one kind.
#[derive(Clone)]
pub(crate) struct Places(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    /// How many there are, and how many of them one address may have.
    limit: usize,
    of_address: usize,
    next: u64,
    by: HashMap<u64, Connection>,
    /// Of all in `by`.
    counts: Counts,
}

/// A connection that has a place.
struct Connection {
    /// `None`: a trusted proxy's, which gives up none.
    asker: Option<Asker>,
    /// Since when it waits for a request, or is being answered.
    since: Instant,
    answering: bool,
    /// Told when its place is given to another.
    given_up: Arc<Notify>,
}

/// A connection's place, until it is dropped.
pub(crate) struct Place {
    places: Places,
    number: u64,
    given_up: Arc<Notify>,
}

/// What becomes of a connection.
enum Found {
    Place(Place),
    /// Whoever asks has too many.
    TooMany,
    /// All are needed.
    Nothing,
}

/// Those of connections.
impl Default for Places {
    fn default() -> Self {
        Self::new(PLACES, OF_ADDRESS)
    }
}

impl Places {
    pub(crate) fn new(limit: usize, of_address: usize) -> Self {
        Self(Arc::new(Mutex::new(Taken { limit, of_address, ..Taken::default() })))
    }

    /// A place for a connection from an address, if there is one now.
    pub(crate) fn try_take(&self, address: IpAddr, trusted: bool) -> Option<Place> {
        match self.find((!trusted).then(|| Asker::of(address)), Instant::now()) {
            Found::Place(place) => Some(place),
            Found::TooMany | Found::Nothing => None,
        }
    }

    /// A place for a connection from an address, once there is one. `None`, if the address, or its network, has too many already.
    pub(crate) async fn take(&self, address: IpAddr, trusted: bool) -> Option<Place> {
        let asker = (!trusted).then(|| Asker::of(address));
        loop {
            match self.find(asker, Instant::now()) {
                Found::Place(place) => return Some(place),
                Found::TooMany => return None,
                Found::Nothing => tokio::time::sleep(AGAIN).await,
            }
        }
    }

    fn find(&self, asker: Option<Asker>, now: Instant) -> Found {
        let mut taken = self.lock();
        if taken.counts.of(asker).address >= taken.of_address {
            return Found::TooMany;
        }
        if taken.by.len() >= taken.limit && !taken.give_up(asker, now) {
            let most = taken.counts.most();
            let has_most = taken.counts.of(asker).network >= most;
            return if has_most && most > 0 { Found::TooMany } else { Found::Nothing };
        }
        let (number, given_up) = (taken.next, Arc::new(Notify::new()));
        taken.next = number.wrapping_add(1);
        let connection = Connection { asker, since: now, answering: false, given_up: Arc::clone(&given_up) };
        taken.insert(number, connection);
        Found::Place(Place { places: self.clone(), number, given_up })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn insert(&mut self, number: u64, connection: Connection) {
        self.counts.change(connection.asker, |count| count.saturating_add(1));
        self.by.insert(number, connection);
    }

    /// Nothing, if its place was given to another.
    fn remove(&mut self, number: u64) -> Option<Connection> {
        let connection = self.by.remove(&number)?;
        self.counts.change(connection.asker, |count| count.saturating_sub(1));
        Some(connection)
    }

    /// Ends the connection that can be missed most, if whoever asks has fewer than its own.
    fn give_up(&mut self, asker: Option<Asker>, now: Instant) -> bool {
        let new = self.counts.of(asker);
        let ranked = self.by.iter().filter_map(|(number, other)| {
            let own = self.counts.of(Some(other.asker?));
            let is_near = asker.map(Asker::network) == other.asker.map(Asker::network);
            let has_more = if is_near { own.address > new.address } else { own.network > new.network };
            let lasts = now.saturating_duration_since(other.since);
            let can_be_missed = own.network > FEW || !other.answering && lasts >= ARRIVING;
            (has_more && can_be_missed).then_some(((own, !other.answering, lasts), *number))
        });
        let Some((_, number)) = ranked.max() else { return false };
        let Some(ended) = self.remove(number) else { return false };
        ended.given_up.notify_one();
        true
    }
}

/// How many places a network and an address of it have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Count {
    network: usize,
    address: usize,
}

/// Of networks and of addresses, kept as connections come and go. Whoever has none is not in it.
#[derive(Default)]
struct Counts {
    networks: HashMap<Asker, usize>,
    addresses: HashMap<Asker, usize>,
}

impl Counts {
    fn change(&mut self, asker: Option<Asker>, change: impl Fn(usize) -> usize) {
        let Some(asker) = asker else { return };
        for (counts, key) in [(&mut self.networks, asker.network()), (&mut self.addresses, asker)] {
            match change(counts.get(&key).copied().unwrap_or(0)) {
                0 => drop(counts.remove(&key)),
                count => drop(counts.insert(key, count)),
            }
        }
    }

    /// How many the network has that has most.
    fn most(&self) -> usize {
        self.networks.values().copied().max().unwrap_or(0)
    }

    /// Of a trusted proxy nothing is counted.
    fn of(&self, asker: Option<Asker>) -> Count {
        let count = |counts: &HashMap<Asker, usize>, key| counts.get(&key).copied().unwrap_or(0);
        asker.map_or_else(Count::default, |asker| Count {
            network: count(&self.networks, asker.network()),
            address: count(&self.addresses, asker),
        })
    }
}

impl Place {
    /// Ends when the place is given to another.
    pub(crate) async fn given_up(&self) {
        self.given_up.notified().await;
    }

    /// Gives the place back before the connection ends.
    pub(crate) fn leave(&self) {
        self.places.lock().remove(self.number);
    }

    /// That a request has come, or that it was answered.
    fn is_answering(&self, answering: bool) {
        if let Some(own) = self.places.lock().by.get_mut(&self.number) {
            own.answering = answering;
            own.since = Instant::now();
        }
    }

    /// A request is being answered, until this is dropped.
    pub(crate) fn answering(self: &Arc<Self>) -> Answering {
        self.is_answering(true);
        Answering(Arc::clone(self))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave();
    }
}

/// A request that is being answered.
pub(crate) struct Answering(Arc<Place>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.is_answering(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asker(address: &str) -> Option<Asker> {
        Some(Asker::of(address.parse().unwrap()))
    }

    fn is_place(found: &Found) -> bool {
        matches!(found, Found::Place(_))
    }

    #[test]
    fn places_are_given_back() {
        let places = Places::default();
        let now = Instant::now();
        let mut taken: Vec<Found> = (0..OF_ADDRESS).map(|_| places.find(asker("192.0.2.1"), now)).collect();
        assert!(taken.iter().all(is_place));
        assert!(matches!(places.find(asker("192.0.2.1"), now), Found::TooMany));
        assert!(is_place(&places.find(asker("192.0.2.2"), now)));
        taken.pop();
        assert!(is_place(&places.find(asker("192.0.2.1"), now)));
        drop(taken);
        let all = places.lock();
        assert!(all.by.is_empty() && all.counts.networks.is_empty() && all.counts.addresses.is_empty());
    }

    #[test]
    fn whoever_has_most_gives_one_up() {
        let places = Places::default();
        let now = Instant::now();
        let later = now + ARRIVING;
        // A /48 of which somebody has every address, a network with two busy ones, and a proxy.
        let mut taken: Vec<Found> =
            (0..300).map(|number| places.find(asker(&format!("2001:db8:1:{number:x}::1")), now)).collect();
        taken.extend((0..OF_ADDRESS).map(|_| places.find(asker("192.0.2.1"), now)));
        taken.extend((0..46).map(|_| places.find(asker("192.0.2.2"), now)));
        taken.extend((0..102).map(|_| places.find(None, now)));
        assert!(taken.len() == PLACES && taken.iter().all(is_place));
        let has = |address: &str| places.lock().counts.of(asker(address));
        // Another network, an address that has fewer within one, and a proxy.
        let new =
            [places.find(asker("198.51.100.1"), now), places.find(asker("192.0.2.3"), now), places.find(None, now)];
        assert!(new.iter().all(is_place));
        assert_eq!(has("2001:db8:1::").network, 297);
        // The /48 is over its share, and so is nobody else.
        let other = places.find(asker("2001:db8:1:ffff::1"), now);
        assert!(is_place(&other));
        assert_eq!(has("2001:db8:1::").network, 297);
        assert!(matches!(places.find(asker("2001:db8:1:5::1"), now), Found::TooMany));
        drop((taken, new, other));
        // Where everybody has one, what has waited longest is given up; what is being answered, and what just came, is not.
        let taken: Vec<Found> = (0..PLACES)
            .map(|number| places.find(asker(&format!("10.{}.{}.1", number / 256, number % 256)), now))
            .collect();
        assert!(matches!(places.find(asker("198.51.100.1"), now), Found::Nothing));
        for connection in places.lock().by.values_mut() {
            connection.answering = connection.asker != asker("10.1.7.1");
        }
        let newer = places.find(asker("198.51.100.1"), later);
        assert!(is_place(&newer));
        assert!(matches!(places.find(asker("198.51.100.2"), later), Found::TooMany | Found::Nothing));
        assert_eq!(has("10.1.7.1").address, 0);
        drop((taken, newer));
    }
}
