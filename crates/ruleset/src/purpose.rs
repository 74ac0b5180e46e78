//! What a flag is for.

/// What a flag is for, as its `meta` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Something new comes to people.
    Release,
    /// Something is tried.
    Experiment,
    /// Something can be turned down or off. Such a flag stays.
    Ops,
    /// Some may, and others may not. Such a flag stays.
    Permission,
}

impl Purpose {
    /// As they are written.
    pub const NAMES: [&str; 4] = ["release", "experiment", "ops", "permission"];

    /// By its name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "release" => Purpose::Release,
            "experiment" => Purpose::Experiment,
            "ops" => Purpose::Ops,
            "permission" => Purpose::Permission,
            _ => return None,
        })
    }

    /// Whether a flag for it is meant to stay, whatever it evaluates to.
    pub const fn lasts(self) -> bool {
        match self {
            Purpose::Release | Purpose::Experiment => false,
            Purpose::Ops | Purpose::Permission => true,
        }
    }
}
