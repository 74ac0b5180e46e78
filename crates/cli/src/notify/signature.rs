//! Signatures of webhooks, by Standard Webhooks: HMAC-SHA256 over id, moment and body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::hmac;

/// How long a secret is, in bytes.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Keys that a receiver may have: several while one takes the place of another.
pub(crate) struct Secrets(Vec<hmac::Key>);

impl Secrets {
    /// Reads `whsec_...`, one or several with spaces or lines between them. Nothing of it is repeated in a message.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let key = |word: &str| {
            let bytes = word.strip_prefix("whsec_").and_then(|word| BASE64.decode(word).ok());
            let bytes = bytes.filter(|bytes| BYTES.contains(&bytes.len()));
            let what = "expected whsec_ and 24 to 64 bytes in base64, such as the output of: echo whsec_$(openssl rand -base64 32)";
            bytes.map(|bytes| hmac::Key::new(hmac::HMAC_SHA256, &bytes)).ok_or_else(|| what.to_owned())
        };
        let keys = text.split_whitespace().map(key).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err("it is empty".to_owned()) } else { Ok(Secrets(keys)) }
    }

    /// The header `webhook-signature` of a message that is sent at a second since 1970.
    pub(crate) fn sign(&self, id: &str, second: i64, body: &str) -> String {
        let signed = format!("{id}.{second}.{body}");
        let sign = |key: &hmac::Key| format!("v1,{}", BASE64.encode(hmac::sign(key, signed.as_bytes())));
        self.0.iter().map(sign).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Secrets;

    /// The one that the libraries of Standard Webhooks are tested with.
    #[test]
    fn vector_of_standard_webhooks() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let sign = |text: &str| {
            let secrets = Secrets::read(text).unwrap();
            secrets.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#)
        };
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(sign(secret), expected);
        assert_eq!(sign(&format!("{secret}\n{secret}\n")), format!("{expected} {expected}"));
    }

    #[test]
    fn what_is_no_secret_is_refused_and_not_repeated() {
        for text in ["", "\n", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_?"] {
            assert!(Secrets::read(text).is_err_and(|error| text.trim().is_empty() || !error.contains(text)), "{text}");
        }
    }
}
