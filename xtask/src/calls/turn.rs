//! One turn: who calls, with how many callers and where, and what that took.

/// Enough for a hundred calls of each of 64 callers.
const RUST_CALLS: u32 = 6400;
/// They take longer, so fewer say as much.
const PYTHON_CALLS: u32 = 192;

/// One way to make the call.
pub(super) struct Contender {
    pub(super) name: &'static str,
    /// How many calls are counted in one turn.
    pub(super) calls: u32,
    pub(super) settings: &'static [Setting],
}

pub(super) const CONTENDERS: [Contender; 11] = [
    Contender::rust("raw"),
    Contender::rust("blocking"),
    Contender::rust("async"),
    Contender::rust("ureq"),
    Contender::rust("reqwest"),
    Contender::rust("reqwest_blocking"),
    Contender::rust("block_on"),
    Contender::python("python_blocking"),
    Contender::python("python_async"),
    Contender::separate("blocking_separate"),
    Contender::separate("async_separate"),
];

/// Where the caller runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// Anywhere, and the server too.
    Free,
    /// Anywhere but where the server runs.
    Apart,
    /// Where the server runs, and nowhere else.
    Together,
}

/// How many callers at once, and where they run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Setting {
    pub(super) callers: u32,
    pub(super) place: Place,
}

/// One turn: microseconds for each call. The wall time is that of all callers, so its inverse is the throughput.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    pub(super) cpu_us: f64,
    pub(super) wall_us: f64,
}

/// Who, and how.
pub(super) type Turn = (&'static str, Setting);

impl Contender {
    const fn rust(name: &'static str) -> Self {
        Self {
            name,
            calls: RUST_CALLS,
            settings: &Setting::ALL,
        }
    }

    const fn python(name: &'static str) -> Self {
        Self {
            name,
            calls: PYTHON_CALLS,
            settings: &Setting::ALL,
        }
    }

    /// A client for each caller, beside the one that all share.
    const fn separate(name: &'static str) -> Self {
        Self {
            name,
            calls: RUST_CALLS,
            settings: &[Setting::MANY],
        }
    }

    pub(super) fn is_python(&self) -> bool {
        self.name.starts_with("python_")
    }
}

impl Setting {
    /// One caller that goes to sleep for each answer, as one does whose server is far away.
    pub(super) const ALONE: Self = Self::new(1, Place::Apart);
    /// One caller that never waits for a processor to wake up: only its own work counts, and it counts alike every time.
    pub(super) const BESIDE: Self = Self::new(1, Place::Together);
    pub(super) const SOME: Self = Self::new(8, Place::Free);
    pub(super) const MANY: Self = Self::new(64, Place::Free);
    pub(super) const ALL: [Self; 4] = [Self::ALONE, Self::BESIDE, Self::SOME, Self::MANY];

    const fn new(callers: u32, place: Place) -> Self {
        Self { callers, place }
    }

    pub(super) fn label(self) -> String {
        match self.place {
            Place::Together => format!("{} beside the server", self.callers),
            Place::Apart | Place::Free => self.callers.to_string(),
        }
    }
}
