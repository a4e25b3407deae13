//! What the server knows of a type of blocks beside its fields.

/// What the server knows of a type of blocks beside its fields: `#[derive(Block)]` says it.
///
/// ```
/// use prefect_sdk::blocks::BlockInfo;
///
/// const INFO: BlockInfo = BlockInfo::new("My Service", "my-service").capabilities(&["notify"]);
/// assert_eq!(INFO.version, "non-versioned");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockInfo {
    /// The name that people see.
    pub name: &'static str,
    /// What documents of this type are found by, together with their name.
    pub slug: &'static str,
    /// What it is for. Where this is `None`, it is what the docs of the struct begin with.
    pub description: Option<&'static str>,
    /// An image that the UI shows.
    pub logo_url: Option<&'static str>,
    /// Where it is documented.
    pub documentation_url: Option<&'static str>,
    /// Code that uses it, in Markdown, which the UI shows.
    pub code_example: Option<&'static str>,
    /// What blocks of this type can do, such as `read-path`: the UI offers those that can do what is needed.
    pub capabilities: &'static [&'static str],
    /// The version of the schema; `non-versioned` unless set. One schema is registered once for each version.
    pub version: &'static str,
    /// Whether the server brings the type, so that its own schema is used where it has one.
    pub predefined: bool,
}

impl BlockInfo {
    /// With a name and a slug, and nothing else.
    #[must_use]
    pub const fn new(name: &'static str, slug: &'static str) -> Self {
        Self {
            name,
            slug,
            description: None,
            logo_url: None,
            documentation_url: None,
            code_example: None,
            capabilities: &[],
            version: "non-versioned",
            predefined: false,
        }
    }

    /// Sets what it is for.
    #[must_use]
    pub const fn description(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// Sets the image that the UI shows.
    #[must_use]
    pub const fn logo_url(mut self, url: &'static str) -> Self {
        self.logo_url = Some(url);
        self
    }

    /// Sets where it is documented.
    #[must_use]
    pub const fn documentation_url(mut self, url: &'static str) -> Self {
        self.documentation_url = Some(url);
        self
    }

    /// Sets the code that uses it, in Markdown.
    #[must_use]
    pub const fn code_example(mut self, example: &'static str) -> Self {
        self.code_example = Some(example);
        self
    }

    /// Sets what blocks of this type can do.
    #[must_use]
    pub const fn capabilities(mut self, capabilities: &'static [&'static str]) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Sets the version of the schema.
    #[must_use]
    pub const fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    /// Sets whether the server brings the type.
    #[must_use]
    pub const fn predefined(mut self, predefined: bool) -> Self {
        self.predefined = predefined;
        self
    }
}
