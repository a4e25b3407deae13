//! What is fixed about an operation.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::OnceLock;

use http::Method;

/// What is fixed about an operation of an API: its name, method, path template and tag.
#[derive(Debug)]
pub struct Operation {
    name: &'static str,
    method: Verb,
    path: &'static str,
    tag: &'static str,
    marked_repeatable: bool,
    asks: Option<&'static [&'static [Credential]]>,
}

/// A method; of those that `http` has no constant for, the text, and what comes of it.
#[derive(Debug)]
enum Verb {
    Known(Method),
    Other(&'static str, OnceLock<Method>),
}

/// What an operation may ask for of those who call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// A user and a password.
    Basic,
    /// A token, also one that is provided.
    Bearer,
    /// A key in the header of this name.
    Header(&'static str),
    /// A key in the query, by this name.
    Query(&'static str),
    /// A key among the cookies, by this name.
    Cookie(&'static str),
}

/// An [`Operation`] with the type of its answer. It is used like the operation itself, which it leads to.
///
/// A [`Call`](crate::Call) of it reads the answer; its type is told here for those who write one, such as a double of
/// the server.
pub struct TypedOperation<T> {
    operation: Operation,
    form: AnswerForm,
    answer: PhantomData<fn() -> T>,
}

/// How an answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerForm {
    /// As JSON.
    Json,
    /// As text in UTF-8.
    Text,
    /// As bytes of any kind.
    Bytes,
    /// Not at all: there is no body, or it is passed over.
    Nothing,
}

impl Operation {
    /// Describes an operation; `path` is a template such as `/flows/{id}`.
    #[must_use]
    pub const fn new(
        name: &'static str,
        method: Method,
        path: &'static str,
        tag: &'static str,
    ) -> Self {
        Self::sent_by(name, Verb::Known(method), path, tag)
    }

    /// As [`new`](Self::new), for a method that [`Method`] has no constant for, such as `QUERY`.
    ///
    /// # Panics
    /// Where a method can't be written so; in a `static`, that is an error of the compiler.
    #[must_use]
    pub const fn with_method(
        name: &'static str,
        method: &'static str,
        path: &'static str,
        tag: &'static str,
    ) -> Self {
        assert!(is_token(method), "a method is letters without a space");
        Self::sent_by(name, Verb::Other(method, OnceLock::new()), path, tag)
    }

    const fn sent_by(
        name: &'static str,
        method: Verb,
        path: &'static str,
        tag: &'static str,
    ) -> Self {
        Self {
            name,
            method,
            path,
            tag,
            marked_repeatable: false,
            asks: None,
        }
    }

    /// Says which credentials it asks for: all of one list. Of those that a client has, only these are sent; where the client
    /// has no list as a whole, those of all lists. Where nothing is said, all are sent.
    #[must_use]
    pub const fn asking(mut self, any: &'static [&'static [Credential]]) -> Self {
        self.asks = Some(any);
        self
    }

    /// Says that sending it twice does no more than sending it once, although its method promises nothing.
    #[must_use]
    pub const fn repeatable(mut self) -> Self {
        self.marked_repeatable = true;
        self
    }

    /// Says what its answer is, and how it travels.
    #[must_use]
    pub const fn answering<T>(self, form: AnswerForm) -> TypedOperation<T> {
        TypedOperation {
            operation: self,
            form,
            answer: PhantomData,
        }
    }

    /// Whether sending it twice does no more than sending it once: by its method (GET, HEAD, OPTIONS, PUT, DELETE,
    /// TRACE, QUERY), or because it was marked so. The second answer may differ, as that of a DELETE does.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        let method = self.method();
        self.marked_repeatable || method.is_idempotent() || method.as_str() == "QUERY"
    }

    /// The credentials that it asks for, where that is known: all of one list.
    #[must_use]
    pub const fn asks(&self) -> Option<&'static [&'static [Credential]]> {
        self.asks
    }

    /// The name of the operation, as the client's method has it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(&self) -> &Method {
        match &self.method {
            Verb::Known(method) => method,
            // It was looked at before.
            Verb::Other(text, made) => made.get_or_init(|| text.parse().unwrap_or_default()),
        }
    }

    /// The path template.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The tag under which the API groups the operation.
    #[must_use]
    pub const fn tag(&self) -> &'static str {
        self.tag
    }
}

/// What RFC 9110 lets a method be.
const fn is_token(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        let is_letter = bytes[index].is_ascii_alphanumeric()
            || matches!(
                bytes[index],
                b'!' | b'#'
                    | b'$'
                    | b'%'
                    | b'&'
                    | b'\''
                    | b'*'
                    | b'+'
                    | b'-'
                    | b'.'
                    | b'^'
                    | b'_'
                    | b'`'
                    | b'|'
                    | b'~'
            );
        if !is_letter {
            return false;
        }
        index += 1;
    }
    index > 0
}

impl<T> TypedOperation<T> {
    /// The operation without the type of its answer, so that those of several types can stand in one list.
    #[must_use]
    pub const fn untyped(&self) -> &Operation {
        &self.operation
    }

    /// How the answer travels.
    #[must_use]
    pub const fn form(&self) -> AnswerForm {
        self.form
    }
}

impl<T> Deref for TypedOperation<T> {
    type Target = Operation;

    fn deref(&self) -> &Operation {
        &self.operation
    }
}

impl<T> fmt::Debug for TypedOperation<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedOperation")
            .field("operation", &self.operation)
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_sent_twice_is_known_by_its_method_or_marked() {
        let of = |method| Operation::new("o", method, "/o", "O");
        for method in [
            Method::GET,
            Method::HEAD,
            Method::OPTIONS,
            Method::PUT,
            Method::DELETE,
            Method::TRACE,
        ] {
            assert!(of(method.clone()).is_repeatable(), "{method}");
        }
        let other = |method| Operation::with_method("o", method, "/o", "O");
        assert!(other("QUERY").is_repeatable());
        assert!(!other("COPY").is_repeatable());
        assert_eq!(other("purge").method().as_str(), "purge");
        for text in ["", "A B", "A\r\n", "\u{e4}"] {
            assert!(!is_token(text), "{text}");
        }
        for method in [Method::POST, Method::PATCH, Method::CONNECT] {
            assert!(!of(method.clone()).is_repeatable(), "{method}");
            assert!(of(method.clone()).repeatable().is_repeatable(), "{method}");
        }
    }
}
