//! Trials of a compiled table that are to run no more: their phases are ended in place, and nothing else is touched.

use std::ops::Range;

use waft::table::{DIRECTORY_ENTRY, DIRECTORY_HEAD, Section};

/// Where a phase's record has its start, its end and its coverage.
const FROM: usize = 4;
const TO: usize = 8;
const COVERAGE: usize = 12;

/// How something is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The phase that runs at a moment, in seconds since 1970, ends then. Those that would follow take nobody.
    At(u32),
    /// No phase takes anybody, as of a ramp, which has no end.
    Empty,
}

/// Stops the phases of a trial, by their places in the section. `None`, and nothing done, if the table has no such phases.
pub fn stop(body: &mut [u8], phases: Range<u32>, stop: Stop) -> Option<()> {
    let section = section(body, Section::Phases)?;
    let (first, count) = (usize::try_from(phases.start).ok()?, phases.len());
    let records = body.get_mut(section.offset..)?.chunks_exact_mut(section.size).take(section.count).skip(first);
    let records: Vec<&mut [u8]> = records.take(count).collect();
    if records.len() != count || section.size < COVERAGE + 4 {
        return None;
    }
    for record in records {
        match stop {
            Stop::At(moment) if word(record, FROM)? <= moment => {
                let end = word(record, TO)?.min(moment);
                put(record, TO, end)?;
            }
            Stop::At(_) | Stop::Empty => put(record, COVERAGE, 0)?,
        }
    }
    Some(())
}

struct Place {
    offset: usize,
    size: usize,
    count: usize,
}

fn section(body: &[u8], wanted: Section) -> Option<Place> {
    let entries = usize::from(u16::from_le_bytes(*body.first_chunk()?));
    let directory = body.get(DIRECTORY_HEAD..)?.chunks_exact(DIRECTORY_ENTRY).take(entries);
    let mut found = directory.filter(|entry| entry.first_chunk() == Some(&(wanted as u16).to_le_bytes()));
    let entry = found.next()?;
    let size = u16::from_le_bytes(*entry.get(2..)?.first_chunk()?);
    let (offset, count) = (usize::try_from(word(entry, 4)?).ok()?, usize::try_from(word(entry, 8)?).ok()?);
    Some(Place { offset, size: size.max(1).into(), count })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn put(bytes: &mut [u8], at: usize, word: u32) -> Option<()> {
    bytes.get_mut(at..)?.first_chunk_mut().map(|place: &mut [u8; 4]| *place = word.to_le_bytes())
}
