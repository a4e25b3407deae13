//! Templates of paths and addresses: texts, with names in braces between them.

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    /// What stands there as it is.
    Text(&'t str),
    /// What is put in, by its name.
    Name(&'t str),
}

/// The pieces in their order. A name has no braces in it: one that is not closed, or that nothing opened, is text.
pub(crate) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut rest, mut opened) = (0, None);
    for (at, byte) in template.bytes().enumerate() {
        match (byte, opened) {
            (b'{', _) => opened = Some(at),
            (b'}', Some(start)) => {
                if rest < start {
                    pieces.push(Piece::Text(&template[rest..start]));
                }
                pieces.push(Piece::Name(&template[start + 1..at]));
                (rest, opened) = (at + 1, None);
            }
            _ => {}
        }
    }
    if rest < template.len() {
        pieces.push(Piece::Text(&template[rest..]));
    }
    pieces
}

/// The names in braces, in their order.
pub(crate) fn names(template: &str) -> impl Iterator<Item = &str> {
    let names = pieces(template).into_iter();
    names.filter_map(|piece| match piece {
        Piece::Name(name) => Some(name),
        Piece::Text(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::Piece::{Name, Text};
    use super::{names, pieces};

    #[test]
    fn texts_and_names_take_turns() {
        assert_eq!(
            pieces("/a/{b}{c}.d"),
            [Text("/a/"), Name("b"), Name("c"), Text(".d")]
        );
        assert_eq!(pieces("{二}"), [Name("二")]);
        assert_eq!(pieces(""), []);
        assert_eq!(names("/{a}/{b}-{a}").collect::<Vec<_>>(), ["a", "b", "a"]);
    }

    #[test]
    fn a_brace_alone_is_text() {
        assert_eq!(pieces("/{a{b}"), [Text("/{a"), Name("b")]);
        assert_eq!(pieces("/a}{b}}"), [Text("/a}"), Name("b"), Text("}")]);
        assert_eq!(pieces("/{a"), [Text("/{a")]);
        assert_eq!(pieces("{}"), [Name("")]);
    }
}
