//! The queue against a model of the world: storage, pages that die, and a collector that fails in every way there is.
//!
//! `WAFT_SCHEDULES` says how many random schedules are played: 1,000,000 by `make faults`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};

use waft_queue::{Answer, Counts, Queue};

/// A small generator (splitmix64) with a seed of its own for each schedule: a failure can be had again.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A record that a page made. `LONG` ones are longer than all that is taken, `POISON` is refused by the collector for ever.
type Id = u32;
const LONG: u32 = 17;
const POISON: u32 = 23;

const fn length(id: Id) -> u32 {
    if id.is_multiple_of(LONG) { 16_385 } else { 1_000 + id % 900 }
}

// The queue's calls with lists in place of numbers that are handed over and left.

fn hand_over(queue: &mut Queue, numbers: &[u32]) -> usize {
    queue.numbers[..numbers.len()].copy_from_slice(numbers);
    numbers.len()
}

fn record(queue: &mut Queue, lengths: &[u32], now: i64) -> Vec<u32> {
    let count = hand_over(queue, lengths);
    queue.record(count, now);
    queue.left(count).to_vec()
}

fn next(queue: &mut Queue, now: i64, leaving: bool) -> Vec<u32> {
    let count = queue.next(now, leaving);
    queue.left(count).to_vec()
}

fn begin(queue: &mut Queue, lengths: &[u32]) -> (u32, usize) {
    let count = hand_over(queue, lengths);
    (queue.begin(count), queue.numbers[0] as usize)
}

fn settle(queue: &mut Queue, request: u32, answer: Answer, now: i64, random: f64) -> Option<Vec<u32>> {
    let count = queue.settle(request, answer, now, random)?;
    Some(queue.left(count).to_vec())
}

/// One page: its queue, and what it knows of the queue's numbers.
#[derive(Default)]
struct Page {
    queue: Queue,
    records: BTreeMap<u32, Id>,
    /// Where a group is stored.
    keys: BTreeMap<u32, u32>,
    in_flight: Vec<(u32, Vec<u32>)>,
    /// What it took over is counted by the page that made it.
    adopted: usize,
    recorded: u32,
    given_up: usize,
}

/// Everything outside of pages.
#[derive(Default)]
struct World {
    now: i64,
    storage: BTreeMap<u32, Vec<Id>>,
    keys: u32,
    made: Id,
    /// How often each record arrived and was stored by the collector.
    rows: BTreeMap<Id, u32>,
    /// What the collector will never take, and said so.
    refused: BTreeSet<Id>,
    /// What never came into a queue, and was counted.
    turned_away: BTreeSet<Id>,
    /// What only a page held that is gone: its storage was full.
    unstored: BTreeSet<Id>,
    /// What was given up for want of room, and was counted.
    given_up: BTreeSet<Id>,
}

impl World {
    fn record(&mut self, page: &mut Page, count: u32, storage_full: bool) {
        let ids: Vec<Id> = (self.made + 1..=self.made + count).collect();
        self.made += count;
        let lengths: Vec<u32> = ids.iter().map(|id| length(*id)).collect();
        let before = page.queue.counts;
        let taken = record(&mut page.queue, &lengths, self.now);
        let mut stored = Vec::new();
        for (id, record) in ids.iter().zip(&taken) {
            if *record == 0 {
                self.turned_away.insert(*id);
            } else {
                page.records.insert(*record, *id);
                stored.push(*id);
            }
        }
        let after = page.queue.counts;
        let turned_away = after.overflow + after.too_long - before.overflow - before.too_long;
        assert_eq!(turned_away as usize, ids.len() - stored.len(), "what is turned away is counted");
        page.recorded += stored.len() as u32;
        self.keys += 1;
        page.keys.insert(page.queue.group(), self.keys);
        if storage_full {
            self.unstored.extend(&stored);
        } else if !stored.is_empty() {
            self.storage.insert(self.keys, stored);
        }
    }

    fn send(&mut self, page: &mut Page, leaving: bool) -> bool {
        let next = next(&mut page.queue, self.now, leaving);
        let lengths: Vec<u32> = next.iter().map(|record| length(page.records[record])).collect();
        let (request, count) = begin(&mut page.queue, &lengths);
        assert_eq!(request == 0, count == 0);
        if count > 0 {
            let records = next[..count].to_vec();
            let bytes: u32 = lengths[..count].iter().sum();
            assert!(bytes <= 60_000 || count == 1);
            page.in_flight.push((request, records));
            assert!(page.in_flight.len() <= 9);
            let all: u32 =
                page.in_flight.iter().flat_map(|(_, records)| records).map(|record| length(page.records[record])).sum();
            assert!(all <= 60_000 || page.in_flight.len() == 1);
        }
        count > 0
    }

    /// The collector's part of a request: what it stores, and what it answers. `kind` says how it fails.
    fn collect(&mut self, ids: &[Id], kind: u64, random: &mut Random) -> Answer {
        let mut store = |ids: &[Id]| ids.iter().for_each(|id| *self.rows.entry(*id).or_default() += 1);
        let json = Answer { readable: true, ..Answer::default() };
        let poisoned: Vec<Id> = ids.iter().copied().filter(|id| id.is_multiple_of(POISON)).collect();
        match kind {
            // Stored, but the answer is lost: cut, too late, or the line is down.
            0 => {
                store(ids);
                Answer::default()
            }
            1 => Answer::default(),
            2 => {
                Answer { status: [500, 503, 429][random.below(3) as usize], wait: random.below(20_000) as i64, ..json }
            }
            3 => Answer { status: [401, 403, 404, 302][random.below(4) as usize], ..json },
            // A page in HTML.
            4 => Answer { status: 200, ..Answer::default() },
            5 if ids.len() > 1 + random.below(20) as usize => Answer { status: 413, ..json },
            _ if !poisoned.is_empty() => match random.below(2) {
                // Some refuse the whole request, until the one that they mean is alone.
                0 if ids.len() > 1 => Answer { status: 413, ..json },
                0 => {
                    self.refused.extend(&poisoned);
                    Answer { status: 400, ..json }
                }
                _ => {
                    let good: Vec<Id> = ids.iter().copied().filter(|id| !id.is_multiple_of(POISON)).collect();
                    store(&good);
                    self.refused.extend(&poisoned);
                    Answer { status: 200, rejected: poisoned.len() as u32, ..json }
                }
            },
            _ => {
                store(ids);
                Answer { status: 200, ..json }
            }
        }
    }

    fn answer(&mut self, page: &mut Page, at: usize, kind: u64, random: &mut Random) {
        let (request, records) = page.in_flight.remove(at);
        let ids: Vec<Id> = records.iter().map(|record| page.records[record]).collect();
        let answer = self.collect(&ids, kind, random);
        match settle(&mut page.queue, request, answer, self.now, random.unit()) {
            None => assert!(!(200..300).contains(&answer.status) || !answer.readable),
            Some(groups) => {
                for (record, id) in records.iter().zip(&ids) {
                    assert!(self.rows.contains_key(id) || self.refused.contains(id), "{id} is forgotten and nowhere");
                    page.records.remove(record);
                }
                for group in groups {
                    let key = page.keys.remove(&group).expect("a group is done once");
                    if let Some(stored) = self.storage.remove(&key) {
                        assert!(stored.iter().all(|id| self.rows.contains_key(id) || self.refused.contains(id)));
                    }
                }
            }
        }
        assert!(settle(&mut page.queue, request, answer, self.now, 0.5).is_none(), "an answer counts once");
    }

    /// The room of the oldest group is needed for something else.
    fn give_up(&mut self, page: &mut Page) {
        let Some((&group, &key)) = page.keys.first_key_value() else { return };
        let before = page.queue.counts.overflow;
        let count = page.queue.give_up(group);
        assert_eq!(page.queue.counts.overflow - before, count as u32, "what is given up is counted");
        for record in page.queue.left(count) {
            assert!(page.in_flight.iter().all(|(_, records)| !records.contains(record)));
            self.given_up.extend(page.records.remove(record));
        }
        if count > 0 {
            page.given_up += count;
            page.keys.remove(&group);
            self.storage.remove(&key);
        }
    }

    /// The page is gone. What it had in flight may still arrive; what it had stored is taken over by the next.
    fn replace(&mut self, page: &mut Page, random: &mut Random) {
        self.check(page);
        for (_, records) in core::mem::take(&mut page.in_flight) {
            if random.below(2) == 0 {
                let ids: Vec<Id> = records.iter().map(|record| page.records[record]).collect();
                self.collect(&ids, 9, random);
            }
        }
        *page = Page::default();
        self.adopt(page);
    }

    /// A page takes over what is stored and not its own, as much as it has room for.
    fn adopt(&mut self, page: &mut Page) {
        let own: BTreeSet<u32> = page.keys.values().copied().collect();
        for (key, ids) in self.storage.iter().filter(|(key, _)| !own.contains(key)) {
            let first = page.queue.adopt(ids.len(), self.now);
            if first > 0 {
                page.adopted += ids.len();
                page.keys.insert(page.queue.group(), *key);
                page.records.extend((first..).zip(ids.iter().copied()));
            }
        }
    }

    fn check(&self, page: &Page) {
        let Counts { sent, refused, rejected, .. } = page.queue.counts;
        let known = page.queue.waiting() + page.given_up + (sent + refused + rejected) as usize;
        assert_eq!(known, page.adopted + page.recorded as usize, "each is waiting, sent or counted as dropped");
        assert!(page.queue.waiting() <= 1_000);
    }
}

fn play(seed: u64) {
    let mut random = Random(seed);
    let mut world = World { now: 1_000_000, ..World::default() };
    let mut page = Page::default();
    // Few of some schedules' answers are good, few of others' bad.
    let good = random.below(8);
    for _ in 0..random.below(40) {
        match random.below(10) {
            0..=2 => {
                let count = if random.below(30) == 0 { 600 } else { 1 + random.below(4) as u32 };
                let storage_full = random.below(20) == 0;
                world.record(&mut page, count, storage_full);
            }
            3 => world.now += random.below(400_000) as i64,
            4 => world.now += page.queue.due().map_or(0, |due| (due - world.now).max(0)),
            5 => world.now -= random.below(100_000) as i64,
            6 => {
                while world.send(&mut page, random.below(3) == 0) {
                    if random.below(4) == 0 {
                        break;
                    }
                }
            }
            7 | 8 if !page.in_flight.is_empty() => {
                let (at, kind) = (random.below(page.in_flight.len() as u64) as usize, random.below(6 + good));
                world.answer(&mut page, at, kind, &mut random);
            }
            9 if random.below(3) == 0 => world.replace(&mut page, &mut random),
            9 if random.below(4) == 0 => world.give_up(&mut page),
            _ => {}
        }
        world.check(&page);
    }
    // The page comes back once more, to a collector that works.
    world.replace(&mut page, &mut random);
    for turn in 0.. {
        while let Some(at) = page.in_flight.len().checked_sub(1) {
            world.answer(&mut page, at, 9, &mut random);
        }
        if !world.send(&mut page, false) {
            match page.queue.due() {
                Some(due) => world.now = world.now.max(due),
                // What had no room is taken over when there is some.
                None if !world.storage.is_empty() => world.adopt(&mut page),
                None => break,
            }
        }
        assert!(turn < 20_000, "it comes to an end");
    }
    world.check(&page);
    assert!(world.storage.is_empty());
    for id in 1..=world.made {
        let ends = world.rows.contains_key(&id)
            || world.refused.contains(&id)
            || world.turned_away.contains(&id)
            || world.unstored.contains(&id)
            || world.given_up.contains(&id);
        assert!(ends, "{id} is lost");
        assert!(!world.turned_away.contains(&id) || !world.rows.contains_key(&id));
    }
}

#[test]
fn no_schedule_loses_a_record() {
    let schedules = std::env::var("WAFT_SCHEDULES").map_or(3_000, |count| count.parse().expect("a number"));
    for seed in 0..schedules {
        if let Err(problem) = std::panic::catch_unwind(|| play(seed)) {
            eprintln!("seed {seed} of WAFT_SCHEDULES={schedules}");
            std::panic::resume_unwind(problem);
        }
    }
}

/// A queue with so many records of a length.
fn queue(count: usize, length: u32) -> Queue {
    let mut queue = Queue::new();
    assert!(record(&mut queue, &vec![length; count], 0).iter().all(|record| *record > 0));
    queue
}

/// Begins a request with records of a length.
fn send_next(queue: &mut Queue, now: i64, length: u32) -> (u32, usize) {
    let next = next(queue, now, false);
    begin(queue, &vec![length; next.len()])
}

#[test]
fn records_go_soon_or_when_there_are_fifty() {
    assert_eq!(Queue::new().due(), None);
    assert_eq!(queue(1, 100).due(), Some(2_000));
    assert_eq!(queue(49, 100).due(), Some(2_000));
    assert_eq!(queue(50, 100).due(), Some(0));
}

#[test]
fn a_request_has_fifty_records_and_sixty_kilobytes() {
    assert_eq!(send_next(&mut queue(120, 100), 0, 100), (1, 50));
    // 500 bytes of a frame, and a comma each.
    assert_eq!(send_next(&mut queue(120, 5_000), 0, 5_000), (1, 11));
    assert_eq!(send_next(&mut queue(2, 100), 0, 70_000), (1, 1), "one that is larger than all the room goes alone");
}

#[test]
fn who_leaves_has_nine_requests_at_most() {
    let mut queue = Queue::new();
    for request in 1..=12 {
        record(&mut queue, &[100], 0);
        let next = next(&mut queue, 0, true);
        assert_eq!(next.len(), usize::from(request <= 9), "request {request}");
        if request <= 9 {
            assert_eq!(begin(&mut queue, &[100]), (request, 1));
        }
    }
    assert!(next(&mut queue, 0, false).is_empty(), "who stays has one");
}

#[test]
fn a_collector_cannot_reject_more_than_it_was_sent() {
    let mut queue = queue(3, 100);
    let (request, _) = send_next(&mut queue, 0, 100);
    let answer = Answer { status: 200, readable: true, rejected: u32::MAX, wait: 0 };
    assert_eq!(settle(&mut queue, request, answer, 0, 0.0), Some(vec![1]));
    assert_eq!(queue.counts, Counts { rejected: 3, ..Counts::default() });
}

#[test]
fn pauses_double_and_are_jittered_and_obey_retry_after() {
    let mut queue = queue(1, 100);
    let mut now = 0;
    for (failure, pause) in
        [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000].into_iter().enumerate()
    {
        let (request, _) = send_next(&mut queue, now, 100);
        let random = [0.0, 0.25, 0.999][failure % 3];
        assert_eq!(settle(&mut queue, request, Answer { status: 500, ..Answer::default() }, now, random), None);
        let wait = (f64::from(pause) * (0.5 + random)) as i64;
        assert_eq!(queue.due(), Some((now + wait).max(2_000)), "failure {failure}");
        assert!(next(&mut queue, now + wait - 1, false).is_empty());
        now = queue.due().unwrap();
    }
    let (request, _) = send_next(&mut queue, now, 100);
    settle(&mut queue, request, Answer { status: 503, wait: 3_600_000, ..Answer::default() }, now, 0.0);
    assert_eq!(queue.due(), Some(now + 3_600_000));
    assert_eq!(next(&mut queue, now, true), [1], "who leaves does not wait");
}

#[test]
fn what_only_people_can_change_is_tried_again_after_a_minute() {
    for (status, readable) in [(401, true), (403, true), (404, true), (200, false), (304, true)] {
        let mut queue = queue(1, 100);
        let (request, _) = send_next(&mut queue, 0, 100);
        assert_eq!(settle(&mut queue, request, Answer { status, readable, ..Answer::default() }, 0, 0.0), None);
        assert_eq!(queue.due(), Some(60_000), "{status}");
    }
}

#[test]
fn too_large_is_halved_until_one_is_dropped_and_grows_back() {
    let mut queue = queue(100, 100);
    let too_large = Answer { status: 413, ..Answer::default() };
    for count in [50, 25, 12, 6, 3, 1] {
        let (request, taken) = send_next(&mut queue, 0, 100);
        assert_eq!(taken, count);
        let settled = settle(&mut queue, request, too_large, 0, 0.0);
        assert_eq!(settled.is_some(), count == 1);
    }
    assert_eq!(queue.counts, Counts { refused: 1, ..Counts::default() });
    for count in [1, 3, 6, 12, 25, 50] {
        let (request, taken) = send_next(&mut queue, 0, 100);
        assert_eq!(taken, count);
        settle(&mut queue, request, Answer { status: 200, readable: true, ..Answer::default() }, 0, 0.0).unwrap();
    }
}

#[test]
fn a_group_is_done_with_its_last_record() {
    let mut queue = Queue::new();
    record(&mut queue, &[100; 60], 0);
    record(&mut queue, &[100; 3], 0);
    let yes = Answer { status: 200, readable: true, ..Answer::default() };
    let (request, count) = send_next(&mut queue, 0, 100);
    assert_eq!((count, settle(&mut queue, request, yes, 0, 0.0)), (50, Some(vec![])));
    let (request, count) = send_next(&mut queue, 0, 100);
    assert_eq!((count, settle(&mut queue, request, yes, 0, 0.0)), (13, Some(vec![1, 2])));
    assert_eq!(queue.counts, Counts { sent: 63, ..Counts::default() });
}
