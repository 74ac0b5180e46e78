//! Ed25519 keys as people keep them: PKCS#8 PEM for the secret, base64url for the public half and its id.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_compact::{KeyPair, PublicKey, Seed};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A key's id: the first 16 bytes of the SHA-256 of the public key.
pub fn kid(key: &PublicKey) -> [u8; 16] {
    let mut kid = [0; 16];
    kid.iter_mut().zip(Sha256::digest(key.as_ref())).for_each(|(to, from)| *to = from);
    kid
}

/// Makes a key pair of 32 random bytes.
pub fn from_seed(seed: [u8; 32]) -> KeyPair {
    KeyPair::from_seed(Seed::new(seed))
}

/// Reads a secret key in PKCS#8 PEM, as `waft keygen` and `openssl genpkey -algorithm ed25519` write it.
pub fn from_pem(pem: &str) -> Result<KeyPair, String> {
    KeyPair::from_pem(pem.trim())
        .map_err(|_| "not an Ed25519 secret key in PKCS#8 PEM; make one with `waft keygen --out KEY.pem`".to_owned())
}

/// Reads a public key: PEM, as `waft keygen` and `openssl pkey -pubout` write it, or the JSON that `waft keygen` prints.
pub fn public(text: &str) -> Result<PublicKey, String> {
    let json: Option<Value> = serde_json::from_str(text).ok();
    let written = json.as_ref().and_then(|json| json.get("publicKey")).and_then(Value::as_str);
    let key = match written {
        Some(written) => from_text(written).map(PublicKey::new),
        None => PublicKey::from_pem(text.trim()).ok(),
    };
    // One that no signature can ever match, or everybody's, is none.
    key.filter(|key| key.validate().is_ok()).ok_or_else(|| {
        "not an Ed25519 public key: expected what `waft keygen` prints, or PEM as `openssl pkey -in KEY.pem -pubout` writes it"
            .to_owned()
    })
}

/// Bytes as JSON carries them: base64url without padding, as in JWK.
pub fn to_text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads [`to_text`].
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Reads [`to_text`], for `N` bytes.
pub fn from_text<const N: usize>(text: &str) -> Option<[u8; N]> {
    bytes(text)?.try_into().ok()
}
