//! A way to the server on which all connections are cut every so often.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;

/// Passes connections on, for as long as this is there.
pub(super) struct Cut {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    open: Mutex<Vec<TcpStream>>,
    cuts: AtomicUsize,
    is_over: AtomicBool,
}

impl Cut {
    pub(super) fn every(interval: Duration, server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::<Shared>::default();
        let of_listener = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if of_listener.is_over.load(Ordering::Acquire) {
                    break;
                }
                if let Ok(server) = TcpStream::connect(server) {
                    // One that breaks is what this is about.
                    drop(of_listener.pass(client, server));
                }
            }
        });
        let of_cutter = Arc::clone(&shared);
        thread::spawn(move || {
            while !of_cutter.is_over.load(Ordering::Acquire) {
                thread::sleep(interval);
                of_cutter.cut();
            }
        });
        Ok(Self { address, shared })
    }

    pub(super) fn api(&self) -> String {
        format!("http://{}/api", self.address)
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

impl Drop for Cut {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        // So that it hears of that.
        drop(TcpStream::connect(self.address));
    }
}
