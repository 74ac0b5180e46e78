//! Lists: ids as sorted fingerprints, in the table or in files of their own.

use waft::buckets::{Key, Purpose};
use waft::table::{LIST_IN_FILE, PRELOAD, Section};

use crate::compiler::{Compiler, words};
use waft_ruleset::order::sort_numbers;
use waft_ruleset::{INLINE_IDS, List, Named};

impl Compiler<'_> {
    /// Adds a list.
    pub(crate) fn list(&mut self, list: &Named<List>) {
        let (project, name) = (&self.ruleset.project, &list.name);
        let salt = list.item.salt.clone().unwrap_or_else(|| format!("{project}/{name}"));
        let key = Key::derive(Purpose::List, &[salt.as_bytes()]);
        let mut fingerprints: Vec<u64> = list.item.ids.iter().map(|id| key.fingerprint(id.as_bytes())).collect();
        sort_numbers(&mut fingerprints, &|one, other| one.cmp(&other));
        fingerprints.dedup();
        let bytes: Vec<u8> = fingerprints.iter().flat_map(|fingerprint| fingerprint.to_le_bytes()).collect();
        let (first, count) = if fingerprints.len() > INLINE_IDS {
            self.lists.push(bytes);
            let wait = if list.item.preload { PRELOAD } else { 0 };
            ((self.lists.len() as u32 - 1) | wait, LIST_IN_FILE)
        } else {
            (self.table.share(Section::Fingerprints, &bytes), fingerprints.len() as u32)
        };
        let written = list.item.salt.as_deref().map_or(0, |salt| self.table.text(salt));
        let name = self.table.text(name);
        self.table.push(Section::Lists, &words(&[name, written, first, count]));
    }
}
