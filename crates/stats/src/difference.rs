//! Two arms compared.

use crate::estimate::Estimate;

/// By how much a treatment differs from the control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The treatment's arm.
    pub treatment: Estimate,
    /// The control's arm.
    pub control: Estimate,
    /// The difference, or the lift.
    pub effect: f64,
    /// Its squared standard error.
    pub error: f64,
}

/// Lifts are withheld where the control's mean is within so many standard errors of zero.
const CLEAR: f64 = 3.0;

impl Difference {
    /// Treatment minus control: what is decided on.
    pub fn absolute(treatment: Estimate, control: Estimate) -> Self {
        Difference {
            treatment,
            control,
            effect: treatment.mean - control.mean,
            error: treatment.error() + control.error(),
        }
    }

    /// Treatment divided by control, less one, by the delta method: for people to read. None if the control's mean is within three
    /// standard errors of zero, where a lift can be anything.
    pub fn lift(treatment: Estimate, control: Estimate) -> Option<Self> {
        let mean = control.mean;
        let is_clear = mean.abs() > CLEAR * control.error().sqrt();
        if !is_clear {
            return None;
        }
        let ratio = treatment.mean / mean;
        let error = (treatment.error() + ratio * ratio * control.error()) / (mean * mean);
        Some(Difference { treatment, control, effect: ratio - 1.0, error })
    }

    /// How many units both arms have.
    pub fn units(&self) -> f64 {
        self.treatment.n + self.control.n
    }
}
