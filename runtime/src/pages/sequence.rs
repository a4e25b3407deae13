//! The calls that read one page after the other, without any I/O: both faces do what it says.

use std::fmt;

use super::rule::{Following, Rule, Said, Same, Tokens};
use crate::call::{Answer, Call, Error, Operation, ReadError};

/// The calls of an operation's pages, each made from the answer to the one before. It ends after the last page and
/// after an error.
pub struct Sequence<T> {
    operation: &'static Operation,
    rule: Rule,
    build: Build<T>,
    state: State<T>,
}

/// An answer whose pages have numbers.
#[derive(Clone, Debug)]
pub struct Numbered<T> {
    /// The items of the page.
    pub items: Vec<T>,
    /// Its number, where the answer says it.
    pub page: Option<i64>,
    /// How many pages there are.
    pub pages: i64,
}

/// An answer that names the next page.
#[derive(Clone, Debug)]
pub struct Linked<T> {
    /// The items of the page.
    pub items: Vec<T>,
    /// The URL of the next page; the last page has none.
    pub next: Option<String>,
}

type Build<T> = Box<dyn FnMut(&Rule) -> Turn<T> + Send>;

/// One page's call. It is sent as one that gives the whole answer, so that a face has code for one type only.
struct Turn<T> {
    call: Call<Answer>,
    read: ReadPage<T>,
}

type ReadPage<T> = Box<dyn FnOnce(Answer) -> Result<Page<T>, Error> + Send>;

struct Page<T> {
    items: Vec<T>,
    number: Option<i64>,
    pages: i64,
    next: Option<String>,
}

enum State<T> {
    Ready(Turn<T>),
    Asked(ReadPage<T>),
    Over,
}

impl<T: 'static> Sequence<T> {
    /// Pages that begin at an offset: `build` makes the call for one. They end at an empty page or, where a limit is
    /// asked for, at one that is shorter. A server that answers the same to every offset is an error.
    pub fn offset(
        start: i64,
        limit: Option<i64>,
        mut build: impl FnMut(i64) -> Call<Vec<T>> + Send + 'static,
    ) -> Self {
        let rule = Rule::Offset {
            at: start,
            limit,
            same: Same::default(),
        };
        Self::new(rule, move |rule| turn(build(rule.position()), Page::plain))
    }

    /// Pages that have numbers: `first` is the API's first one, `build` makes the call for one. They end where the
    /// answers say that there are no more, or at an empty page. An answer of another number is an error.
    pub fn number<A: 'static>(
        first: i64,
        start: Option<i64>,
        mut build: impl FnMut(i64) -> Call<A> + Send + 'static,
        read: fn(A) -> Numbered<T>,
    ) -> Self {
        let at = start.unwrap_or(first);
        Self::new(Rule::Number { first, at }, move |rule| {
            turn(build(rule.position()), move |answer| {
                Page::numbered(read(answer))
            })
        })
    }

    /// Pages that name the next one by a URL: `build` makes the call for the first page, or for the one of a token,
    /// which is what `parameter` has in the URL's query. They end at the page that names none. A URL without a
    /// token, one that was there before, and a page without items that names a next one are errors.
    pub fn link<A: 'static>(
        parameter: &'static str,
        mut build: impl FnMut(Option<&str>) -> Call<A> + Send + 'static,
        read: fn(A) -> Linked<T>,
    ) -> Self {
        let tokens = Tokens::default();
        Self::new(Rule::Link { parameter, tokens }, move |rule| {
            turn(build(rule.token()), move |answer| {
                Page::linked(read(answer))
            })
        })
    }

    fn new(rule: Rule, mut build: impl FnMut(&Rule) -> Turn<T> + Send + 'static) -> Self {
        let first = build(&rule);
        Self {
            operation: first.call.operation(),
            rule,
            build: Box::new(build),
            state: State::Ready(first),
        }
    }
}

impl<T> Sequence<T> {
    /// The operation of the first page.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The call for the next page, whose outcome goes to [`Sequence::answered`]; `None` after the last one.
    pub fn call(&mut self) -> Option<Call<Answer>> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Ready(turn) => {
                self.state = State::Asked(turn.read);
                Some(turn.call)
            }
            State::Asked(_) | State::Over => None,
        }
    }

    /// The items of the page that came. `None`: there are no more. An error is the last thing that comes.
    pub fn answered(&mut self, answer: Result<Answer, Error>) -> Option<Result<Vec<T>, Error>> {
        let State::Asked(read) = std::mem::replace(&mut self.state, State::Over) else {
            return None;
        };
        let page = answer.and_then(|answer| self.go_on(read, answer));
        page.map(|items| (!items.is_empty()).then_some(items))
            .transpose()
    }

    fn go_on(&mut self, read: ReadPage<T>, answer: Answer) -> Result<Vec<T>, Error> {
        let page = read(answer.clone())?;
        let said = Said {
            items: page.items.len(),
            body: answer.body(),
            page: page.number,
            pages: page.pages,
            next: page.next.as_deref(),
        };
        match self.rule.after(&said) {
            Ok(Following::Page) => self.state = State::Ready((self.build)(&self.rule)),
            Ok(Following::Nothing) => {}
            Err(words) => {
                let error = ReadError::without_source(format!("no page can follow: {words}"));
                return Err(Error::decode(self.operation, answer, error));
            }
        }
        Ok(page.items)
    }
}

impl<T> fmt::Debug for Sequence<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sequence")
            .field("operation", &self.operation.name())
            .finish_non_exhaustive()
    }
}

impl<T> Page<T> {
    fn plain(items: Vec<T>) -> Self {
        Self {
            items,
            number: None,
            pages: 0,
            next: None,
        }
    }

    fn numbered(answer: Numbered<T>) -> Self {
        Self {
            number: answer.page,
            pages: answer.pages,
            ..Self::plain(answer.items)
        }
    }

    fn linked(answer: Linked<T>) -> Self {
        Self {
            next: answer.next,
            ..Self::plain(answer.items)
        }
    }
}

fn turn<A: 'static, T>(call: Call<A>, page: impl FnOnce(A) -> Page<T> + Send + 'static) -> Turn<T> {
    let operation = call.operation();
    let (request, reader) = call.into_parts();
    Turn {
        call: Call::new(operation, request, |answer| Ok(answer.clone())),
        read: Box::new(move |answer| reader.read(answer).map(page)),
    }
}

#[cfg(test)]
mod tests;
