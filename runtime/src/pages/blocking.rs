//! Pages that are read by blocking calls: an iterator.

use std::iter::FusedIterator;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use super::Sequence;
use super::reading::{ByPage, Caller, Outcome, Pages, Sender, State, stopped};
use crate::blocking::Client;
use crate::call::{Error, Operation};

impl Sender for Client {
    type Underway<T> = Ahead<T>;
}

impl Caller for Client {
    type Sender = Self;

    fn sender(&self) -> &Self {
        self
    }
}

/// A thread that reads ahead. It is never waited for: it ends when it can't give its page to anybody.
pub struct Ahead<T> {
    operation: &'static Operation,
    pages: Receiver<Outcome<T>>,
}

impl<C: Caller<Sender = Client>, T: Send + 'static> Pages<C, T> {
    /// The next page; `None` after the last one.
    ///
    /// # Errors
    ///
    /// As the operation's method; also when a page names a next one that leads nowhere. It is the last thing that comes.
    #[track_caller]
    pub fn next_page(&mut self) -> Option<Result<Vec<T>, Error>> {
        if let Some(rest) = self.rest() {
            return Some(Ok(rest));
        }
        match std::mem::replace(&mut self.state, State::Over) {
            State::Ready(sequence) if self.reads_ahead => {
                let client = self.face.sender();
                let may_wait = client.check_context(sequence.operation());
                match may_wait.and_then(|()| start(client.clone(), sequence)) {
                    Ok(ahead) => self.receive(ahead),
                    Err(error) => Some(Err(error)),
                }
            }
            State::Ready(mut sequence) => {
                let page = read(self.face.sender(), &mut sequence);
                if let Some(Ok(_)) = page {
                    self.state = State::Ready(sequence);
                }
                page
            }
            State::Underway(ahead) => match self.face.sender().check_context(ahead.operation) {
                Ok(()) => self.receive(ahead),
                Err(error) => Some(Err(error)),
            },
            State::Over => None,
        }
    }

    fn receive(&mut self, ahead: Ahead<T>) -> Outcome<T> {
        match ahead.pages.recv() {
            Ok(page) => {
                if let Some(Ok(_)) = page {
                    self.state = State::Underway(ahead);
                }
                page
            }
            Err(error) => Some(Err(stopped(ahead.operation, error))),
        }
    }
}

impl<C: Caller<Sender = Client>, T: Send + 'static> Iterator for Pages<C, T> {
    type Item = Result<T, Error>;

    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some(item) = self.items.next() {
            return Some(Ok(item));
        }
        match self.next_page()? {
            Ok(page) => {
                self.items = page.into_iter();
                self.items.next().map(Ok)
            }
            Err(error) => Some(Err(error)),
        }
    }
}

impl<C: Caller<Sender = Client>, T: Send + 'static> FusedIterator for Pages<C, T> {}

impl<C: Caller<Sender = Client>, T: Send + 'static> Iterator for ByPage<C, T> {
    type Item = Result<Vec<T>, Error>;

    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_page()
    }
}

impl<C: Caller<Sender = Client>, T: Send + 'static> FusedIterator for ByPage<C, T> {}

#[track_caller]
fn read<T>(client: &Client, sequence: &mut Sequence<T>) -> Outcome<T> {
    let call = sequence.call()?;
    sequence.answered(client.execute(call))
}

/// Starts the thread. The channel holds nothing, so that it reads one page ahead and no more.
fn start<T: Send + 'static>(
    client: Client,
    mut sequence: Box<Sequence<T>>,
) -> Result<Ahead<T>, Error> {
    let operation = sequence.operation();
    let (sender, pages) = sync_channel(0);
    let reading = move || {
        loop {
            let page = read(&client, &mut sequence);
            let goes_on = matches!(page, Some(Ok(_)));
            if sender.send(page).is_err() || !goes_on {
                return;
            }
        }
    };
    let thread = thread::Builder::new().name("pages ahead".to_owned());
    match thread.spawn(reading) {
        Ok(_) => Ok(Ahead { operation, pages }),
        Err(error) => {
            let text = "the thread that reads ahead can't be started";
            Err(Error::request_source(operation, text, error))
        }
    }
}

#[cfg(test)]
mod tests;
