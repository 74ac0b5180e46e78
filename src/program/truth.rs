//! Kleene's three truth values: a condition on an attribute that is missing is neither true nor false.

/// False, true, or not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Truth {
    /// The condition does not hold.
    False = 0,
    /// The condition holds.
    True = 1,
    /// The attribute is missing or of the wrong type, or this engine does not know the operator.
    Unknown = 2,
}

impl Truth {
    /// True if both are, false if either is.
    pub const fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::True, Truth::True) => Truth::True,
            (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
        }
    }

    /// True if either is, false if both are.
    pub const fn or(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::True, _) | (_, Truth::True) => Truth::True,
            (Truth::False, Truth::False) => Truth::False,
            (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
        }
    }
}

impl core::ops::Not for Truth {
    type Output = Truth;

    /// Unknown stays unknown.
    fn not(self) -> Truth {
        match self {
            Truth::False => Truth::True,
            Truth::True => Truth::False,
            Truth::Unknown => Truth::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Truth::True } else { Truth::False }
    }
}
