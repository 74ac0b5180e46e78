//! Objects of JSON, from bytes that come part by part: an array of them, or one a line.

/// An object of more bytes than this is none.
const LONGEST: usize = 1 << 20;

/// Finds objects. What they hold is for others to read.
#[derive(Debug)]
pub(super) struct Objects {
    bytes: Vec<u8>,
    at: usize,
    line: u64,
    /// Whether each is a line.
    lines: bool,
    ended: bool,
}

/// What came next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// What may be an object, and the line where it begins.
    Object(Vec<u8>, u64),
    /// One that does not end in reach, and the line where it begins.
    Open(u64),
    /// Nothing until more bytes come.
    Nothing,
}

impl Objects {
    pub(super) fn new(lines: bool) -> Self {
        Objects { bytes: Vec::new(), at: 0, line: 1, lines, ended: false }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.at);
        self.at = 0;
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
        self.bytes.push(b'\n');
    }

    pub(super) fn next(&mut self) -> Next {
        while let Some(byte) = self.bytes.get(self.at)
            && (byte.is_ascii_whitespace() || !self.lines && matches!(byte, b'[' | b',' | b']'))
        {
            self.line += u64::from(*byte == b'\n');
            self.at += 1;
        }
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let line = self.line;
        let end = if self.lines { rest.iter().position(|byte| *byte == b'\n') } else { end_of(rest) };
        match end {
            Some(end) => {
                let object = rest.get(..end).unwrap_or(&[]).to_vec();
                self.line += object.iter().filter(|byte| **byte == b'\n').count() as u64;
                self.at += end;
                Next::Object(object, line)
            }
            None if !rest.is_empty() && (self.ended || rest.len() > LONGEST) => {
                self.at = self.bytes.len();
                Next::Open(line)
            }
            None => Next::Nothing,
        }
    }
}

/// Where a value ends that begins here: an object behind its brace, anything else in front of a comma or a line's end.
fn end_of(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut inside, mut escaped) = (0usize, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            _ if inside => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 1 => depth -= 1,
            b'}' if depth == 1 => return Some(at + 1),
            b',' | b'\n' | b']' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}
