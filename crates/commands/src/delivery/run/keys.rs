//! The keys that are on this machine.

use std::collections::BTreeMap;

use ed25519_compact::KeyPair;

use super::options::Options;
use crate::delivery::trusted::Trusted;
use crate::host::Host;
use crate::records::Signed;
use crate::secret;
use waft_compile::keys;

/// Keys, each with the roles of releases that the trust lists it in.
pub(super) struct Keys(Vec<(KeyPair, Vec<String>)>);

impl Keys {
    /// Reads all of them. One that counts for no release is an error: it was lost by the trust, or is another environment's.
    pub(super) fn read(options: &Options, host: &dyn Host, trusted: &Trusted) -> Result<Self, String> {
        let mut found = Vec::new();
        for path in &options.keys {
            let pair = secret::key_with(host, path, options.passphrase.as_deref())?;
            let roles = trusted.roles(&keys::kid(&pair.pk));
            if roles.is_empty() {
                return Err(format!(
                    "{path}: the trust lists this key in no role that signs releases: give a key that it lists, or add this one to it (`waft trust`)"
                ));
            }
            found.push((pair, roles));
        }
        Ok(Keys(found))
    }

    /// Signs an unsigned snapshot with each, in each of its roles.
    pub(super) fn sign(&self, trusted: &Trusted, snapshot: &[u8]) -> Result<Vec<Signed>, String> {
        let all = self.0.iter().flat_map(|(pair, roles)| roles.iter().map(move |role| (pair, role)));
        all.map(|(pair, role)| trusted.sign_as(pair, role, snapshot)).collect()
    }

    /// Whether nobody else has to sign.
    pub(super) fn suffice(&self, trusted: &Trusted, require: &BTreeMap<String, u64>) -> bool {
        let all =
            self.0.iter().flat_map(|(pair, roles)| roles.iter().map(move |role| trusted.unsigned(&pair.pk, role)));
        trusted.lacks(&all.collect::<Vec<_>>(), require).is_empty()
    }

    /// Whether all of them have signed.
    pub(super) fn have_signed(&self, signed: &[Signed]) -> bool {
        let has = |pair: &KeyPair| {
            let kid = keys::to_text(&keys::kid(&pair.pk));
            signed.iter().any(|signed| signed.key == kid)
        };
        self.0.iter().all(|(pair, _)| has(pair))
    }
}
