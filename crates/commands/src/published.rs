//! Where pages load a snapshot from: a file, a folder that was published to, or a URL.

use crate::host::Host;

/// The name of the live snapshot in a published folder.
pub(crate) const LIVE: &str = "snapshot.waft";

/// Whether it is on the web.
pub(crate) fn is_url(source: &str) -> bool {
    source.starts_with("https://") || source.starts_with("http://")
}

/// The file or URL that a place stands for: of a published folder, its live snapshot.
pub(crate) fn located(source: &str, host: &dyn Host) -> Result<String, String> {
    if is_url(source) {
        return Ok(if source.ends_with('/') { format!("{source}{LIVE}") } else { source.to_owned() });
    }
    if let Some((scheme, _)) = source.split_once("://") {
        return Err(format!("{scheme}://...: expected a file, a folder, or the http(s) URL that pages load"));
    }
    let live = format!("{}/{LIVE}", source.trim_end_matches('/'));
    if host.read_at_most(&live, 1).is_err() {
        return Ok(source.to_owned());
    }
    let is_rules = |name: &String| name.ends_with(".yaml") || name.ends_with(".yml");
    if host.list(source).is_ok_and(|listing| listing.files.iter().any(is_rules)) {
        return Err(format!(
            "{source}: has both rules and {LIVE}: name {live}, or move it out of the ruleset's folder"
        ));
    }
    Ok(live)
}

/// The bytes of a file or URL, or a message that names it.
pub(crate) fn bytes(host: &dyn Host, source: &str) -> Result<Vec<u8>, String> {
    let read = if is_url(source) { host.fetch(source) } else { host.read(source) };
    read.map_err(|error| format!("{source}: {error}"))
}
