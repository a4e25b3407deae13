//! Slugs, as Python's classes have them.

/// The slug of a name, as python-slugify makes it. `None` where the name has letters that are not ASCII, of which it has
/// tables.
pub(crate) fn slugify(name: &str) -> Option<String> {
    if !name.is_ascii() {
        return None;
    }
    let letters: Vec<char> = name.to_ascii_lowercase().chars().collect();
    let is_digit = |at: Option<&char>| at.is_some_and(char::is_ascii_digit);
    let mut slug = String::with_capacity(name.len());
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        if *letter == ',' && is_digit(before) && is_digit(letters.get(at + 1)) {
            // A comma in a number.
            continue;
        }
        if letter.is_ascii_alphanumeric() {
            slug.push(*letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    Some(slug.trim_end_matches('-').to_owned())
}

#[cfg(test)]
mod tests {
    use super::slugify;

    /// What python-slugify 8 answers.
    #[test]
    fn slugs_are_pythons() {
        let slugs = [
            ("H5 Simple", "h5-simple"),
            ("RedisStorageContainer", "redisstoragecontainer"),
            ("Bob's  Block!", "bob-s-block"),
            ("1,000 things, or 2", "1000-things-or-2"),
            ("a_b.c", "a-b-c"),
            ("  -x- ", "x"),
        ];
        for (name, slug) in slugs {
            assert_eq!(slugify(name).as_deref(), Some(slug));
        }
        assert_eq!(slugify("Größe"), None);
    }
}
