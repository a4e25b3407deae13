//! What hooks are called in the logs of a run. No I/O.

use std::any::type_name;
use std::panic::Location;

/// A function by its name; what has none, such as a closure, by where it was added.
pub(super) fn name_of<F>(place: &Location<'_>) -> String {
    let name = function_name(type_name::<F>()).map(str::to_owned);
    name.unwrap_or_else(|| format!("closure at {}:{}", place.file(), place.line()))
}

/// The last part of a function's path. Other types have another form: only functions are called without being kept in something.
fn function_name(type_name: &str) -> Option<&str> {
    const OTHERS: [&str; 6] = [
        "fn(",
        "for<",
        "unsafe ",
        "extern ",
        "dyn ",
        "alloc::boxed::",
    ];
    let path = type_name.trim_start_matches('&');
    if OTHERS.iter().any(|other| path.starts_with(other)) {
        return None;
    }
    let (_, name) = without_generics(path).rsplit_once("::")?;
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (!name.is_empty() && is_name(name)).then_some(name)
}

fn without_generics(path: &str) -> &str {
    if !path.ends_with('>') {
        return path;
    }
    let mut depth = 0_usize;
    for (place, byte) in path.bytes().enumerate().rev() {
        match byte {
            // That of `->` closes nothing.
            b'>' if !path[..place].ends_with('-') => depth += 1,
            b'<' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return path[..place].trim_end_matches("::");
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(_: u32) {}

    fn tell_any<T>(_: T) {}

    struct Telling;

    impl Telling {
        fn tells(_: u32) {}
    }

    fn named<F: Fn(u32)>(_: F) -> String {
        name_of::<F>(Location::caller())
    }

    #[test]
    fn a_function_has_its_name_and_a_closure_its_place() {
        assert_eq!(named(tell), "tell");
        assert_eq!(named(tell_any::<u32>), "tell_any");
        assert_eq!(named(Telling::tells), "tells");
        let pointer: fn(u32) = tell;
        let boxed: Box<dyn Fn(u32)> = Box::new(tell);
        for placed in [named(|_| ()), named(pointer), named(boxed)] {
            let (file, line) = placed.rsplit_once(':').unwrap();
            assert!(
                file.starts_with("closure at ") && file.ends_with("hook_name.rs"),
                "{placed}"
            );
            assert!(line.parse::<u32>().is_ok(), "{placed}");
        }
    }

    #[test]
    fn generics_are_no_part_of_a_name() {
        let names = [
            ("a::b::call", Some("call")),
            ("&a::call", Some("call")),
            ("a::call<alloc::vec::Vec<u8>, fn(u8) -> u8>", Some("call")),
            ("<a::T as b::Tell<u8>>::tell", Some("tell")),
            ("a::call::{{closure}}", None),
            ("fn(u8) -> core::result::Result<(), a::Error>", None),
            ("call", None),
            (">", None),
        ];
        for (path, name) in names {
            assert_eq!(function_name(path), name, "{path}");
        }
    }
}
