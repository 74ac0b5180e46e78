//! Writes deterministic CBOR (RFC 8949, section 4.2.1). The reader is `waft::cbor`.

/// Bytes being written.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn head(mut self, major: u8, argument: u64) -> Self {
        let major = major << 5;
        match argument {
            0..24 => self.0.push(major | argument as u8),
            24..0x100 => self.0.extend([major | 24, argument as u8]),
            0x100..0x1_0000 => {
                self.0.push(major | 25);
                self.0.extend((argument as u16).to_be_bytes());
            }
            0x1_0000..0x1_0000_0000 => {
                self.0.push(major | 26);
                self.0.extend((argument as u32).to_be_bytes());
            }
            _ => {
                self.0.push(major | 27);
                self.0.extend(argument.to_be_bytes());
            }
        }
        self
    }

    /// An integer.
    #[must_use]
    pub fn integer(self, value: i64) -> Self {
        if value < 0 { self.head(1, value.unsigned_abs() - 1) } else { self.head(0, value.unsigned_abs()) }
    }

    /// An unsigned integer.
    #[must_use]
    pub fn unsigned(self, value: u64) -> Self {
        self.head(0, value)
    }

    /// A byte string.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        let mut writer = self.head(2, bytes.len() as u64);
        writer.0.extend_from_slice(bytes);
        writer
    }

    /// A text string.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        let mut writer = self.head(3, text.len() as u64);
        writer.0.extend_from_slice(text.as_bytes());
        writer
    }

    /// The head of an array of `length` items.
    #[must_use]
    pub fn array(self, length: usize) -> Self {
        self.head(4, length as u64)
    }

    /// The head of a map of `length` entries. The caller writes keys in ascending order of their encodings.
    #[must_use]
    pub fn map(self, length: usize) -> Self {
        self.head(5, length as u64)
    }

    /// A tag.
    #[must_use]
    pub fn tag(self, tag: u64) -> Self {
        self.head(6, tag)
    }

    /// Bytes that are CBOR already.
    #[must_use]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
}
