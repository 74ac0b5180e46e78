//! What units come down to: numbers, means, and sums of squares around them. They are built in one pass, and parts can be joined
//! (Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979), which loses no digits where
//! sums of squares would.

/// One value of each unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// How many units.
    pub n: f64,
    /// Their mean.
    pub mean: f64,
    /// The sum of squares around the mean.
    pub squares: f64,
}

impl Moments {
    /// From plain sums, as a database gives them: how many, the sum, and the sum of squares.
    pub fn from_sums(n: f64, sum: f64, sum_of_squares: f64) -> Self {
        if n <= 0.0 {
            return Moments::default();
        }
        let mean = sum / n;
        Moments { n, mean, squares: (sum_of_squares - sum * mean).max(0.0) }
    }

    /// Adds one unit.
    pub fn add(&mut self, value: f64) {
        *self = self.join(&Moments { n: 1.0, mean: value, squares: 0.0 });
    }

    /// Of all units of both.
    pub fn join(&self, other: &Moments) -> Moments {
        let n = self.n + other.n;
        if n <= 0.0 {
            return Moments::default();
        }
        let delta = other.mean - self.mean;
        Moments {
            n,
            mean: self.mean + delta * other.n / n,
            squares: self.squares + other.squares + delta * delta * self.n * other.n / n,
        }
    }

    /// The variance of what the units are a sample of, with n - 1; 0 of fewer than two.
    pub fn variance(&self) -> f64 {
        per_freedom(self.squares, self.n)
    }
}

/// Two values of each unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pair {
    /// The first value.
    pub y: Moments,
    /// The second value.
    pub x: Moments,
    /// The sum of products around the means.
    pub products: f64,
}

impl Pair {
    /// From plain sums: how many, sum and sum of squares of each, and the sum of products.
    pub fn from_sums(n: f64, y: f64, yy: f64, x: f64, xx: f64, xy: f64) -> Self {
        let products = if n > 0.0 { xy - x * y / n } else { 0.0 };
        Pair { y: Moments::from_sums(n, y, yy), x: Moments::from_sums(n, x, xx), products }
    }

    /// Adds one unit.
    pub fn add(&mut self, y: f64, x: f64) {
        let one = |mean| Moments { n: 1.0, mean, squares: 0.0 };
        *self = self.join(&Pair { y: one(y), x: one(x), products: 0.0 });
    }

    /// Of all units of both.
    pub fn join(&self, other: &Pair) -> Pair {
        let n = self.y.n + other.y.n;
        if n <= 0.0 {
            return Pair::default();
        }
        let between = (other.y.mean - self.y.mean) * (other.x.mean - self.x.mean) * self.y.n * other.y.n / n;
        Pair { y: self.y.join(&other.y), x: self.x.join(&other.x), products: self.products + other.products + between }
    }

    /// The covariance of what the units are a sample of, with n - 1; 0 of fewer than two.
    pub fn covariance(&self) -> f64 {
        per_freedom(self.products, self.y.n)
    }
}

/// A sum around a mean that was estimated from the same units.
pub(crate) fn per_freedom(sum: f64, n: f64) -> f64 {
    if n > 1.0 { sum / (n - 1.0) } else { 0.0 }
}
