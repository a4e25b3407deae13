//! What somebody else says, as it may be shown.

/// As much of it is shown.
const LONGEST: usize = 300;
/// A shorter text among the settings is a flag or a number rather than a secret.
const SHORTEST_SECRET: usize = 4;

/// Without secrets and control characters, and not longer than a line or two.
pub(crate) fn redacted(secrets: &[String], said: &str) -> String {
    let mut text = said.replace(|letter: char| letter.is_control(), " ");
    let mut secrets: Vec<_> = secrets.iter().collect();
    secrets.retain(|one| one.len() >= SHORTEST_SECRET);
    // A password may begin with the name of whose it is.
    secrets.sort_by_key(|one| std::cmp::Reverse(one.len()));
    for secret in secrets {
        text = text.replace(secret.as_str(), "***");
    }
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}
