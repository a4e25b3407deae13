//! What `#[dual]` makes of a small crate with both faces: each test calls the two and compares.

mod bodies;
#[allow(
    dead_code,
    improper_ctypes_definitions,
    clippy::manual_async_fn,
    clippy::unused_async,
    clippy::unused_self,
    reason = "the twins are called, and how they are written is the point"
)]
mod callers;
mod closures;
mod fake;
mod functions;
mod marks;
mod methods;
mod streams;
mod tables;
mod traits;

diptych_macros::faces! {
    /// The names that differ between the two faces of this test.
    shop {
        AsyncClient => Client,
        asleep => sleep,
        fake::apause => fake::rest,
        // Not the `asleep` of the table, in a module of the same name as one of the table's.
        elsewhere::asleep => elsewhere::asleep,
        aset_price => set_price,
        aload => load,
        asum => sum,
        anext => next,
        Stream => Iterator,
        aretry => retry,
        // The same in both faces, although it looks like an async name.
        average_price => average_price,
        await => wait,
    }
}

/// Runs the async face.
fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(future)
}
