//! The report as a page.

use crate::results::Report;

/// The page.
pub fn page(report: &Report) -> String {
    crate::text::text(report)
}
