//! Unsigned 256-bit integers, for intermediate results of multiplication and division.

/// `high * 2^128 + low`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wide {
    high: u128,
    low: u128,
}

const HALF: u128 = u64::MAX as u128;

impl Wide {
    /// The product of two 128-bit integers, which always fits.
    pub fn product(a: u128, b: u128) -> Self {
        let (a1, a0) = (a >> 64, a & HALF);
        let (b1, b0) = (b >> 64, b & HALF);
        let low = a0 * b0;
        let (middle, carry) = (a1 * b0).overflowing_add(a0 * b1);
        let (low, carried) = low.overflowing_add(middle << 64);
        let high = a1 * b1 + (middle >> 64) + (u128::from(carry) << 64) + u128::from(carried);
        Self { high, low }
    }

    /// As 128 bits, if it fits.
    pub fn narrow(self) -> Option<u128> {
        (self.high == 0).then_some(self.low)
    }

    /// The product with a small number, if it fits.
    pub fn times(self, factor: u128) -> Option<Self> {
        let low = Self::product(self.low, factor);
        let high = Self::product(self.high, factor).narrow()?;
        Some(Self {
            high: low.high.checked_add(high)?,
            low: low.low,
        })
    }

    /// Quotient and remainder; `None` when the divisor is zero or the quotient needs more than
    /// 128 bits.
    pub fn divide(self, divisor: u128) -> Option<(u128, u128)> {
        if divisor == 0 || self.high >= divisor {
            return None;
        }
        if self.high == 0 {
            return Some((self.low / divisor, self.low % divisor));
        }
        let (mut rest, mut quotient) = (self.high, 0_u128);
        for bit in (0..128).rev() {
            let carry = rest >> 127;
            rest = rest << 1 | self.low >> bit & 1;
            if carry == 1 || rest >= divisor {
                rest = rest.wrapping_sub(divisor);
                quotient |= 1 << bit;
            }
        }
        Some((quotient, rest))
    }

    /// The integer part of the square root.
    pub fn square_root(self) -> u128 {
        let mut root = 0_u128;
        for bit in (0..128).rev() {
            let candidate = root | 1 << bit;
            if Self::product(candidate, candidate) <= self {
                root = candidate;
            }
        }
        root
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_divide_back() {
        let (a, b) = (u128::MAX - 12, u128::MAX / 3 + 7);
        let product = Wide::product(a, b);
        assert_eq!(product.divide(a), Some((b, 0)));
        assert_eq!(product.divide(b), Some((a, 0)));
        assert_eq!(Wide::product(10, 10).divide(7), Some((14, 2)));
        assert_eq!(Wide::product(a, 5).times(3), Some(Wide::product(a, 15)));
        assert_eq!(product.times(u128::MAX), None);
    }

    #[test]
    fn roots_are_cut() {
        assert_eq!(Wide::product(10, 10).square_root(), 10);
        assert_eq!(Wide::product(11, 10).square_root(), 10);
        assert_eq!(Wide::product(u128::MAX, u128::MAX).square_root(), u128::MAX);
    }
}
