//! `waft explain`: why somebody sees what they see, as indented text or as data.

use crate::exit::Exit;
use crate::host::Host;
use crate::question::{self, Form, Question};

/// What to explain, for whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is asked.
    pub question: Question,
    /// Whether to print data in place of text.
    pub json: bool,
}

/// Prints each flag with its variant and the steps to it. One flag that was asked for and does not exist is a failure.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    question::answer(&options.question, if options.json { Form::Explanations } else { Form::Text }, host)
}
