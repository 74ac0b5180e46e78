//! How far people come in a trial.

/// How far somebody comes in a trial of a flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Something in front of its rule decides.
    #[default]
    Before,
    /// The flag is off, for them or for everybody.
    Off,
    /// They are held out.
    Held,
    /// It takes nobody at the moment.
    Idle,
    /// The rule's condition does not hold.
    Others,
    /// It is not known whether it does.
    Unknown,
    /// They have no unit.
    NoUnit,
    /// They are in another part of its layer.
    Outside,
    /// They are not in the share that it takes yet.
    Later,
    /// They are kept back to compare.
    Control,
    /// They get what it serves.
    Entered,
}

impl Reach {
    /// How many there are.
    pub(crate) const COUNT: usize = Reach::Entered as usize + 1;
}
