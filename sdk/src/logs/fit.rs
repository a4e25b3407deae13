//! Logs as large as the server takes them.

use prefect_client::models::LogCreate;

use crate::Error;

const TRUNCATED: &str = "... [truncated]";

/// The log, and how large it is as JSON. Where that is more than the limit, its message is cut to what fits; where even
/// that is not enough, its name.
pub(super) fn fit(mut log: LogCreate, limit: usize) -> Result<(LogCreate, usize), Error> {
    let bytes = size(&log)?;
    if bytes <= limit {
        return Ok((log, bytes));
    }
    let others = bytes - text_size(&log.message);
    cut(&mut log.message, limit.saturating_sub(others));
    let others = size(&log)? - text_size(&log.name);
    if others + text_size(&log.name) > limit {
        cut(&mut log.name, limit.saturating_sub(others));
    }
    let bytes = size(&log)?;
    Ok((log, bytes))
}

/// Keeps as many characters as fit into so many bytes of JSON, and says that it is cut.
fn cut(text: &mut String, room: usize) {
    let mut left = room.saturating_sub(TRUNCATED.len());
    let end = text.char_indices().find_map(|(at, c)| {
        let fits = left.checked_sub(char_size(c));
        left = fits.unwrap_or_default();
        fits.is_none().then_some(at)
    });
    text.truncate(end.unwrap_or(text.len()));
    text.push_str(TRUNCATED);
}

fn text_size(text: &str) -> usize {
    text.chars().map(char_size).sum()
}

/// How many bytes of JSON a character takes.
fn char_size(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}

fn size(log: &LogCreate) -> Result<usize, Error> {
    let text = serde_json::to_vec(log);
    let text = text.map_err(|error| Error::invalid(format!("a log can't be written: {error}")))?;
    Ok(text.len())
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;

    fn log(message: &str) -> LogCreate {
        LogCreate::new("prefect.flow_runs", 20, message, Utc::now())
    }

    #[test]
    fn each_character_takes_as_much_as_it_is_written_with() {
        for c in ('\0'..='\u{2ff}').chain(['\u{2028}', '\u{fffd}', '\u{1f600}', '\u{10ffff}']) {
            let written = serde_json::to_string(&c).unwrap().len() - 2;
            assert_eq!(char_size(c), written, "{c:?}");
        }
    }

    #[test]
    fn as_much_is_kept_as_fits_whatever_it_is_written_with() {
        for part in [
            "x",
            "\"",
            "\\",
            "\n",
            "\0",
            "\u{1b}",
            "ü",
            "\u{1f600}",
            "\"ü\0x",
        ] {
            let (cut, bytes) = fit(log(&part.repeat(1_200_000 / part.len())), 100_000).unwrap();
            assert_eq!(bytes, serde_json::to_string(&cut).unwrap().len());
            assert!(
                (100_000 - 6..=100_000).contains(&bytes),
                "{part:?}: {bytes}"
            );
            let kept = cut.message.strip_suffix(TRUNCATED).expect("it says so");
            assert!(!kept.is_empty() && part.repeat(kept.len()).starts_with(kept));
        }
    }

    #[test]
    fn what_fits_is_left_alone_and_a_name_is_cut_last() {
        let exactly = size(&log("hello")).unwrap();
        assert_eq!(fit(log("hello"), exactly).unwrap().0.message, "hello");
        let (cut, _) = fit(log("hello"), exactly - 1).unwrap();
        assert!(cut.message.ends_with(TRUNCATED));
        let named = LogCreate::new("n".repeat(2000), 20, "m", Utc::now());
        let (cut, bytes) = fit(named, 1000).unwrap();
        assert!(bytes <= 1000 && cut.name.ends_with(TRUNCATED), "{bytes}");
        // Nothing fits into no room, and nothing panics.
        fit(log("hello"), 0).unwrap();
    }
}
