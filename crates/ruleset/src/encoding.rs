//! What a file of ids looks like that is not UTF-8: whoever exported it knows how to export it anew.

/// How many bytes are looked at: an export does not change its encoding on the way.
const LOOKED_AT: usize = 1 << 20;

/// What the bytes look like, if they are no UTF-8 text.
pub(crate) fn foreign(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.get(..LOOKED_AT.min(bytes.len())).unwrap_or(bytes);
    let by_mark = [
        (&b"\xff\xfe\0\0"[..], "UTF-32"),
        (b"\0\0\xfe\xff", "UTF-32"),
        (b"\xff\xfe", "UTF-16 (little-endian)"),
        (b"\xfe\xff", "UTF-16 (big-endian)"),
        (b"PK\x03\x04", "a ZIP file, as workbooks of Excel are"),
        (b"\xd0\xcf\x11\xe0", "a workbook of Excel"),
        (b"\x1f\x8b", "a gzip file"),
    ];
    if let Some((_, name)) = by_mark.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return Some((*name).to_owned());
    }
    if bytes.contains(&0) {
        return Some(with_zeros(bytes).to_owned());
    }
    match str::from_utf8(bytes) {
        Ok(_) => None,
        // The last character was cut in two by us.
        Err(error) if error.error_len().is_none() && bytes.len() == LOOKED_AT => None,
        Err(_) => Some(guess(bytes)),
    }
}

/// Text has no zero byte, but UTF-16 has one in each character of ASCII, as line ends are in any script: the second of a pair, or the
/// first. UTF-32 has two in every character, the last or the first.
fn with_zeros(bytes: &[u8]) -> &'static str {
    let zeros = |from: usize| bytes.iter().skip(from).step_by(4).filter(|byte| **byte == 0).count();
    let [a, b, c, d] = [zeros(0), zeros(1), zeros(2), zeros(3)];
    let most = (bytes.len().div_ceil(4) * 4).div_ceil(5);
    match (a + c, b + d) {
        _ if a.min(b) >= most || c.min(d) >= most => "UTF-32",
        (first, second) if second > 4 * first => "UTF-16 (little-endian)",
        (first, second) if first > 4 * second => "UTF-16 (big-endian)",
        _ => "binary data",
    }
}

/// One of the encodings of the web.
#[cfg(not(target_arch = "wasm32"))]
fn guess(bytes: &[u8]) -> String {
    use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    match detector.guess(None, Utf8Detection::Deny).name() {
        "windows-1252" => "Windows-1252 (Latin-1)".to_owned(),
        name => name.to_owned(),
    }
}

/// A page has no files, and no room for the tables.
#[cfg(target_arch = "wasm32")]
fn guess(_: &[u8]) -> String {
    "an encoding of 8 bits".to_owned()
}

#[cfg(test)]
mod tests {
    use super::foreign;

    fn looks(bytes: &[u8], like: Option<&str>) {
        assert_eq!(foreign(bytes).as_deref(), like, "{:?}", String::from_utf8_lossy(bytes));
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_file_is_utf_8_or_told_apart() {
        looks(b"", None);
        looks("a1\nm\u{fc}ller\n\u{1f980}\n".as_bytes(), None);
        looks(b"m\xfcller\nstra\xdfe\n", Some("Windows-1252 (Latin-1)"));
        looks(b"\x80 100\nm\xfcller\n", Some("Windows-1252 (Latin-1)"));
        for text in ["a1\na2\na3\n", "\u{416}1\n\u{416}2\n", "\u{416}\u{443}\u{43a}\n", "m\u{fc}ller,x\r\n"] {
            looks(&utf16(text, u16::to_le_bytes), Some("UTF-16 (little-endian)"));
            looks(&utf16(text, u16::to_be_bytes), Some("UTF-16 (big-endian)"));
            looks(&utf16(&format!("\u{feff}{text}"), u16::to_le_bytes), Some("UTF-16 (little-endian)"));
            looks(&utf16(&format!("\u{feff}{text}"), u16::to_be_bytes), Some("UTF-16 (big-endian)"));
            let wide = |bytes: fn(u32) -> [u8; 4]| text.chars().map(u32::from).flat_map(bytes).collect::<Vec<u8>>();
            looks(&wide(u32::to_le_bytes), Some("UTF-32"));
            looks(&wide(u32::to_be_bytes), Some("UTF-32"));
        }
        looks(b"PK\x03\x04\x14\0\0\0", Some("a ZIP file, as workbooks of Excel are"));
        looks(&[0, 0, 0, 0, 1, 2, 3, 4], Some("binary data"));
        // Another alphabet.
        looks(b"\xe6\xf3\xea\n\xee\xf2\xec\xe5\xed\xe0\n\xef\xf0\xe8\xe2\xe5\xf2\n", Some("windows-1251"));
    }

    #[test]
    fn a_character_at_the_edge_of_what_is_looked_at_is_whole() {
        let mut bytes = vec![b'a'; super::LOOKED_AT - 1];
        bytes.extend("\u{fc}\n".bytes());
        looks(&bytes, None);
    }
}
