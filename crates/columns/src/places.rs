//! Where people wait, and who sends them on.

use waft::buckets::Key;

use crate::kinds::Kinds;
use crate::units::Units;

/// Where people wait, by its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place(u32);

impl Place {
    /// Where those go whose way nobody knows.
    pub const UNKNOWN: Place = Place(0);

    /// By its index.
    pub const fn at(index: usize) -> Self {
        Place(index as u32)
    }

    /// Its index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// People at places, who are sent on from one to others.
#[derive(Debug)]
pub struct Places(Vec<Vec<u32>>);

impl Default for Places {
    /// The unknown one alone.
    fn default() -> Self {
        Places(vec![Vec::new()])
    }
}

impl Places {
    /// Adds a place behind the others.
    pub fn open(&mut self) -> Place {
        self.0.push(Vec::new());
        Place::at(self.0.len() - 1)
    }

    /// Has people wait at a place, behind those who do.
    pub fn add(&mut self, place: Place, people: &[u32]) {
        if let Some(waiting) = self.0.get_mut(place.index()) {
            waiting.extend_from_slice(people);
        }
    }

    /// Who waits at a place. They wait there no longer.
    pub fn take(&mut self, place: Place) -> Vec<u32> {
        self.0.get_mut(place.index()).map(std::mem::take).unwrap_or_default()
    }

    /// Gives out who waits at a place, and empties it.
    pub fn empty(&mut self, place: Place, give: &mut dyn FnMut(&[u32])) {
        if let Some(waiting) = self.0.get_mut(place.index()).filter(|waiting| !waiting.is_empty()) {
            give(waiting);
            waiting.clear();
        }
    }

    /// Sends on who waits at a place, by the kind of each.
    pub fn by_kind(&mut self, place: Place, kinds: &Kinds, next: &[Place]) {
        self.pass(place, |places, people| {
            for person in people {
                let kind = kinds.of.get(*person as usize);
                places.send(*person, kind.and_then(|kind| next.get(*kind as usize)));
            }
        });
    }

    /// Sends on who waits at a place, by whether they have a unit.
    pub fn by_unit(&mut self, place: Place, units: &Units, [known, nobody]: [Place; 2]) {
        self.pass(place, |places, people| {
            for person in people {
                places.send(*person, Some(if units.of(*person).is_empty() { &nobody } else { &known }));
            }
        });
    }

    /// Sends on who waits at a place, by the point of each one's unit: from each start on, up to the next one, they go the same way.
    pub fn by_point(&mut self, place: Place, (units, key): (&Units, &Key), starts: &[u32], next: &[Place]) {
        self.pass(place, |places, people| {
            units.points(key, people, |person, point| {
                // Counted, not searched: nobody can guess where a search for a random point ends, a processor neither.
                let way: usize = starts.iter().skip(1).map(|start| usize::from(*start <= point)).sum();
                places.send(person, next.get(way));
            });
        });
    }

    /// Takes those who wait at a place, whose memory it keeps.
    #[inline]
    fn pass(&mut self, place: Place, send: impl FnOnce(&mut Self, &[u32])) {
        let mut people = self.take(place);
        send(self, &people);
        people.clear();
        if let Some(waiting) = self.0.get_mut(place.index()) {
            *waiting = people;
        }
    }

    #[inline]
    fn send(&mut self, person: u32, next: Option<&Place>) {
        if let Some(waiting) = self.0.get_mut(next.copied().unwrap_or_default().index()) {
            waiting.push(person);
        }
    }
}
