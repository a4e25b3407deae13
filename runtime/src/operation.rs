//! What is fixed about an operation.

use http::Method;

/// What is fixed about an operation of an API: its name, method, path template and tag.
#[derive(Debug)]
pub struct Operation {
    name: &'static str,
    method: Method,
    path: &'static str,
    tag: &'static str,
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
        Self {
            name,
            method,
            path,
            tag,
        }
    }

    /// The name of the operation, as the client's method has it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The HTTP method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
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
