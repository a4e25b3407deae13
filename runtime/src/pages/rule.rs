//! Where the next page begins, decided from the last one; nothing here knows what an item is.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// How an API tells its pages apart, and where we are.
pub(super) enum Rule {
    /// By the number of items before it.
    Offset {
        at: i64,
        limit: Option<i64>,
        same: Same,
    },
    /// By its number; `pages` of an answer says how many there are from the first one on.
    Number { first: i64, at: i64 },
    /// By a token in the URL that the last page names.
    Link {
        parameter: &'static str,
        tokens: Tokens,
    },
}

/// How often in a row the same answer came.
#[derive(Default)]
pub(super) struct Same {
    hash: u64,
    times: u32,
}

/// The token of the next page, and what is needed to see a server that leads in a circle, in constant memory.
#[derive(Default)]
pub(super) struct Tokens {
    next: Option<String>,
    /// Brent's algorithm: a token of before, which is replaced after 1, 2, 4, … steps.
    anchor: Option<String>,
    steps: u64,
}

/// What an answer says, beside its items.
pub(super) struct Said<'a> {
    pub(super) items: usize,
    pub(super) body: &'a [u8],
    pub(super) page: Option<i64>,
    pub(super) pages: i64,
    pub(super) next: Option<&'a str>,
}

/// Whether a page follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Following {
    Page,
    Nothing,
}

/// A list that changes while it is read can answer two offsets alike, and a short page more often than a long one; a
/// server that passes over the offset answers all of them alike.
const MOST_SAME: u32 = 8;

impl Rule {
    /// The offset or the number of the next page.
    pub(super) fn position(&self) -> i64 {
        match self {
            Self::Offset { at, .. } | Self::Number { at, .. } => *at,
            Self::Link { .. } => 0,
        }
    }

    /// The token of the next page; the first page has none.
    pub(super) fn token(&self) -> Option<&str> {
        match self {
            Self::Link { tokens, .. } => tokens.next.as_deref(),
            _ => None,
        }
    }

    /// Goes on to the next page. The error says why an answer leads nowhere.
    pub(super) fn after(&mut self, said: &Said<'_>) -> Result<Following, String> {
        match self {
            Self::Offset { at, limit, same } => offset(at, *limit, same, said),
            Self::Number { first, at } => number(*first, at, said),
            Self::Link { parameter, tokens } => link(parameter, tokens, said),
        }
    }
}

/// The last page is empty, or shorter than what was asked for. Without a limit only the server knows how long a page is.
fn offset(
    at: &mut i64,
    limit: Option<i64>,
    same: &mut Same,
    said: &Said<'_>,
) -> Result<Following, String> {
    let items = i64::try_from(said.items).unwrap_or(i64::MAX);
    if items == 0 || limit.is_some_and(|limit| items < limit) {
        return Ok(Following::Nothing);
    }
    if same.came(said.body) >= MOST_SAME {
        return Err(format!(
            "the same page came {MOST_SAME} times: the server passes over the offset"
        ));
    }
    *at = at
        .checked_add(items)
        .ok_or("the next page's offset is too large a number")?;
    Ok(Following::Page)
}

fn number(first: i64, at: &mut i64, said: &Said<'_>) -> Result<Following, String> {
    if let Some(page) = said.page.filter(|page| page != at) {
        return Err(format!("page {at} was asked for, page {page} came"));
    }
    let read = at.saturating_sub(first).saturating_add(1);
    if said.items == 0 || read >= said.pages {
        return Ok(Following::Nothing);
    }
    *at = at
        .checked_add(1)
        .ok_or("the next page's number is too large")?;
    Ok(Following::Page)
}

/// Only the token is taken from the URL: wherever its host is, the client stays with its own.
fn link(parameter: &str, tokens: &mut Tokens, said: &Said<'_>) -> Result<Following, String> {
    let Some(next) = said.next else {
        return Ok(Following::Nothing);
    };
    if said.items == 0 {
        return Err("a page without items leads on to another one".to_owned());
    }
    let (_, query) = next.split_once('?').unwrap_or_default();
    let query = query.split('#').next().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let token = pairs
        .find(|(name, token)| name == parameter && !token.is_empty())
        .ok_or_else(|| format!("the next page's URL has no `{parameter}`"))?;
    tokens.advance(token.1.into_owned())?;
    Ok(Following::Page)
}

impl Same {
    /// How often this answer came in a row.
    fn came(&mut self, body: &[u8]) -> u32 {
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        let hash = hasher.finish();
        self.times = if self.times > 0 && self.hash == hash {
            self.times.saturating_add(1)
        } else {
            1
        };
        self.hash = hash;
        self.times
    }
}

impl Tokens {
    fn advance(&mut self, token: String) -> Result<(), String> {
        let token = Some(token);
        if token == self.next || token == self.anchor {
            return Err("the next page is one that came before".to_owned());
        }
        self.steps = self.steps.saturating_add(1);
        if self.steps.is_power_of_two() {
            self.anchor.clone_from(&token);
        }
        self.next = token;
        Ok(())
    }
}
