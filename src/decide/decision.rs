//! A decision, and the parts that it is made of.

use crate::limits;
use crate::program::{Flag, FlagIndex, Program};

/// Why a flag has its variant, in OpenFeature's words. Numbers are permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// The flag has no rules, or a signed preview shows the variant.
    Static = 0,
    /// No rule matched.
    Default = 1,
    /// A rule's condition matched.
    TargetingMatch = 2,
    /// An experiment chose the variant.
    Split = 3,
    /// The flag is off.
    Disabled = 4,
    /// The caller's default is to be used; see [`ErrorCode`].
    Error = 5,
    /// The flag is on the kill list: `DISABLED` in OpenFeature's words.
    #[cfg(feature = "head")]
    Killed = 6,
}

impl Reason {
    /// As OpenFeature writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::Static => "STATIC",
            Reason::Default => "DEFAULT",
            Reason::TargetingMatch => "TARGETING_MATCH",
            Reason::Split => "SPLIT",
            Reason::Disabled => "DISABLED",
            Reason::Error => "ERROR",
            #[cfg(feature = "head")]
            Reason::Killed => "DISABLED",
        }
    }
}

/// What is wrong with a decision, in OpenFeature's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The snapshot has no such flag.
    FlagNotFound,
    /// The flag's record cannot be read. Its neighbours are not touched.
    ParseError,
    /// A unit is missing: see [`Decision::missing`].
    TargetingKeyMissing,
}

impl ErrorCode {
    /// As OpenFeature writes it.
    pub const fn name(self) -> &'static str {
        match self {
            ErrorCode::FlagNotFound => "FLAG_NOT_FOUND",
            ErrorCode::ParseError => "PARSE_ERROR",
            ErrorCode::TargetingKeyMissing => "TARGETING_KEY_MISSING",
        }
    }
}

/// A decided flag. What it exposes is in [`crate::Session::exposures`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// The variant by its index among the flag's, or why there is none.
    pub variant: Result<u8, ErrorCode>,
    /// Why.
    pub reason: Reason,
    /// The rule that decided, by its index among the flag's.
    pub rule: Option<u8>,
    /// How many rules in front of those that are written the flag has, of which [`Decision::rule`] may be one.
    pub prelude: u8,
    /// The earliest moment (milliseconds since 1970) at which time alone could change this; `i64::MAX` for never.
    pub valid_until: i64,
    /// The units that trials or shares asked for and the context lacks, a bit each: they took nobody in. What is served is not changed by it.
    pub missing: u32,
}

impl Decision {
    /// No decision.
    pub fn none(code: ErrorCode) -> Self {
        Decision {
            variant: Err(code),
            reason: Reason::Error,
            rule: None,
            prelude: 0,
            valid_until: i64::MAX,
            missing: 0,
        }
    }
}

/// What a flag's settings and rules serve: a variant by its index among the flag's, which need not exist.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) variant: u8,
    pub(crate) reason: Reason,
    /// The rule that decided, by its index.
    pub(crate) rule: Option<u8>,
}

/// What one rule decides.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verdict {
    /// A variant, by its index among the flag's.
    Serve(u8, Reason),
    /// Nothing: the next rule is tried.
    Next,
    /// Nothing, because of what its condition asks for and nothing else: see [`Memo::skip`](crate::memo::Memo::skip).
    Skip,
}

/// A flag of at most this many rules is never too much to decide, however long they are.
pub(crate) const FEW_RULES: u8 = (limits::DECISION_WORDS / (limits::RULE_WORDS + limits::DRAW_WORDS)) as u8;

/// A flag that is being decided.
pub(crate) struct Deciding<'p> {
    pub(crate) program: &'p Program,
    pub(crate) index: FlagIndex,
    pub(crate) flag: &'p Flag,
    /// Whether the caller asks for it, and not another flag.
    pub(crate) asked: bool,
}
