//! Exact decimal numbers with PostgreSQL's display scale.

/// `mantissa / 10^scale`. The scale is the number of digits shown after the point, so `1.50`
/// and `1.5` are equal and print differently.
#[derive(Clone, Copy, Debug)]
pub struct Numeric {
    mantissa: i128,
    scale: u8,
}

impl Numeric {
    /// `mantissa / 10^scale`.
    pub const fn new(mantissa: i128, scale: u8) -> Self {
        Self { mantissa, scale }
    }

    /// The digits without the point.
    pub const fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// How many digits stand after the point.
    pub const fn scale(self) -> u8 {
        self.scale
    }
}
