//! Fixed-point numbers of any length, for logarithms and powers of numerics.

use crate::base::Numeric;
use num_bigint::{BigInt, Sign};

/// `units / 10^digits`, with digits enough that the last ones may be wrong.
#[derive(Clone, Debug)]
pub struct Fixed {
    units: BigInt,
    digits: u32,
}

fn power_of_ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

impl Fixed {
    /// A numeric with at least as many digits after the point as it has itself.
    pub fn new(value: Numeric, digits: u32) -> Self {
        let digits = digits.max(u32::from(value.scale()));
        let missing = digits - u32::from(value.scale());
        Self {
            units: BigInt::from(value.mantissa()) * power_of_ten(missing),
            digits,
        }
    }

    fn one(&self) -> BigInt {
        power_of_ten(self.digits)
    }

    fn with(&self, units: BigInt) -> Self {
        Self {
            units,
            digits: self.digits,
        }
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.units.sign() == Sign::NoSign
    }

    /// The product, with the digits of the longer.
    pub fn multiply(&self, other: &Self) -> Self {
        let digits = self.digits.max(other.digits);
        let cut = power_of_ten(self.digits.min(other.digits));
        Self {
            units: &self.units * &other.units / cut,
            digits,
        }
    }

    /// The quotient with a number other than zero.
    pub fn divide(&self, other: &Self) -> Self {
        if other.is_zero() {
            return self.clone();
        }
        self.with(&self.units * power_of_ten(other.digits) / &other.units)
    }

    /// Rounded half away from zero; `None` when a numeric does not hold it.
    pub fn round(&self, scale: u8) -> Option<Numeric> {
        let scale_digits = u32::from(scale).min(self.digits);
        let unit = power_of_ten(self.digits - scale_digits);
        let half = &unit / BigInt::from(2);
        let shifted = match self.units.sign() {
            Sign::Minus => &self.units - half,
            Sign::NoSign | Sign::Plus => &self.units + half,
        };
        let mantissa = i128::try_from(shifted / unit).ok()?;
        Some(Numeric::new(mantissa, u8::try_from(scale_digits).ok()?))
    }

    /// The natural logarithm of a positive number: roots bring it near to one, the series of the
    /// inverse hyperbolic tangent does the rest.
    pub fn ln(&self) -> Self {
        let one = self.one();
        let limit = &one / BigInt::from(20);
        let mut units = self.units.clone();
        let mut doublings = 0_u32;
        loop {
            let distance = &units - &one;
            if distance.magnitude() <= limit.magnitude() || doublings > 400 {
                break;
            }
            units = (units * &one).sqrt();
            doublings += 1;
        }
        // ln x = 2 artanh((x - 1) / (x + 1))
        let ratio = (&units - &one) * &one / (&units + &one);
        let square = &ratio * &ratio / &one;
        let (mut term, mut sum) = (ratio.clone(), ratio);
        let mut n = 1_u32;
        while term.sign() != Sign::NoSign {
            term = term * &square / &one;
            n += 2;
            sum += &term / BigInt::from(n);
        }
        self.with(sum << (doublings + 1))
    }

    /// The power of e: Taylor's series of a small part, squared as often as it was halved.
    pub fn exp(&self) -> Self {
        let one = self.one();
        let mut halvings = 0_u32;
        let mut units = self.units.clone();
        while units.magnitude() > (&one / BigInt::from(8)).magnitude() {
            units /= BigInt::from(2);
            halvings += 1;
        }
        let (mut term, mut sum) = (one.clone(), one.clone());
        let mut n = 1_u32;
        while term.sign() != Sign::NoSign {
            term = term * &units / &one / BigInt::from(n);
            sum += &term;
            n += 1;
        }
        for _ in 0..halvings {
            sum = &sum * &sum / &one;
        }
        self.with(sum)
    }

    /// A whole power, by squaring.
    pub fn power(&self, mut times: u32) -> Self {
        let mut result = self.with(self.one());
        let mut square = self.clone();
        while times > 0 {
            if times & 1 == 1 {
                result = result.multiply(&square);
            }
            times >>= 1;
            if times > 0 {
                square = square.multiply(&square);
            }
        }
        result
    }
}
