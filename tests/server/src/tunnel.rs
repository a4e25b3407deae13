//! What is no HTTP server: connections that a function serves, and a proxy that leads on.

use std::io::{self, BufRead, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// The lines of each head that a proxy was asked with.
pub type Asked = Arc<Mutex<Vec<Vec<String>>>>;

/// Listens, and serves each connection on a thread of its own; the port.
///
/// # Errors
///
/// When there is no port.
pub fn each_connection(
    serve: impl Fn(TcpStream) -> Option<()> + Clone + Send + 'static,
) -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream));
        }
    });
    Ok(port)
}

/// The lines of a head; `None` where the connection ends within it.
pub fn head(stream: &mut impl BufRead) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => return Some(lines),
            line => lines.push(line.to_owned()),
        }
    }
}

/// A proxy that keeps what it is asked, and leads on to wherever it is asked to; its port.
///
/// # Errors
///
/// When there is no port.
pub fn tunnels() -> io::Result<(u16, Asked)> {
    let asked = Asked::default();
    let kept = Arc::clone(&asked);
    let port = each_connection(move |stream| {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let lines = head(&mut reader)?;
        let host = lines.first()?.split(' ').nth(1)?.to_owned();
        let mut all = kept.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(lines);
        drop(all);
        let (mut to_client, mut to_host) = (stream, TcpStream::connect(host).ok()?);
        to_client
            .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .ok()?;
        let mut from_host = to_host.try_clone().ok()?;
        let back = thread::spawn(move || io::copy(&mut from_host, &mut to_client));
        // Either side may end it.
        drop(io::copy(&mut reader, &mut to_host));
        to_host.shutdown(Shutdown::Both).ok()?;
        back.join().ok()?.ok().map(drop)
    })?;
    Ok((port, asked))
}
