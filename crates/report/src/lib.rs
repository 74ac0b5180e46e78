//! What `waft report` says: did it work?
//!
//! ```text
//! ruleset --trial--> what is compared --query--> SQL ... sums --analysis--> results --text, page--> people     watched: what a guard asks
//! ```
//!
//! A ruleset has the experiments, holdouts and monitored ramps ([`trials`]), which a kill of their flag ends. A database is asked one question about all of
//! them ([`sql`]) and answers sums per variant ([`Sum`]). What they mean is a [`Report`] ([`report`]), which is data, [`text`]
//! or a page.

mod analysis;
mod arrival;
mod breakdowns;
mod chart;
mod estimates;
mod found;
mod killed;
mod page;
mod query;
mod reported;
mod results;
mod rise;
mod steps;
mod stops;
mod sum;
mod text;
mod trial;
mod watched;
mod words;

pub use arrival::{REFUSED, arrival_sql, refused_sql};
pub use found::{Found, found};
pub use killed::trials;
pub use page::page;
pub use query::{Dialect, sql};
pub use reported::{report, unasked};
pub use results::*;
pub use rise::{Rise, rises};
pub use steps::{Steps, steps};
pub use sum::{Part, Sum, read};
pub use text::text;
pub use trial::{Arm, Kind, Of, Plan, Question, Role, Term, Terms, Trial};
pub use watched::{Cause, Watched, again, watched};
