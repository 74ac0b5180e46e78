//! Encodings that spreadsheets write, as UTF-8.
//!
//! Browsers and `encoding_rs` know forty. The tables of these take 30 lines; those of all would be most of the studio's wasm.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// How a file writes characters as bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Encoding {
    /// Of most files.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Excel's "Unicode text".
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// The same from other processors.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// Excel's "CSV" in western Europe.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// The characters of the bytes 0x80 to 0x9f; all others of Windows-1252 have their byte's number. <https://encoding.spec.whatwg.org/#windows-1252>
const HIGH: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}', '\u{2030}',
    '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}',
    '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}',
    '\u{17e}', '\u{178}',
];

/// How much of a file is looked at for zeros.
const LOOKED_AT: usize = 4_096;

impl Encoding {
    /// What a file's first bytes are written in, and how long its mark is.
    pub(super) fn of(head: &[u8]) -> (Self, usize) {
        match head {
            [0xef, 0xbb, 0xbf, ..] => return (Encoding::Utf8, 3),
            [0xff, 0xfe, ..] => return (Encoding::Utf16Le, 2),
            [0xfe, 0xff, ..] => return (Encoding::Utf16Be, 2),
            _ => {}
        }
        let looked_at = head.get(..LOOKED_AT).unwrap_or(head);
        let zeros = |odd: usize| looked_at.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
        let (even, odd) = (zeros(0), zeros(1));
        // Of western text nearly every other byte is zero.
        if odd > looked_at.len() / 5 && even <= odd / 8 {
            return (Encoding::Utf16Le, 0);
        }
        if even > looked_at.len() / 5 && odd <= even / 8 {
            return (Encoding::Utf16Be, 0);
        }
        match std::str::from_utf8(head) {
            Err(error) if error.error_len().is_some() => (Encoding::Windows1252, 0),
            _ => (Encoding::Utf8, 0),
        }
    }
}

/// Decodes a file part by part.
#[derive(Debug)]
pub(super) struct Decoder {
    encoding: Encoding,
    /// What a part ended with in the middle of a character.
    rest: Vec<u8>,
}

impl Decoder {
    pub(super) fn new(encoding: Encoding) -> Self {
        Decoder { encoding, rest: Vec::new() }
    }

    /// The next part as UTF-8. What UTF-8 has is not looked at here.
    pub(super) fn decode<'b>(&mut self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        match self.encoding {
            Encoding::Utf8 => Cow::Borrowed(bytes),
            Encoding::Windows1252 => {
                let char = |byte: &u8| match byte {
                    0x80..=0x9f => HIGH.get(usize::from(*byte - 0x80)).copied().unwrap_or('\u{fffd}'),
                    _ => char::from(*byte),
                };
                Cow::Owned(bytes.iter().map(char).collect::<String>().into_bytes())
            }
            Encoding::Utf16Le => self.pairs(bytes, u16::from_le_bytes),
            Encoding::Utf16Be => self.pairs(bytes, u16::from_be_bytes),
        }
    }

    fn pairs(&mut self, bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Cow<'static, [u8]> {
        self.rest.extend_from_slice(bytes);
        let (pairs, _) = self.rest.as_chunks();
        let mut units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        // Its other half comes with the next part.
        units.pop_if(|last| (0xd800..0xdc00).contains(last));
        self.rest.drain(..2 * units.len());
        Cow::Owned(String::from_utf16_lossy(&units).into_bytes())
    }
}
