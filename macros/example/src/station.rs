//! What differs between the faces: stands for clients that do I/O.

/// A weather station, asked by blocking calls.
#[cfg(feature = "blocking")]
#[derive(Clone, Copy, Debug)]
pub struct Station(pub i32);

/// A weather station, asked by async calls.
#[cfg(feature = "async")]
#[derive(Clone, Copy, Debug)]
pub struct AsyncStation(pub i32);

#[cfg(feature = "blocking")]
impl Station {
    /// The temperature on a day.
    #[must_use]
    pub fn read(&self, day: i32) -> i32 {
        self.0 + day
    }
}

#[cfg(feature = "async")]
impl AsyncStation {
    /// The temperature on a day.
    pub async fn read(&self, day: i32) -> i32 {
        std::future::ready(self.0 + day).await
    }
}

/// Lets others run.
#[cfg(feature = "blocking")]
pub(crate) fn pause() {
    std::thread::yield_now();
}

/// Lets others run.
#[cfg(feature = "async")]
pub(crate) async fn apause() {
    std::future::ready(()).await;
}
