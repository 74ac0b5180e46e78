//! Every kind of finding, with its severity. docs/ruleset.md, section 17, says what each means and how to mend it.

use super::severity::Severity;

/// Makes the enum, the names and the severities out of one row each.
macro_rules! codes {
    ($($severity:ident $variant:ident = $name:literal,)*) => {
        /// What kind of finding it is. Its name is API: it never changes meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "docs/ruleset.md, section 17, has a row for each")]
        pub enum Code {
            $($variant,)*
        }

        impl Code {
            /// All codes, in the order of the document.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// As it is printed, such as `SPLIT_SUM`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Code::$variant => $name,)*
                }
            }

            /// Whether it stops a build.
            pub const fn severity(self) -> Severity {
                match self {
                    $(Code::$variant => Severity::$severity,)*
                }
            }
        }
    };
}

codes! {
    Error Syntax = "SYNTAX",
    Error NotUtf8 = "NOT_UTF8",
    Error FileTooLarge = "FILE_TOO_LARGE",
    Error YamlFeature = "YAML_FEATURE",
    Error DuplicateKey = "DUPLICATE_KEY",
    Error DuplicateName = "DUPLICATE_NAME",
    Error TooDeep = "TOO_DEEP",
    Error TooMany = "TOO_MANY",
    Error ExpectedMap = "EXPECTED_MAP",
    Error ExpectedList = "EXPECTED_LIST",
    Error EmptyList = "EMPTY_LIST",
    Error ExpectedText = "EXPECTED_TEXT",
    Error ExpectedBoolean = "EXPECTED_BOOLEAN",
    Error UnknownField = "UNKNOWN_FIELD",
    Error MissingField = "MISSING_FIELD",
    Error InvalidName = "INVALID_NAME",
    Error InvalidShare = "INVALID_SHARE",
    Error InvalidRange = "INVALID_RANGE",
    Error InvalidDuration = "INVALID_DURATION",
    Error InvalidDate = "INVALID_DATE",
    Error InvalidCount = "INVALID_COUNT",
    Error InvalidSalt = "INVALID_SALT",
    Error NotARuleset = "NOT_A_RULESET",
    Error FileUnreadable = "FILE_UNREADABLE",
    Error NotAFile = "NOT_A_FILE",
    Error PathName = "PATH_NAME",
    Error LinkBroken = "LINK_BROKEN",
    Error LinkCircle = "LINK_CIRCLE",
    Error LinkOutside = "LINK_OUTSIDE",
    Warning NotObeyed = "NOT_OBEYED",
    Warning BareEnd = "BARE_END",
    Error DecisionTooLarge = "DECISION_TOO_LARGE",
    Error SnapshotTooLarge = "SNAPSHOT_TOO_LARGE",
    Error UnknownAttribute = "UNKNOWN_ATTRIBUTE",
    Error UnknownUnit = "UNKNOWN_UNIT",
    Error UnknownList = "UNKNOWN_LIST",
    Error UnknownSegment = "UNKNOWN_SEGMENT",
    Error UnknownLayer = "UNKNOWN_LAYER",
    Error UnknownHoldout = "UNKNOWN_HOLDOUT",
    Error UnknownMetric = "UNKNOWN_METRIC",
    Error UnknownExperiment = "UNKNOWN_EXPERIMENT",
    Error UnknownFlag = "UNKNOWN_FLAG",
    Error UnknownVariant = "UNKNOWN_VARIANT",
    Error UnknownEnvironment = "UNKNOWN_ENVIRONMENT",
    Error UnknownType = "UNKNOWN_TYPE",
    Error UnknownPurpose = "UNKNOWN_PURPOSE",
    Error UnknownRule = "UNKNOWN_RULE",
    Error UnknownReason = "UNKNOWN_REASON",
    Error ReservedName = "RESERVED_NAME",
    Error UnitType = "UNIT_TYPE",
    Error UnitPrivate = "UNIT_PRIVATE",
    Warning PrivateReadable = "PRIVATE_READABLE",
    Error ListSource = "LIST_SOURCE",
    Error ListType = "LIST_TYPE",
    Error ListField = "LIST_FIELD",
    Error ListPath = "LIST_PATH",
    Error ListFile = "LIST_FILE",
    Error ListColumn = "LIST_COLUMN",
    Error ListEncoding = "LIST_ENCODING",
    Error ListSeparator = "LIST_SEPARATOR",
    Error ListQuote = "LIST_QUOTE",
    Error ListRows = "LIST_ROWS",
    Warning ListHeader = "LIST_HEADER",
    Error ListId = "LIST_ID",
    Warning ListDuplicates = "LIST_DUPLICATES",
    Error InvalidId = "INVALID_ID",
    Error EmptyCondition = "EMPTY_CONDITION",
    Error ExpectedOperator = "EXPECTED_OPERATOR",
    Error UnknownOperator = "UNKNOWN_OPERATOR",
    Error TypeClash = "TYPE_CLASH",
    Error NotInEnum = "NOT_IN_ENUM",
    Error InexactNumber = "INEXACT_NUMBER",
    Error InvalidSemver = "INVALID_SEMVER",
    Error InvalidBetween = "INVALID_BETWEEN",
    Error InvalidRegex = "INVALID_REGEX",
    Error RegexTooLarge = "REGEX_TOO_LARGE",
    Error InvalidSize = "INVALID_SIZE",
    Error EmptyText = "EMPTY_TEXT",
    Error TooManyValues = "TOO_MANY_VALUES",
    Warning DuplicateValue = "DUPLICATE_VALUE",
    Error SegmentCycle = "SEGMENT_CYCLE",
    Warning Contradiction = "CONTRADICTION",
    Error VariantCount = "VARIANT_COUNT",
    Error VariantType = "VARIANT_TYPE",
    Error MetadataType = "METADATA_TYPE",
    Error TooManyRules = "TOO_MANY_RULES",
    Error DuplicateRule = "DUPLICATE_RULE",
    Warning ReservedId = "RESERVED_ID",
    Error ActionCount = "ACTION_COUNT",
    Error InvalidOnUnknown = "INVALID_ON_UNKNOWN",
    Warning DuplicateTarget = "DUPLICATE_TARGET",
    Warning UnreachableRule = "UNREACHABLE_RULE",
    Warning NeverRuns = "NEVER_RUNS",
    Warning OffCanBeSkipped = "OFF_CAN_BE_SKIPPED",
    Error PrerequisiteCycle = "PREREQUISITE_CYCLE",
    Warning RandomisedRequirement = "RANDOMISED_REQUIREMENT",
    Error RampField = "RAMP_FIELD",
    Error StepUnits = "STEP_UNITS",
    Error StepTime = "STEP_TIME",
    Error RampStart = "RAMP_START",
    Error RampOrder = "RAMP_ORDER",
    Error RampFalls = "RAMP_FALLS",
    Warning RampWhole = "RAMP_WHOLE",
    Error RampControl = "RAMP_CONTROL",
    Warning GuardAhead = "GUARD_AHEAD",
    Error GuardThen = "GUARD_THEN",
    Error ExperimentUsedTwice = "EXPERIMENT_USED_TWICE",
    Error InvalidPhase = "INVALID_PHASE",
    Error TooManyPhases = "TOO_MANY_PHASES",
    Error PhaseOrder = "PHASE_ORDER",
    Error PhaseOverlap = "PHASE_OVERLAP",
    Error SplitSum = "SPLIT_SUM",
    Error InvalidLayer = "INVALID_LAYER",
    Error LayerUnit = "LAYER_UNIT",
    Error LayerOverlap = "LAYER_OVERLAP",
    Error LayerResting = "LAYER_RESTING",
    Error CorrelatedSalt = "CORRELATED_SALT",
    Error HoldoutShare = "HOLDOUT_SHARE",
    Error PlanRange = "PLAN_RANGE",
    Error BreakdownCount = "BREAKDOWN_COUNT",
    Error BreakdownPrivate = "BREAKDOWN_PRIVATE",
    Error BreakdownUnit = "BREAKDOWN_UNIT",
    Error BreakdownType = "BREAKDOWN_TYPE",
    Error BreakdownFlag = "BREAKDOWN_FLAG",
    Error MetricKind = "METRIC_KIND",
    Error MetricField = "METRIC_FIELD",
    Error MetricRatio = "METRIC_RATIO",
    Error MetricDirection = "METRIC_DIRECTION",
    Warning UnusedAttribute = "UNUSED_ATTRIBUTE",
    Warning UnusedSegment = "UNUSED_SEGMENT",
    Warning UnusedList = "UNUSED_LIST",
    Warning UnusedLayer = "UNUSED_LAYER",
    Warning UnusedHoldout = "UNUSED_HOLDOUT",
    Warning UnusedMetric = "UNUSED_METRIC",
    Warning UnusedExperiment = "UNUSED_EXPERIMENT",
    Warning UnusedVariant = "UNUSED_VARIANT",
    Warning Overdue = "OVERDUE",
    Warning ExperimentOver = "EXPERIMENT_OVER",
    Warning HoldoutOver = "HOLDOUT_OVER",
    Warning RampOver = "RAMP_OVER",
    Warning RuleOver = "RULE_OVER",
    Warning Rested = "RESTED",
    Warning OneValue = "ONE_VALUE",
    Warning MissingFlag = "MISSING_FLAG",
    Warning UnusedFlag = "UNUSED_FLAG",
    Warning NotDeployed = "NOT_DEPLOYED",
    Error Referenced = "REFERENCED",
    Error OtherProject = "OTHER_PROJECT",
    Error PhaseNeeded = "PHASE_NEEDED",
    Error LayerReused = "LAYER_REUSED",
    Warning RunningRemoved = "RUNNING_REMOVED",
    Warning StartsInPast = "STARTS_IN_PAST",
}
