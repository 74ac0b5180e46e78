//! `waft eval`: what somebody would see, decided by the engine that the page runs.

use crate::exit::Exit;
use crate::host::Host;
use crate::question::{self, Form, Question};

/// What to decide, for whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is asked.
    pub question: Question,
    /// Whether to say why.
    pub trace: bool,
}

/// Prints `{flag: {value, variant, reason, moment, ...}}`. One flag that was asked for and does not exist is `FLAG_NOT_FOUND`, and a failure.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    question::answer(&options.question, if options.trace { Form::Explanations } else { Form::Decisions }, host)
}
