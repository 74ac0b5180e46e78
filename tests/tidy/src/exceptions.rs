//! Lists of exceptions, each with its reason.

/// Fails for everything found that no exception names, and for every exception that nothing needs any more. Of both, the first
/// text is the key: what is found where, without a line number.
pub fn hold(found: &[(String, String)], exceptions: &[(&str, &str)]) {
    let mut wrong: Vec<String> = found
        .iter()
        .filter(|(key, _)| !exceptions.iter().any(|(exception, _)| exception == key))
        .map(|(key, what)| format!("{key}: {what}"))
        .collect();
    for (exception, reason) in exceptions {
        assert!(!reason.is_empty(), "{exception}: an exception needs a reason");
        if !found.iter().any(|(key, _)| key == exception) {
            wrong.push(format!("{exception}: this exception is needed no longer: remove it"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
