//! A way to a server that is cut again and again.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Passes connections on to a server, and cuts each of them after some time, whatever is on the way.
pub(crate) struct Cutting {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

impl Cutting {
    pub(crate) fn start(server: &str, after: Duration) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (connections, is_over) = (Arc::default(), Arc::default());
        let cutting = Self {
            address,
            connections: Arc::clone(&connections),
            is_over: Arc::clone(&is_over),
        };
        let server = server.to_owned();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                connections.fetch_add(1, Ordering::Relaxed);
                if let Ok(server) = TcpStream::connect(&server) {
                    // A connection that breaks is what this is about.
                    drop(pass(client, server, after));
                }
            }
        });
        cutting
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Cutting {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
    }
}

fn pass(client: TcpStream, server: TcpStream, after: Duration) -> io::Result<()> {
    let ends = [client.try_clone()?, server.try_clone()?];
    for (mut from, mut to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
        thread::spawn(move || io::copy(&mut from, &mut to));
    }
    thread::spawn(move || {
        thread::sleep(after);
        for end in ends {
            drop(end.shutdown(Shutdown::Both));
        }
    });
    Ok(())
}
