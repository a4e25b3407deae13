//! As much of DER as it takes to find what a certificate says it is for, and its name.

/// One value: its tag and what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
}

/// The values behind one another; `None` where the bytes are something else.
pub(super) fn values(mut bytes: &[u8]) -> Option<Vec<Value<'_>>> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let (value, rest) = first(bytes)?;
        values.push(value);
        bytes = rest;
    }
    Some(values)
}

/// The first value, and what stands behind it.
fn first(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let length = digits
                .iter()
                .fold(0, |length, digit| length << 8 | usize::from(*digit));
            (length, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((Value { tag, content }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_apart_or_refused() {
        let long = [&[0x04, 0x81, 0x80][..], &[7; 0x80], &[0x05, 0x00]].concat();
        let found = values(&long).unwrap();
        let lengths: Vec<_> = found.iter().map(|it| (it.tag, it.content.len())).collect();
        assert_eq!(lengths, [(4, 0x80), (5, 0)]);
        assert_eq!(values(&[]), Some(Vec::new()));
        let bad: [&[u8]; 6] = [
            &[4],
            &[4, 1],
            &[4, 0x80],
            &[4, 0x81],
            &[4, 0x85, 0, 0, 0, 0, 0],
            &[4, 0x84, 0xff, 0xff, 0xff, 0xff],
        ];
        for bytes in bad {
            assert_eq!(values(bytes), None, "{bytes:?}");
        }
    }
}
