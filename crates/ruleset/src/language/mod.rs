//! The words of the ruleset language, each read where it stands: tree to types.

pub(crate) mod breakdown;
pub(crate) mod condition;
pub(crate) mod constant;
pub(crate) mod declared;
pub(crate) mod duration;
pub(crate) mod experiment;
pub(crate) mod flag;
pub(crate) mod holdout;
pub(crate) mod id;
pub(crate) mod list;
pub(crate) mod list_file;
pub(crate) mod metric;
pub(crate) mod names;
pub(crate) mod ramp;
pub(crate) mod reader;
pub(crate) mod rule;
pub(crate) mod target;
pub(crate) mod test;
pub(crate) mod variant;
