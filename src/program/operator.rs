//! The register of operators: number, what is tested, what the operands are, and the words for people. All else about an operator
//! comes from here.

macro_rules! operators {
    ($(#[doc = $doc:literal] $name:ident = $number:literal, $tests:ident, $operands:ident, $verb:literal;)*) => {
        /// Operators and their permanent numbers. Numbers below 16 combine earlier results; all others test something.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Operator {
            $(#[doc = $doc] $name = $number,)*
        }

        impl Operator {
            /// Every operator.
            pub const ALL: [Operator; [$($number),*].len()] = [$(Operator::$name),*];

            /// The operator of a number; `None` for one of a newer compiler.
            pub const fn from_number(number: u8) -> Option<Self> {
                Some(match number {
                    $($number => Operator::$name,)*
                    _ => return None,
                })
            }

            /// What it tests. Any other value is unknown to it.
            pub const fn tests(self) -> Tests {
                match self {
                    $(Operator::$name => Tests::$tests,)*
                }
            }

            /// What its operands are.
            pub const fn operands(self) -> Operands {
                match self {
                    $(Operator::$name => Operands::$operands,)*
                }
            }

            /// The words between the attribute and its operands where people read it; empty for what is told in another form.
            pub const fn verb(self) -> &'static str {
                match self {
                    $(Operator::$name => $verb,)*
                }
            }
        }
    };
}

/// What an operator tests: attributes of one type, or something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tests {
    /// No attribute.
    Nothing,
    /// An attribute of whatever type.
    Anything,
    /// A text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An instant.
    Date,
    /// A version.
    Semver,
    /// A list of texts.
    List,
    /// A unit or an id: a text or an integer.
    Unit,
}

/// What the words are that follow an operation: docs/snapshot-format.md describes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operands {
    /// None.
    None,
    /// None: the argument says how many earlier results are combined.
    Parts,
    /// Indices of constants, a word each.
    Constants,
    /// Indices of constants, two a word.
    Halves,
    /// 0 or 1.
    Boolean,
    /// Doubles, two words each: numbers, or milliseconds since 1970.
    Doubles,
    /// Two doubles: distances from now in milliseconds.
    Window,
    /// Texts.
    Texts,
    /// A table and the text of the pattern for each.
    Patterns,
    /// Major, minor, patch, and the text of the pre-release if there is one.
    Version,
    /// In which orders it holds, and a version as a text.
    VersionText,
    /// The least and the most.
    Counts,
    /// Something that the program has: a segment, a flag and variants, the points of a share, a list.
    Reference,
}

operators! {
    /// All of the last N results hold.
    All = 1, Nothing, Parts, "";
    /// Any of the last N results holds.
    Any = 2, Nothing, Parts, "";
    /// The last result does not hold.
    Not = 3, Nothing, Parts, "";
    /// The attribute exists. Never unknown.
    Exists = 16, Anything, None, "";
    /// The text is a constant.
    Is = 17, Text, Constants, "is";
    /// The text is one of sorted constants with 16-bit indices.
    In = 18, Text, Halves, "is one of";
    /// The text is one of sorted constants with 32-bit indices.
    InWide = 19, Text, Constants, "is one of";
    /// The number equals.
    NumberIs = 20, Number, Doubles, "is";
    /// The number is one of several.
    NumberIn = 21, Number, Doubles, "is one of";
    /// The boolean is this one.
    BooleanIs = 22, Boolean, Boolean, "is";
    /// The number is less.
    Less = 23, Number, Doubles, "is less than";
    /// The number is less or equal.
    LessOrEqual = 24, Number, Doubles, "is at most";
    /// The number is greater.
    Greater = 25, Number, Doubles, "is more than";
    /// The number is greater or equal.
    GreaterOrEqual = 26, Number, Doubles, "is at least";
    /// The text contains any of several.
    Contains = 32, Text, Texts, "contains";
    /// The text starts with any of several.
    StartsWith = 33, Text, Texts, "starts with";
    /// The text ends with any of several.
    EndsWith = 34, Text, Texts, "ends with";
    /// The text matches any of several patterns.
    Matches = 35, Text, Patterns, "matches";
    /// The text is one of several, whatever the case of ASCII letters.
    IsFolded = 36, Text, Texts, "is, in any case,";
    /// The text contains any of several, whatever the case of ASCII letters.
    ContainsFolded = 37, Text, Texts, "contains, in any case,";
    /// The text starts with any of several, whatever the case of ASCII letters.
    StartsWithFolded = 38, Text, Texts, "starts, in any case, with";
    /// The text ends with any of several, whatever the case of ASCII letters.
    EndsWithFolded = 39, Text, Texts, "ends, in any case, with";
    /// The version has the same precedence.
    SemverIs = 40, Semver, Version, "is";
    /// The version is lower.
    SemverLess = 41, Semver, Version, "is a version below";
    /// The version is lower or the same.
    SemverLessOrEqual = 42, Semver, Version, "is at most version";
    /// The version is higher.
    SemverGreater = 43, Semver, Version, "is a version above";
    /// The version is higher or the same.
    SemverGreaterOrEqual = 44, Semver, Version, "is at least version";
    /// The version is lower, the same or higher than one that is kept as a text.
    SemverText = 45, Semver, VersionText, "";
    /// The instant is before.
    Before = 50, Date, Doubles, "is before";
    /// The instant is after.
    After = 51, Date, Doubles, "is after";
    /// The instant lies between two distances from now.
    Within = 52, Date, Window, "";
    /// The unit is in a segment.
    Segment = 60, Nothing, Reference, "";
    /// Another flag evaluated to one of several variants.
    Flag = 61, Nothing, Reference, "";
    /// The unit's point is in a range.
    Share = 62, Unit, Reference, "";
    /// The id is in a list.
    List = 63, Unit, Reference, "";
    /// The id is one of several.
    Id = 64, Unit, Constants, "is one of";
    /// The list of texts has any of several.
    HasAny = 70, List, Constants, "has";
    /// The list of texts has all of several.
    HasAll = 71, List, Constants, "";
    /// The number of texts in the list is between two bounds, both included.
    Size = 72, List, Counts, "";
}
