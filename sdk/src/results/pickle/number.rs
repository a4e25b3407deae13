//! Integers of any size, as decimal digits.

use super::{PickleError, broken};

/// Python prints no integer that is longer.
const LONGEST: usize = 4300;
const BILLION: u64 = 1_000_000_000;

/// From digits.
pub(super) fn long_text(text: &str) -> Result<String, PickleError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || digits.len() > LONGEST {
        return Err(broken("an integer is none, or too long"));
    }
    Ok(text.to_owned())
}

/// From bytes, the lowest first, in two's complement.
pub(super) fn long(bytes: &[u8]) -> Result<String, PickleError> {
    // Each byte is more than two digits.
    if bytes.len() > LONGEST / 2 {
        return Err(broken(format!("an integer of {} bytes", bytes.len())));
    }
    let is_negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut magnitude = bytes.to_vec();
    if is_negative {
        negate(&mut magnitude);
    }
    let digits = decimal(&magnitude);
    let sign = if is_negative { "-" } else { "" };
    Ok(format!("{sign}{digits}"))
}

fn negate(bytes: &mut [u8]) {
    let mut carry = true;
    for byte in bytes {
        (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
    }
}

fn decimal(bytes: &[u8]) -> String {
    // In groups of nine digits, the lowest first.
    let mut groups: Vec<u64> = vec![0];
    for byte in bytes.iter().rev() {
        let mut carry = u64::from(*byte);
        for group in &mut groups {
            let value = *group * 256 + carry;
            (*group, carry) = (value % BILLION, value / BILLION);
        }
        if carry > 0 {
            groups.push(carry);
        }
    }
    let mut groups = groups.into_iter().rev();
    let first = groups.next().unwrap_or(0).to_string();
    groups.fold(first, |digits, group| format!("{digits}{group:09}"))
}
