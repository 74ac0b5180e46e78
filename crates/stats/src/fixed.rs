//! The interval of one look, planned beforehand: meant for after the planned sample, and for nobody who looked before.
//!
//! Student's t with the degrees of freedom of Welch and Satterthwaite.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::difference::Difference;
use crate::interval::Interval;

/// Where the truth is with a probability of 1 - `alpha`. None if an arm has fewer than two units, or nothing varies.
pub fn interval(difference: &Difference, alpha: f64) -> Option<Interval> {
    let t = distribution(difference)?;
    Some(Interval::around(difference.effect, t.inverse_cdf(1.0 - alpha / 2.0) * difference.error.sqrt()))
}

/// How probable a difference as large as this one is, to either side, if there is none. None as for [`interval`].
pub fn p_value(difference: &Difference) -> Option<f64> {
    let t = distribution(difference)?;
    Some(2.0 * t.sf((difference.effect / difference.error.sqrt()).abs()))
}

fn distribution(difference: &Difference) -> Option<StudentsT> {
    let Difference { treatment, control, error, .. } = difference;
    let (t, c) = (treatment.error(), control.error());
    let (t_units, c_units) = (treatment.n - 1.0, control.n - 1.0);
    if t_units <= 0.0 || c_units <= 0.0 || *error <= 0.0 {
        return None;
    }
    let freedom = (t + c) * (t + c) / (t * t / t_units + c * c / c_units);
    StudentsT::new(0.0, 1.0, freedom).ok()
}
