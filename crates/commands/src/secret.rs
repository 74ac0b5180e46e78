//! Secret keys in files: PKCS#8 PEM, plain or encrypted (PBES2, as OpenSSL reads and writes it).

use ed25519_compact::KeyPair;
use pkcs8::der::pem::LineEnding;
use pkcs8::pkcs5::pbes2::Parameters;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef, SecretDocument};

use crate::host::Host;
use crate::input;
use waft_compile::keys;

/// The label of an encrypted key's PEM.
const LABEL: &str = "ENCRYPTED PRIVATE KEY";
/// Of PBKDF2 with SHA-256: what OWASP recommends. Not scrypt, of which OpenSSL reads 32 MB at most.
const ITERATIONS: u32 = 600_000;
/// The variable that may hold a passphrase.
const VARIABLE: &str = "WAFT_PASSPHRASE";

/// A secret key. One that others can read is told, and taken: whoever wants it stopped can stop it.
pub(crate) fn key(host: &dyn Host, path: &str) -> Result<KeyPair, String> {
    key_with(host, path, None)
}

/// [`key`], with the file of its passphrase if it is encrypted.
pub(crate) fn key_with(host: &dyn Host, path: &str, passphrase_file: Option<&str>) -> Result<KeyPair, String> {
    let ask = format!("Passphrase of {path}: ");
    let pair =
        open(host, &input::text(host, path)?, passphrase_file, &ask).map_err(|error| format!("{path}: {error}"))?;
    if host.is_open_to_others(path) {
        host.err(&format!(
            "waft: warning: {path}: others than its owner can read this key, or change it: chmod 600, and make a new one if \
             somebody may have read it"
        ));
    }
    Ok(pair)
}

/// Reads a secret key's PEM. One that is encrypted needs the passphrase of a file, of the environment, or of whoever is asked.
fn open(host: &dyn Host, pem: &str, passphrase_file: Option<&str>, ask: &str) -> Result<KeyPair, String> {
    let begin = format!("-----BEGIN {LABEL}-----");
    let end = format!("-----END {LABEL}-----");
    let Some(block) = pem.find(&begin).and_then(|from| pem.get(from..)) else { return keys::from_pem(pem) };
    // `waft keygen` writes the public half behind it.
    let block = block.split_inclusive(&end).next().unwrap_or(block);
    let passphrase = passphrase(host, passphrase_file, ask)?.ok_or_else(|| {
        format!("the key is encrypted: give its passphrase with --passphrase-file FILE, or in {VARIABLE}")
    })?;
    let damaged = "not an encrypted key in PKCS#8 PEM";
    let (label, document) = SecretDocument::from_pem(block).map_err(|_| damaged)?;
    if label != LABEL {
        return Err(damaged.to_owned());
    }
    let info = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|_| damaged)?;
    let wrong = "the passphrase is not that of the key, or the key is encrypted in a way that waft does not read (PBES2 with AES)";
    let plain = info.decrypt(passphrase).map_err(|_| wrong.to_owned())?;
    KeyPair::from_der(plain.as_bytes()).map_err(|_| "not an Ed25519 key".to_owned())
}

/// A key pair as the PEM of a file, encrypted with a passphrase (PBKDF2, AES-256-CBC), and its public half behind it.
pub(crate) fn encrypted(
    host: &dyn Host,
    pair: &KeyPair,
    path: &str,
    passphrase_file: Option<&str>,
) -> Result<String, String> {
    let passphrase = new_passphrase(host, path, passphrase_file)?;
    let random = host.random().map_err(|error| format!("cannot get random bytes: {error}"))?;
    let (salt, iv) = random.split_at(16);
    let failed = || "the key cannot be encrypted".to_owned();
    let iv = iv.try_into().map_err(|_| failed())?;
    let parameters = Parameters::generate_pbkdf2_sha256_aes256cbc(ITERATIONS, salt, iv).map_err(|_| failed())?;
    let der = pair.sk.to_der();
    let info = PrivateKeyInfoRef::try_from(der.as_slice()).map_err(|_| failed())?;
    let document = info.encrypt_with_params(parameters, passphrase).map_err(|_| failed())?;
    let pem = document.to_pem(LABEL, LineEnding::LF).map_err(|_| failed())?;
    Ok(format!("{}{}", pem.as_str(), pair.pk.to_pem()))
}

/// A passphrase for a new key. Whoever is asked types it twice: nobody sees what was typed, and the key is lost without it.
fn new_passphrase(host: &dyn Host, path: &str, file: Option<&str>) -> Result<String, String> {
    let ask = format!("New passphrase for {path}: ");
    let first = passphrase(host, file, &ask)?
        .ok_or_else(|| format!("--encrypt: needs a passphrase: --passphrase-file FILE, or {VARIABLE}"))?;
    let is_asked = file.is_none() && host.variable(VARIABLE).is_none();
    if is_asked && asked(host, "Once more: ")?.as_ref() != Some(&first) {
        return Err("--encrypt: the two passphrases differ; nothing was written".to_owned());
    }
    Ok(first)
}

/// The passphrase of a file, without line ends behind it, of the environment, or of whoever is asked.
fn passphrase(host: &dyn Host, file: Option<&str>, ask: &str) -> Result<Option<String>, String> {
    let text = match file {
        Some(path) => {
            if host.is_open_to_others(path) {
                host.err(&format!("waft: warning: {path}: others than its owner can read this passphrase: chmod 600"));
            }
            Some(input::text(host, path)?)
        }
        None => match host.variable(VARIABLE) {
            Some(text) => Some(text),
            None => asked(host, ask)?,
        },
    };
    let text = text.map(|text| text.trim_end_matches(['\n', '\r']).to_owned());
    match text {
        Some(text) if text.is_empty() => Err("the passphrase is empty".to_owned()),
        // OpenSSL would take the first line, and not open the key.
        Some(text) if text.contains('\n') => Err("the passphrase has several lines: write one".to_owned()),
        text => Ok(text),
    }
}

fn asked(host: &dyn Host, question: &str) -> Result<Option<String>, String> {
    host.ask(question).map_err(|error| format!("the passphrase was not asked for: {error}"))
}
