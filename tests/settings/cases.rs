//! The surroundings that are compared. `{place}` is the directory of the case; files are below its `home` or its `work`.

mod files;
mod profiles;
mod refusals;
mod variables;

/// Surroundings, and who takes them.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) environment: Vec<Pair>,
    pub(crate) files: Vec<Pair>,
    pub(crate) explicit: Vec<Pair>,
}

type Pair = (&'static str, &'static str);

/// Whether the surroundings give settings.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    /// They do, and every value is the same.
    Same,
    BothRefuse,
    /// We are stricter, as the documentation of `Settings` says.
    OnlyWeRefuse,
}

impl Case {
    fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.environment.push((name, value));
        self
    }

    fn file(mut self, name: &'static str, text: &'static str) -> Self {
        self.files.push((name, text));
        self
    }

    fn explicit(mut self, name: &'static str, value: &'static str) -> Self {
        self.explicit.push((name, value));
        self
    }
}

fn case(name: &'static str, outcome: Outcome) -> Case {
    Case {
        name,
        outcome,
        environment: Vec::new(),
        files: Vec::new(),
        explicit: Vec::new(),
    }
}

fn same(name: &'static str) -> Case {
    case(name, Outcome::Same)
}

fn refused(name: &'static str) -> Case {
    case(name, Outcome::BothRefuse)
}

fn stricter(name: &'static str) -> Case {
    case(name, Outcome::OnlyWeRefuse)
}

pub(crate) fn all() -> Vec<Case> {
    variables::all()
        .chain(files::all())
        .chain(profiles::all())
        .chain(refusals::all())
        .collect()
}

const PROFILES: &str = "home/.prefect/profiles.toml";
const MINE: &str = "active = 'mine'\n\
    [profiles.mine]\nPREFECT_API_URL = 'http://mine/api'\nPREFECT_CLIENT_MAX_RETRIES = 9\n\
    [profiles.other]\nPREFECT_API_URL = 'http://other/api'\nPREFECT_API_KEY = 'k'\n";
