//! A way to the server on which all connections are cut every so often.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use super::door::Door;

/// Passes connections on, for as long as this is there.
pub(super) struct Cut {
    door: Door,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    open: Mutex<Vec<TcpStream>>,
    cuts: AtomicUsize,
}

impl Cut {
    pub(super) fn every(interval: Duration, server: SocketAddr) -> Result<Self> {
        let shared = Arc::<Shared>::default();
        let of_door = Arc::clone(&shared);
        let door = Door::open(move |client| {
            if let Ok(server) = TcpStream::connect(server) {
                // One that breaks is what this is about.
                drop(of_door.pass(client, server));
            }
        })?;
        let of_cutter = Arc::downgrade(&shared);
        thread::spawn(move || {
            loop {
                thread::sleep(interval);
                let Some(shared) = of_cutter.upgrade() else {
                    break;
                };
                shared.cut();
            }
        });
        Ok(Self { door, shared })
    }

    pub(super) fn api(&self) -> String {
        self.door.api()
    }

    /// How many connections were cut.
    pub(super) fn cuts(&self) -> usize {
        self.shared.cuts.load(Ordering::Acquire)
    }
}

impl Shared {
    fn pass(&self, client: TcpStream, server: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.extend([client.try_clone()?, server.try_clone()?]);
        drop(open);
        let back = (server.try_clone()?, client.try_clone()?);
        for (mut from, mut to) in [(client, server), back] {
            thread::spawn(move || {
                drop(io::copy(&mut from, &mut to));
                drop(to.shutdown(Shutdown::Both));
            });
        }
        Ok(())
    }

    fn cut(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for end in open.drain(..) {
            let was_open = end.shutdown(Shutdown::Both).is_ok();
            self.cuts.fetch_add(usize::from(was_open), Ordering::AcqRel);
        }
    }
}
