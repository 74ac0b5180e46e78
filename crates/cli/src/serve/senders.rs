//! Back ends that prove who they are: with a token, as `Authorization: Bearer TOKEN`.

use std::path::Path;
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use waft_commands::host::Host;

/// The shortest token: 16 bytes in hexadecimal have 128 bits.
const SHORTEST: usize = 32;
/// Where a token is if there is no file.
const VARIABLE: &str = "WAFT_TOKEN";

/// The tokens that are known, as hashes, which have one length.
#[derive(Clone, Default)]
pub(crate) struct Senders(Arc<[[u8; 32]]>);

impl Senders {
    /// Reads the tokens of `--token-file`; without it, the one of the environment.
    pub(crate) fn read(host: &dyn Host, file: Option<&Path>) -> Result<Self, String> {
        match file {
            Some(path) => Senders::of_file(host, "--token-file", path),
            None => Senders::of_text(VARIABLE, &std::env::var(VARIABLE).unwrap_or_default()),
        }
    }

    /// Reads the file of an option: a token in each line, but for empty ones and those that begin with `#`.
    pub(crate) fn of_file(host: &dyn Host, option: &str, path: &Path) -> Result<Self, String> {
        let place = format!("{option} {}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| format!("{place}: {error}"))?;
        let senders = Senders::of_text(&place, &text)?;
        if senders.0.is_empty() {
            return Err(format!("{place}: no token in it"));
        }
        let path = path.to_string_lossy();
        if host.is_open_to_others(&path) {
            host.err(&format!(
                "waft: warning: {path}: others than its owner can read these tokens, or change them: chmod 600, and make new \
                 ones if somebody may have read them"
            ));
        }
        Ok(senders)
    }

    fn of_text(place: &str, text: &str) -> Result<Self, String> {
        let tokens = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut known = Vec::new();
        for token in tokens {
            if token.len() < SHORTEST || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                let remedy = "`openssl rand -hex 32` makes one";
                return Err(format!("{place}: a token has {SHORTEST} printable characters or more: {remedy}"));
            }
            known.push(Sha256::digest(token).into());
        }
        Ok(Self(known.into()))
    }

    /// Whether a request is of one that is trusted. An error, if it tries to be and is not: its rows would be taken for anybody's.
    pub(crate) fn trusts(&self, headers: &HeaderMap) -> Result<bool, ()> {
        let Some(value) = headers.get(header::AUTHORIZATION).filter(|_| !self.0.is_empty()) else { return Ok(false) };
        let Some((scheme, token)) = value.to_str().ok().and_then(|value| value.split_once(' ')) else {
            return Ok(false);
        };
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Ok(false);
        }
        let hash: [u8; 32] = Sha256::digest(token.trim()).into();
        // All of them, always, and each in the same time.
        let found = self.0.iter().fold(Choice::from(0), |found, known| found | known.ct_eq(&hash));
        if found.into() { Ok(true) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Native;

    #[test]
    fn only_known_tokens_are_trusted() {
        let token = "0123456789abcdef0123456789abcdef";
        let path = std::env::temp_dir().join(format!("waft-tokens-{}", std::process::id()));
        std::fs::write(&path, format!("# back ends\n\n  {token}  \n{token}-2\n")).unwrap();
        let senders = Senders::read(&Native::default(), Some(&path)).unwrap();
        let check = |senders: &Senders, value: &str, expected: Result<bool, ()>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            assert_eq!(senders.trusts(&headers), expected, "{value}");
        };
        assert_eq!(senders.trusts(&HeaderMap::new()), Ok(false));
        check(&senders, &format!("Bearer {token}"), Ok(true));
        check(&senders, &format!("bearer {token}-2"), Ok(true));
        check(&senders, &format!("Bearer {token}-3"), Err(()));
        check(&senders, "Bearer ", Err(()));
        // Of a proxy in front.
        check(&senders, "Basic YTpi", Ok(false));
        check(&Senders::default(), &format!("Bearer {token}"), Ok(false));
        std::fs::write(&path, "short\n").unwrap();
        assert!(Senders::read(&Native::default(), Some(&path)).err().unwrap().contains("32 printable characters"));
        std::fs::write(&path, "# none\n").unwrap();
        assert!(Senders::read(&Native::default(), Some(&path)).err().unwrap().contains("no token in it"));
        std::fs::remove_file(&path).unwrap();
        assert!(Senders::read(&Native::default(), Some(&path)).is_err());
    }
}
