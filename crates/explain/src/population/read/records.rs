//! Records of a CSV, from bytes that come part by part.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// A record of more bytes than this has a quote that is not closed.
const LONGEST: usize = 1 << 18;

/// How fields are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::population) struct Dialect {
    pub(in crate::population) separator: u8,
    pub(in crate::population) quote: u8,
    /// Whether lines end with CR alone.
    pub(in crate::population) cr: bool,
}

impl Dialect {
    pub(in crate::population) const PLAIN: Self = Dialect { separator: b',', quote: b'"', cr: false };
}

/// Reads records.
#[derive(Debug)]
pub(in crate::population) struct Records {
    reader: Reader,
    dialect: Dialect,
    /// Bytes that came, and where the next record begins.
    bytes: Vec<u8>,
    at: usize,
    /// The line there, from 1.
    line: u64,
    /// Whether all bytes have come.
    ended: bool,
    fields: Vec<u8>,
    ends: Vec<usize>,
    /// Where the last record began, and how many fields it has.
    last: Last,
}

#[derive(Clone, Copy, Debug, Default)]
struct Last {
    start: usize,
    line: u64,
    fields: usize,
    is_long: bool,
}

/// What came next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::population) enum Next {
    /// A record: see [`Records::fields`].
    Record,
    /// A quote that is not closed in reach: see [`Records::skip_line`].
    OpenQuote,
    /// Nothing until more bytes come; at the end, nothing more.
    Nothing,
}

impl Records {
    pub(in crate::population) fn new(dialect: Dialect, line: u64) -> Self {
        let reader = ReaderBuilder::new().delimiter(dialect.separator).quote(dialect.quote).build();
        let (bytes, fields, ends) = (Vec::new(), vec![0; 1 << 12], vec![0; 64]);
        Records { reader, dialect, bytes, at: 0, line, ended: false, fields, ends, last: Last::default() }
    }

    /// Adds bytes.
    pub(in crate::population) fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.at);
        self.at = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// No more bytes come.
    pub(in crate::population) fn end(&mut self) {
        self.ended = true;
        // What ends a record that nothing ended; after another it is an empty line.
        self.bytes.push(if self.dialect.cr { b'\r' } else { b'\n' });
    }

    /// Reads the next record.
    pub(in crate::population) fn next(&mut self) -> Next {
        while let Some(byte @ (b'\n' | b'\r')) = self.bytes.get(self.at).copied() {
            self.line += u64::from((byte == b'\r') == self.dialect.cr);
            self.at += 1;
        }
        self.reader.reset();
        self.reader.set_line(0);
        let (mut from, mut written, mut count) = (self.at, 0, 0);
        loop {
            let (rest, fields) =
                (self.bytes.get(from..).unwrap_or(&[]), self.fields.get_mut(written..).unwrap_or(&mut []));
            if rest.is_empty() {
                return self.wait();
            }
            let ends = self.ends.get_mut(count..).unwrap_or(&mut []);
            let (result, read, out, ended) = self.reader.read_record(rest, fields, ends);
            (from, written, count) = (from + read, written + out, count + ended);
            match result {
                ReadRecordResult::InputEmpty => return self.wait(),
                ReadRecordResult::OutputFull => self.fields.resize(2 * self.fields.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        let record = self.bytes.get(self.at..from).unwrap_or(&[]);
        let breaks = match self.dialect.cr {
            false => self.reader.line(),
            true => record.iter().filter(|byte| **byte == b'\r').count() as u64,
        };
        // What ends it may be one.
        let own = if self.dialect.cr { b'\r' } else { b'\n' };
        let inside = breaks - u64::from(breaks > 0 && record.last() == Some(&own));
        self.last = Last { start: self.at, line: self.line, fields: count, is_long: inside > 0 };
        if inside > 0 && !is_closed(record, self.dialect) {
            return Next::OpenQuote;
        }
        self.line += breaks;
        self.at = from;
        Next::Record
    }

    /// In the middle of a record, at the end of what came.
    fn wait(&mut self) -> Next {
        let left = self.bytes.len() - self.at;
        if left == 0 || !self.ended && left < LONGEST {
            return Next::Nothing;
        }
        self.last = Last { start: self.at, line: self.line, ..Last::default() };
        Next::OpenQuote
    }

    /// Goes on behind the first line of the last record: a quote that nothing closes would take good rows with it.
    /// Returns that line.
    pub(in crate::population) fn skip_line(&mut self) -> Vec<u8> {
        (self.at, self.line) = (self.last.start, self.last.line);
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let line = rest.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or(rest).to_vec();
        self.at += line.len();
        line
    }

    /// The fields of the last record, without white space around them.
    pub(in crate::population) fn fields(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let ends = self.ends.get(..self.last.fields).unwrap_or(&[]);
        let starts = std::iter::once(0).chain(ends.iter().copied());
        starts.zip(ends).map(|(start, end)| self.fields.get(start..*end).unwrap_or(&[]).trim_ascii())
    }

    /// How many it has.
    pub(in crate::population) fn count(&self) -> usize {
        self.last.fields
    }

    /// The line where it begins.
    pub(in crate::population) fn line(&self) -> u64 {
        self.last.line
    }

    /// Whether it has more than one line.
    pub(in crate::population) fn is_long(&self) -> bool {
        self.last.is_long
    }
}

/// Whether each quote around a field of a record is closed where the field ends: a quote inside is written twice.
fn is_closed(record: &[u8], dialect: Dialect) -> bool {
    let is_end = |byte: u8| byte == dialect.separator || matches!(byte, b'\n' | b'\r');
    let mut rest = record;
    loop {
        rest = rest.trim_ascii_start();
        let Some((first, inner)) = rest.split_first() else { return true };
        if *first == dialect.quote {
            rest = inner;
            loop {
                let Some(at) = rest.iter().position(|byte| *byte == dialect.quote) else { return false };
                rest = rest.get(at + 1..).unwrap_or(&[]);
                match rest.split_first() {
                    Some((next, behind)) if *next == dialect.quote => rest = behind,
                    _ => break,
                }
            }
            let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
            rest = rest.get(spaces..).unwrap_or(&[]);
            if rest.first().is_some_and(|byte| !is_end(*byte)) {
                return false;
            }
        }
        let Some(end) = rest.iter().position(|byte| is_end(*byte)) else { return true };
        rest = rest.get(end + 1..).unwrap_or(&[]);
    }
}
