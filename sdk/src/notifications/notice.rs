//! What people are told.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Error;

/// What is optional about a notice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotifyOptions {
    /// Its subject; none unless set.
    pub subject: Option<String>,
}

impl NotifyOptions {
    /// Without a subject.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the subject.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }
}

/// What kind of notice a service shows: the colour and picture, or how urgent it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum NotifyType {
    /// Something to know.
    #[default]
    Info,
    /// Something went well.
    Success,
    /// Something may go wrong.
    Warning,
    /// Something went wrong.
    Failure,
}

/// Where in the world a service is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Region {
    /// The United States.
    #[default]
    Us,
    /// Europe.
    Eu,
}

/// A text and its subject.
#[derive(Clone, Copy, Debug)]
pub struct Notice<'a> {
    given: &'a str,
    subject: Option<&'a str>,
}

/// How a service's messages say who sent them.
pub(super) const SENDER: &str = "Prefect Notifications";
/// The same, where Python's blocks do not tell Apprise.
pub(super) const APPRISE: &str = "Apprise";

impl<'a> Notice<'a> {
    /// A text, with what is optional about it.
    ///
    /// # Errors
    ///
    /// There is no text ([`Error::is_invalid`]).
    pub fn new(body: &'a str, options: &'a NotifyOptions) -> Result<Self, Error> {
        if body.trim().is_empty() {
            return Err(Error::invalid("the body of the notice is empty"));
        }
        Ok(Self {
            given: body,
            subject: options.subject.as_deref(),
        })
    }

    /// The text, without spaces and line breaks at its end.
    #[must_use]
    pub fn body(&self) -> &'a str {
        self.given.trim_end()
    }

    /// The text as it was given.
    #[must_use]
    pub fn body_as_given(&self) -> &'a str {
        self.given
    }

    /// The subject, without spaces and line breaks around it; `None` where nothing is left of it.
    #[must_use]
    pub fn subject(&self) -> Option<&'a str> {
        let subject = self.subject?.trim();
        (!subject.is_empty()).then_some(subject)
    }

    /// The subject as it was given.
    #[must_use]
    pub fn subject_as_given(&self) -> Option<&'a str> {
        self.subject
    }

    /// The subject and the text below it, for services that have one text only.
    #[must_use]
    pub fn whole(&self) -> String {
        match self.subject() {
            Some(subject) => format!("{subject}\r\n{}", self.body()),
            None => self.body().to_owned(),
        }
    }
}

impl NotifyType {
    /// The word that services know it by.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }

    pub(super) fn color(self) -> &'static str {
        match self {
            Self::Info => "#3AA3E3",
            Self::Success => "#3AA337",
            Self::Warning => "#CACF29",
            Self::Failure => "#A32037",
        }
    }

    /// The address of the picture, which is so many points wide and high.
    pub(super) fn image(self, size: u16) -> String {
        let name = self.as_str();
        format!(
            "https://github.com/caronc/apprise/raw/master/apprise/assets/themes/default/apprise-{name}-{size}x{size}.png"
        )
    }
}

/// Whether a text can be a part of an address as it is, such as a token of a service.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

/// The words in texts that hold several, apart by spaces and commas, each once and in order: channels, tags.
pub(super) fn words<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<&'a str> {
    let separator = |c: char| c.is_whitespace() || matches!(c, ',' | ';');
    let words = texts.into_iter().flat_map(|text| text.split(separator));
    let words: std::collections::BTreeSet<&str> = words.filter(|word| !word.is_empty()).collect();
    words.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_without_a_text_is_refused() {
        for body in ["", " \n\t"] {
            let error = Notice::new(body, &NotifyOptions::new()).unwrap_err();
            assert!(error.is_invalid());
        }
    }

    #[test]
    fn spaces_around_the_subject_and_behind_the_text_are_left_out() {
        let options = NotifyOptions::new().subject(" Import \n");
        let notice = Notice::new("  done \n", &options).unwrap();
        assert_eq!(notice.whole(), "Import\r\n  done");
        assert_eq!(notice.body_as_given(), "  done \n");
        let options = NotifyOptions::new().subject("  ");
        let notice = Notice::new("done", &options).unwrap();
        assert_eq!((notice.subject(), notice.whole().as_str()), (None, "done"));
    }
}
