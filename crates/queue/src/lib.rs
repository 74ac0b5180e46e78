//! The queue of records that wait to be sent: which to send, which to forget, and when to try again.
//!
//! A pure state machine. What a record says, where it is stored and how it is sent are its caller's: it knows numbers, lengths, states
//! and times, and has room for all of it in itself. Times are milliseconds of one clock, whatever it counts from.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![deny(clippy::indexing_slicing)]

#[cfg(target_arch = "wasm32")]
mod wasm;

/// The most records that wait, and the most that are taken at once.
pub const MOST: usize = 1_000;
/// The longest record that is taken, as it is stored; with its units and names an exposure has about 1,500 characters.
const LONGEST: u32 = 16_384;
/// The most records of one request, and for how long a record waits for others.
const BATCH: usize = 50;
const SOON: i64 = 2_000;
/// The most bytes in flight, and the most requests: browsers let 64 KiB of nine outlive the page.
const BYTES: u32 = 60_000;
const REQUESTS: usize = 9;
/// What a request has around its records, and each record behind it, in bytes at most.
const FRAME: u32 = 500;
const COMMA: u32 = 1;
/// The longest pause between two attempts, and the shortest after an answer that only people can change.
const PAUSE: i64 = 300_000;
const SLOW: i64 = 60_000;

/// The records of one client. Numbers of records, groups and requests start at 1 and are never used twice.
#[derive(Debug)]
pub struct Queue {
    /// In the order in which they were recorded; the first [`Queue::waiting`] count.
    items: [Item; MOST],
    waiting: usize,
    /// The bytes of each request in flight, by its number; number 0 for none.
    requests: [(u32, u32); REQUESTS],
    records: u32,
    groups: u32,
    sequence: u32,
    /// What a request's size was halved to by 413, as a power of two.
    halved: u32,
    failures: u32,
    not_before: i64,
    /// What the caller hands over with a call, and what the call leaves.
    pub numbers: [u32; MOST],
    /// What became of records so far.
    pub counts: Counts,
}

#[derive(Clone, Copy, Debug)]
struct Item {
    record: u32,
    group: u32,
    /// When it was recorded, or taken over.
    time: i64,
    /// The request that it is part of; 0 for none.
    request: u32,
}

/// What became of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// A collector said yes.
    pub sent: u32,
    /// There was no room: [`MOST`] were waiting, or they were given up for what is worth more.
    pub overflow: u32,
    /// They were longer than [`LONGEST`].
    pub too_long: u32,
    /// A collector will never take them: 400, 422, or 413 for one alone.
    pub refused: u32,
    /// A collector took their request, but not them.
    pub rejected: u32,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer {
    /// The HTTP status; 0 if there was none, or the answer was not read to its end.
    pub status: u16,
    /// Whether the answer is empty or JSON: a page in HTML is no collector's yes, whatever its status.
    pub readable: bool,
    /// How many records the collector rejected for good.
    pub rejected: u32,
    /// For how long it asks to wait, in milliseconds.
    pub wait: i64,
}

enum Verdict {
    Done,
    Drop,
    Split,
    Retry,
}

impl Default for Queue {
    fn default() -> Self {
        Queue::new()
    }
}

impl Queue {
    /// An empty one.
    pub const fn new() -> Self {
        Queue {
            items: [Item { record: 0, group: 0, time: 0, request: 0 }; MOST],
            waiting: 0,
            requests: [(0, 0); REQUESTS],
            records: 0,
            groups: 0,
            sequence: 0,
            halved: 0,
            failures: 0,
            not_before: 0,
            numbers: [0; MOST],
            counts: Counts { sent: 0, overflow: 0, too_long: 0, refused: 0, rejected: 0 },
        }
    }

    /// How many records wait, those in flight included.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// The numbers that a call has left, the first `count` of them.
    pub fn left(&self, count: usize) -> &[u32] {
        self.numbers.get(..count).unwrap_or(&[])
    }

    /// Takes the records of one task, by the lengths of what is stored, as a new group, and returns its number. Leaves each one's number, or 0
    /// for one that is not taken. What is taken is to be stored, under a key of the group, until [`Queue::settle`] says that the
    /// group is done.
    pub fn record(&mut self, count: usize, now: i64) -> u32 {
        self.groups += 1;
        for at in 0..count.min(MOST) {
            let length = self.numbers.get(at).copied().unwrap_or(0);
            let record = self.take_in(length, now);
            self.leave(at, record);
        }
        self.groups
    }

    fn take_in(&mut self, length: u32, time: i64) -> u32 {
        if length > LONGEST {
            self.counts.too_long += 1;
            return 0;
        }
        let Some(item) = self.items.get_mut(self.waiting) else {
            self.counts.overflow += 1;
            return 0;
        };
        self.records += 1;
        self.waiting += 1;
        *item = Item { record: self.records, group: self.groups, time, request: 0 };
        self.records
    }

    fn leave(&mut self, at: usize, number: u32) {
        if let Some(place) = self.numbers.get_mut(at) {
            *place = number;
        }
    }

    /// Takes over, as a new group, so many records that a page left behind which is gone. Returns the first one's number; 0 if there is
    /// no room: then they stay where they are.
    pub fn adopt(&mut self, count: usize, now: i64) -> u32 {
        if count == 0 || count > MOST - self.waiting {
            return 0;
        }
        self.groups += 1;
        let first = self.records + 1;
        for _ in 0..count {
            self.take_in(0, now);
        }
        first
    }

    /// The group that was taken last.
    pub fn group(&self) -> u32 {
        self.groups
    }

    /// Leaves the records that may go in the next request, and returns how many; none while it is not time. A page that is being left
    /// waits for nothing.
    pub fn next(&mut self, now: i64, leaving: bool) -> usize {
        let in_flight = self.requests.iter().filter(|(number, _)| *number > 0).count();
        if in_flight >= if leaving { REQUESTS } else { 1 } || (!leaving && now < self.not_before) {
            return 0;
        }
        let most = self.most();
        let idle = self.items.iter().take(self.waiting).filter(|item| item.request == 0).take(most);
        self.numbers.iter_mut().zip(idle).map(|(place, item)| *place = item.record).count()
    }

    fn items(&self) -> &[Item] {
        self.items.get(..self.waiting).unwrap_or(&[])
    }

    fn items_mut(&mut self) -> &mut [Item] {
        self.items.get_mut(..self.waiting).unwrap_or(&mut [])
    }

    /// How many records a request may have.
    fn most(&self) -> usize {
        (BATCH >> self.halved.min(31)).max(1)
    }

    /// Begins a request with as many of the records of [`Queue::next`] as there is room for, by their lengths in bytes, in the same
    /// order. Answers the request's number, and leaves how many; 0 if there is room for none.
    pub fn begin(&mut self, count: usize) -> u32 {
        let in_flight = self.requests.iter().fold(0u32, |sum, (_, bytes)| sum.saturating_add(*bytes));
        let (mut bytes, mut taken) = (FRAME, 0);
        for length in self.left(count) {
            let more = bytes.saturating_add(*length).saturating_add(COMMA);
            // One that is larger than all the room goes alone.
            let alone = taken == 0 && in_flight == 0;
            if in_flight.saturating_add(more) > BYTES && !alone {
                break;
            }
            (bytes, taken) = (more, taken + 1);
        }
        self.leave(0, taken);
        if taken == 0 {
            return 0;
        }
        let number = self.sequence + 1;
        let Some(free) = self.requests.iter_mut().find(|(number, _)| *number == 0) else { return 0 };
        *free = (number, bytes);
        self.sequence = number;
        let idle = self.items_mut().iter_mut().filter(|item| item.request == 0);
        idle.take(taken as usize).for_each(|item| item.request = number);
        number
    }

    /// Takes the answer to a request. `random` is at least 0 and below 1. None if the records are to be sent again; otherwise they are
    /// to be forgotten, and what is stored of the groups whose numbers are left, as many as the answer.
    pub fn settle(&mut self, request: u32, answer: Answer, now: i64, random: f64) -> Option<usize> {
        *self.requests.iter_mut().find(|(number, _)| *number == request && request > 0)? = (0, 0);
        let count = self.items().iter().filter(|item| item.request == request).count() as u32;
        match verdict(&answer, count) {
            Verdict::Done => {
                let rejected = answer.rejected.min(count);
                self.counts.rejected += rejected;
                self.counts.sent += count - rejected;
                // As much again as a collector has shown to take.
                self.halved = self.halved.saturating_sub(1);
            }
            Verdict::Drop => self.counts.refused += count,
            Verdict::Split => {
                // Of a smaller request than would be made now, it says nothing new.
                while self.most() >= count as usize {
                    self.halved += 1;
                }
                self.release(request);
                return None;
            }
            Verdict::Retry => {
                let slow = answer.status != 0 && answer.status != 429 && answer.status < 500;
                // 1 s, 2 s, 4 s ... each within a half, so that pages do not come back together.
                let pause = (1_000i64 << self.failures.min(20)).min(PAUSE) as f64 * (0.5 + random);
                self.failures += 1;
                self.not_before = now + (pause as i64).max(answer.wait).max(if slow { SLOW } else { 0 });
                self.release(request);
                return None;
            }
        }
        (self.failures, self.not_before) = (0, 0);
        Some(self.forget(request))
    }

    /// Gives up a group whose room is needed for something else, unless some of it is in flight: counted as overflow. Leaves its
    /// records, and answers how many.
    pub fn give_up(&mut self, group: u32) -> usize {
        if self.items().iter().any(|item| item.group == group && item.request > 0) {
            return 0;
        }
        let count = self.retain(|item| item.group != group, |item| item.record);
        self.counts.overflow += count as u32;
        count
    }

    fn release(&mut self, request: u32) {
        self.items_mut().iter_mut().filter(|item| item.request == request).for_each(|item| item.request = 0);
    }

    /// Forgets the records of a request. Leaves the groups of which nothing is left, and answers how many.
    fn forget(&mut self, request: u32) -> usize {
        let count = self.retain(|item| item.request != request, |item| item.group);
        let (mut done, mut last) = (0, 0);
        for at in 0..count {
            let group = self.numbers.get(at).copied().unwrap_or(0);
            // A group's records stand side by side.
            if group != last && self.items().iter().all(|item| item.group != group) {
                self.leave(done, group);
                done += 1;
            }
            last = group;
        }
        done
    }

    /// Keeps the records for which something holds. Leaves a number of each of the others, and answers how many.
    fn retain(&mut self, keeps: impl Fn(&Item) -> bool, number: impl Fn(&Item) -> u32) -> usize {
        let (mut kept, mut gone) = (0, 0);
        for at in 0..self.waiting {
            let Some(item) = self.items.get(at).copied() else { continue };
            if keeps(&item) {
                if let Some(place) = self.items.get_mut(kept) {
                    *place = item;
                }
                kept += 1;
            } else {
                self.leave(gone, number(&item));
                gone += 1;
            }
        }
        self.waiting = kept;
        gone
    }

    /// When to send next, if nothing else happens; none if nothing waits but what is in flight. Never before the last pause is over.
    pub fn due(&self) -> Option<i64> {
        let idle = || self.items().iter().filter(|item| item.request == 0);
        let first = idle().next()?;
        let full = idle().nth(self.most() - 1);
        Some(full.map_or(first.time + SOON, |last| last.time).max(self.not_before))
    }
}

/// What an answer means for a request, by how many records it has.
fn verdict(answer: &Answer, count: u32) -> Verdict {
    match answer.status {
        400 | 422 => Verdict::Drop,
        413 if count == 1 => Verdict::Drop,
        413 => Verdict::Split,
        200..=299 if answer.readable => Verdict::Done,
        _ => Verdict::Retry,
    }
}
