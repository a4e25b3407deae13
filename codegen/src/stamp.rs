//! The stamp that says what `generated/` was made from. The root package's build script includes this file, so that
//! a plain build can tell a stale client without compiling the generator.

/// The stamp of a description and its choices, for a version of the generator.
#[must_use]
pub fn stamp(description: &str, choices: &str, version: &str) -> String {
    // FNV-1a is enough to tell whether somebody changed a file; nobody is kept from forging it.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in [description, choices, version] {
        for byte in part.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}\n")
}

#[cfg(test)]
mod tests {
    use super::stamp;

    #[test]
    fn the_stamp_depends_on_each_part() {
        assert_ne!(stamp("ab", "c", "1"), stamp("a", "bc", "1"));
        assert_ne!(stamp("a", "b", "1"), stamp("a", "b", "2"));
        assert_eq!(stamp("a", "b", "1"), stamp("a", "b", "1"));
    }
}
