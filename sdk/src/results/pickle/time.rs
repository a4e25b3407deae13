//! Dates and times as text in ISO 8601, as Python's `isoformat` has it.

use super::{PickleError, broken};

/// The fold, which tells an hour apart from the same an hour later, is a bit of the month.
const FOLD: u8 = 0x80;

/// From the four bytes of a `date`.
pub(super) fn date(bytes: &[u8]) -> Result<String, PickleError> {
    let &[century, year, month, day] = bytes else {
        return Err(broken("a date has not four bytes"));
    };
    let year = u16::from_be_bytes([century, year]);
    let month = month & !FOLD;
    Ok(format!("{year:04}-{month:02}-{day:02}"))
}

/// From the six bytes of a `time`.
pub(super) fn time(bytes: &[u8]) -> Result<String, PickleError> {
    let &[hour, minute, second, high, middle, low] = bytes else {
        return Err(broken("a time has not six bytes"));
    };
    let hour = hour & !FOLD;
    let micros = u32::from_be_bytes([0, high, middle, low]);
    let fraction = match micros {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    };
    Ok(format!("{hour:02}:{minute:02}:{second:02}{fraction}"))
}

/// From the ten bytes of a `datetime`.
pub(super) fn datetime(bytes: &[u8]) -> Result<String, PickleError> {
    match bytes.split_at_checked(4) {
        Some((day, rest)) => Ok(format!("{}T{}", date(day)?, time(rest)?)),
        None => Err(broken("a datetime has not ten bytes")),
    }
}

/// What follows a time, for an offset in seconds.
pub(super) fn offset(seconds: f64) -> Result<String, PickleError> {
    // Python allows less than a day, and fractions that nobody uses.
    if seconds.fract() != 0.0 || seconds.abs() >= 86_400.0 {
        return Err(broken("an offset is not one of whole seconds"));
    }
    #[allow(
        clippy::cast_possible_truncation,
        reason = "it is a whole number, and small"
    )]
    let whole = seconds as i32;
    let (sign, whole) = (if whole < 0 { '-' } else { '+' }, whole.abs());
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
    let seconds = if rest == 0 {
        String::new()
    } else {
        format!(":{rest:02}")
    };
    Ok(format!("{sign}{hours:02}:{minutes:02}{seconds}"))
}
