//! A listener of this program's own, which stands before the server.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::Result;

/// Takes connections in, for as long as this is there.
pub(super) struct Door {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
}

impl Door {
    /// Each connection is given to that.
    pub(super) fn open(meet: impl Fn(TcpStream) + Send + 'static) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let is_over = Arc::<AtomicBool>::default();
        let of_listener = Arc::clone(&is_over);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if of_listener.load(Ordering::Acquire) {
                    break;
                }
                meet(client);
            }
        });
        Ok(Self { address, is_over })
    }

    pub(super) fn api(&self) -> String {
        format!("http://{}/api", self.address)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        // So that it hears of that.
        drop(TcpStream::connect(self.address));
    }
}
