//! What is said, as each receiver reads it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use waft_ruleset::clock;

/// The longest piece of a subject that is encoded at once, in bytes: with what is around it, below the 75 of RFC 2047.
const PIECE: usize = 42;

/// A message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// The same whenever it is sent again, so that a receiver takes it once.
    pub(crate) id: String,
    /// What happened, such as `guard.harmed`.
    pub(crate) kind: String,
    /// When, in milliseconds since 1970.
    pub(crate) at: i64,
    /// A line.
    pub(crate) subject: String,
    /// All of it.
    pub(crate) text: String,
    /// The same for programs.
    pub(crate) data: Value,
}

impl Message {
    /// The body of a webhook, as Standard Webhooks recommends it.
    pub(crate) fn webhook(&self) -> String {
        json!({ "type": self.kind, "timestamp": clock::text(self.at), "data": self.data }).to_string()
    }

    /// As Slack reads it: nothing of it is a link or a mention.
    pub(crate) fn slack(&self) -> String {
        let text = self.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        json!({ "text": text }).to_string()
    }

    /// As sendmail reads it (RFC 5322); who gets it is the command's business.
    pub(crate) fn mail(&self) -> String {
        let subject = encoded(&self.subject);
        let text = self.text.replace('\r', "");
        format!(
            "Subject: {subject}\nMessage-ID: <{}@waft.invalid>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\
             Content-Transfer-Encoding: 8bit\nAuto-Submitted: auto-generated\n\n{text}\n",
            self.id
        )
    }
}

/// A header's text: what is not plain ASCII as RFC 2047 has it.
fn encoded(text: &str) -> String {
    let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
    if text.is_ascii() {
        return text;
    }
    let mut pieces = vec![String::new()];
    for letter in text.chars() {
        if pieces.last().is_some_and(|piece| piece.len() + letter.len_utf8() > PIECE) {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
        }
    }
    let word = |piece: &String| format!("=?utf-8?B?{}?=", BASE64.encode(piece));
    pieces.iter().map(word).collect::<Vec<_>>().join("\n ")
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn subjects_are_one_header() {
        assert_eq!(encoded("waft: shop\nBcc: all@shop.example"), "waft: shopBcc: all@shop.example");
        assert_eq!(encoded("läuft"), "=?utf-8?B?bMOkdWZ0?=");
        assert!(encoded(&"ä".repeat(200)).lines().all(|line| line.len() <= 76));
    }
}
