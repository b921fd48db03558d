//! `to_char` of numbers (PostgreSQL 15 manual, 9.8, table 9.29).

use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Numeric, Result};

/// One element of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Element {
    /// `9`
    Nine,
    /// `0`
    Zero,
    /// `,` or `G`
    Group,
    /// `.` or `D`
    Point,
    /// `S`
    Sign,
    /// `MI`
    Minus,
    /// `PL`
    Plus,
    /// `SG`
    PlusMinus,
    /// `PR`
    Brackets,
    /// `TH` or `th`
    Ordinal(&'static [&'static str; 4]),
    /// `V`
    Shift,
    /// Anything else stands for itself.
    Text(String),
}

const UPPER: [&str; 4] = ["TH", "ST", "ND", "RD"];
const LOWER: [&str; 4] = ["th", "st", "nd", "rd"];

/// A parsed pattern.
struct Pattern {
    elements: Vec<Element>,
    /// `FM`: no padding.
    fill: bool,
    /// `EEEE`
    scientific: bool,
    /// `RN` or `rn`
    roman: Option<fn(&str) -> String>,
}

/// A number as the pattern writes it.
pub fn number_to_char(number: Numeric, pattern: &str) -> Result<String> {
    let parsed = Pattern::parse(pattern)?;
    if let Some(case) = parsed.roman {
        let text = number
            .round(0)
            .ok()
            .and_then(Numeric::to_i64)
            .filter(|n| (1..=3999).contains(n))
            .map_or_else(|| "#".repeat(15), roman);
        let text = case(&text);
        return Ok(if parsed.fill {
            format!("{text:>15}")
        } else {
            text
        });
    }
    parsed.write(number)
}

impl Pattern {
    fn parse(pattern: &str) -> Result<Self> {
        let mut parsed = Self {
            elements: Vec::new(),
            fill: true,
            scientific: false,
            roman: None,
        };
        let mut rest = pattern;
        while let Some(c) = rest.chars().next() {
            let starts = |word: &str| {
                rest.get(..word.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(word))
            };
            let (element, length) = if starts("EEEE") {
                parsed.scientific = true;
                (None, 4)
            } else if starts("FM") {
                parsed.fill = false;
                (None, 2)
            } else if starts("MI") {
                (Some(Element::Minus), 2)
            } else if starts("PL") {
                (Some(Element::Plus), 2)
            } else if starts("SG") {
                (Some(Element::PlusMinus), 2)
            } else if starts("PR") {
                (Some(Element::Brackets), 2)
            } else if starts("RN") {
                parsed.roman = Some(if c == 'r' {
                    |text| text.to_ascii_lowercase()
                } else {
                    |text| text.to_owned()
                });
                (None, 2)
            } else if rest.starts_with("TH") {
                (Some(Element::Ordinal(&UPPER)), 2)
            } else if rest.starts_with("th") {
                (Some(Element::Ordinal(&LOWER)), 2)
            } else if c == '"' {
                let quoted: String = rest.chars().skip(1).take_while(|c| *c != '"').collect();
                let length = (quoted.len() + 2).min(rest.len());
                (Some(Element::Text(quoted)), length)
            } else {
                let element = match c {
                    '9' => Element::Nine,
                    '0' => Element::Zero,
                    ',' | 'G' | 'g' => Element::Group,
                    '.' | 'D' | 'd' => Element::Point,
                    'S' | 's' => Element::Sign,
                    'V' | 'v' => Element::Shift,
                    'L' | 'l' => Element::Text(" ".into()),
                    other => Element::Text(other.into()),
                };
                (Some(element), c.len_utf8())
            };
            parsed.elements.extend(element);
            rest = rest.get(length..).unwrap_or("");
        }
        let points = parsed
            .elements
            .iter()
            .filter(|e| **e == Element::Point)
            .count();
        if points > 1 {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                "multiple decimal points",
            ));
        }
        Ok(parsed)
    }

    /// How many digits stand before and behind the point (or behind `V`).
    fn digits(&self) -> (usize, usize) {
        let is_digit = |e: &&Element| matches!(e, Element::Nine | Element::Zero);
        let border = self
            .elements
            .iter()
            .position(|e| matches!(e, Element::Point | Element::Shift))
            .unwrap_or(self.elements.len());
        let (before, behind) = self.elements.split_at(border);
        (
            before.iter().filter(is_digit).count(),
            behind.iter().filter(is_digit).count(),
        )
    }

    fn write(&self, number: Numeric) -> Result<String> {
        if self.scientific {
            return self.write_scientific(number);
        }
        let (mut before, mut behind) = self.digits();
        let shifted = self.elements.contains(&Element::Shift);
        let number = if shifted {
            let factor = Numeric::new(10_i128.checked_pow(behind as u32).unwrap_or(1), 0);
            before += behind;
            behind = 0;
            number.multiply(factor)?.round(0)?
        } else {
            number.round(behind as i32)?
        };
        let negative = number.mantissa() < 0;
        let text = number.abs().to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let empty_fraction = fraction.bytes().all(|digit| digit == b'0');
        let whole = if whole == "0" && behind > 0 && (self.fill || !empty_fraction) {
            ""
        } else {
            whole
        };
        let too_wide = whole.len() > before;
        let whole: Vec<char> = if too_wide {
            vec!['#'; before]
        } else {
            whole.chars().collect()
        };
        let mut fraction: Vec<char> = fraction.chars().collect();
        fraction.resize(behind, '0');
        if too_wide {
            fraction.fill('#');
        }
        Ok(self.lay_out(&whole, &fraction, before, negative))
    }

    fn lay_out(&self, whole: &[char], fraction: &[char], before: usize, negative: bool) -> String {
        let has = |element: &Element| self.elements.contains(element);
        let own_sign = has(&Element::Sign)
            || has(&Element::Minus)
            || has(&Element::PlusMinus)
            || has(&Element::Brackets);
        let first_digit = self
            .elements
            .iter()
            .position(|e| matches!(e, Element::Nine | Element::Zero | Element::Point));
        let leading_sign = self
            .elements
            .iter()
            .position(|e| *e == Element::Sign)
            .is_some_and(|at| first_digit.is_none_or(|first| at < first));
        // What stands right before the first digit that is written.
        let anchored = if has(&Element::Brackets) {
            Some(if negative { '<' } else { ' ' })
        } else if leading_sign {
            Some(if negative { '-' } else { '+' })
        } else if own_sign {
            None
        } else {
            Some(if negative { '-' } else { ' ' })
        };
        let zero_from = self
            .elements
            .iter()
            .take_while(|e| !matches!(e, Element::Point | Element::Shift))
            .filter(|e| matches!(e, Element::Nine | Element::Zero))
            .position(|e| *e == Element::Zero)
            .unwrap_or(before);
        let kept_fraction = self.kept_fraction(fraction);
        let mut out = String::new();
        let mut sign_done = false;
        let mut place = 0;
        let mut behind = 0;
        let mut past_point = false;
        let mut started = false;
        let skipped = before - whole.len().min(before);
        let put_sign = |out: &mut String, sign_done: &mut bool| {
            if !*sign_done {
                *sign_done = true;
                if let Some(sign) = anchored
                    && (sign != ' ' || self.fill)
                {
                    out.push(sign);
                }
            }
        };
        for element in &self.elements {
            match element {
                Element::Nine | Element::Zero if !past_point => {
                    if place >= skipped {
                        put_sign(&mut out, &mut sign_done);
                        started = true;
                        out.extend(whole.get(place - skipped));
                    } else if place >= zero_from {
                        put_sign(&mut out, &mut sign_done);
                        started = true;
                        out.push('0');
                    } else if self.fill {
                        out.push(' ');
                    }
                    place += 1;
                }
                Element::Nine | Element::Zero => {
                    if behind < kept_fraction {
                        out.extend(fraction.get(behind));
                    }
                    behind += 1;
                }
                Element::Group => {
                    if started || past_point {
                        out.push(',');
                    } else if self.fill {
                        out.push(' ');
                    }
                }
                Element::Point => {
                    put_sign(&mut out, &mut sign_done);
                    past_point = true;
                    out.push('.');
                }
                Element::Sign => {
                    if !leading_sign {
                        out.push(if negative { '-' } else { '+' });
                    }
                }
                Element::Minus => out.push_str(match (negative, self.fill) {
                    (true, _) => "-",
                    (false, true) => " ",
                    (false, false) => "",
                }),
                Element::Plus => out.push_str(match (negative, self.fill) {
                    (false, _) => "+",
                    (true, true) => " ",
                    (true, false) => "",
                }),
                Element::PlusMinus => out.push(if negative { '-' } else { '+' }),
                Element::Brackets => {
                    if negative {
                        out.push('>');
                    } else if self.fill {
                        out.push(' ');
                    }
                }
                Element::Ordinal(suffixes) => {
                    if !negative && fraction.is_empty() && whole.first() != Some(&'#') {
                        out.push_str(ordinal(whole, suffixes));
                    }
                }
                Element::Shift => {}
                Element::Text(text) => out.push_str(text),
            }
        }
        out
    }

    /// How many digits behind the point are written: with `FM` trailing zeros go, but for those
    /// that a `0` in the pattern asks for.
    fn kept_fraction(&self, fraction: &[char]) -> usize {
        if self.fill {
            return fraction.len();
        }
        let significant = fraction
            .iter()
            .rposition(|c| *c != '0')
            .map_or(0, |at| at + 1);
        let asked = self
            .elements
            .iter()
            .skip_while(|e| **e != Element::Point)
            .filter(|e| matches!(e, Element::Nine | Element::Zero))
            .collect::<Vec<_>>()
            .iter()
            .rposition(|e| **e == Element::Zero)
            .map_or(0, |at| at + 1);
        significant.max(asked)
    }

    fn write_scientific(&self, number: Numeric) -> Result<String> {
        let (_, behind) = self.digits();
        let mut exponent = 0_i32;
        let mut mantissa = number.abs();
        let digits = mantissa.mantissa().to_string().len() as i32;
        if mantissa.mantissa() != 0 {
            exponent = digits - 1 - i32::from(mantissa.scale());
            // The digits with the point behind the first.
            mantissa = Numeric::new(mantissa.mantissa(), (digits - 1).clamp(0, 38) as u8);
            mantissa = mantissa.round(behind as i32)?;
            if mantissa >= Numeric::from(10) {
                exponent += 1;
                mantissa = mantissa.divide_to(Numeric::from(10), behind as u8)?;
            }
        } else {
            mantissa = mantissa.round(behind as i32)?;
        }
        let sign = match (number.mantissa() < 0, self.fill) {
            (true, _) => "-",
            (false, true) => " ",
            (false, false) => "",
        };
        let direction = if exponent < 0 { '-' } else { '+' };
        Ok(format!("{sign}{mantissa}e{direction}{:02}", exponent.abs()))
    }
}

/// The suffix of an ordinal number.
fn ordinal(digits: &[char], suffixes: &[&'static str; 4]) -> &'static str {
    let [th, st, nd, rd] = suffixes;
    let last = digits.last().copied();
    let teen = digits.len() > 1 && digits.get(digits.len() - 2) == Some(&'1');
    match last {
        Some('1') if !teen => st,
        Some('2') if !teen => nd,
        Some('3') if !teen => rd,
        _ => th,
    }
}

fn roman(mut n: i64) -> String {
    const NUMERALS: [(i64, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut text = String::new();
    for (value, numeral) in NUMERALS {
        while n >= value {
            text.push_str(numeral);
            n -= value;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_postgresql_writes_them() {
        for (number, pattern, expected) in [
            ("485", "999", " 485"),
            ("-485", "999", "-485"),
            ("485", "9 9 9", " 4 8 5"),
            ("1485", "9,999", " 1,485"),
            ("485", "9,999", "   485"),
            ("148.5", "999.999", " 148.500"),
            ("148.5", "FM999.999", "148.5"),
            ("148.5", "FM999.990", "148.500"),
            ("0.1", "0.9", " 0.1"),
            ("-0.1", "99.99", "  -.10"),
            ("-0.1", "FM9.99", "-.1"),
            ("0", "999", "   0"),
            ("12", "9990999.9", "    0012.0"),
            ("12", "FM9990999.9", "0012."),
            ("-485", "999S", "485-"),
            ("-485", "999MI", "485-"),
            ("485", "999MI", "485 "),
            ("485", "PL999", "+ 485"),
            ("485", "SG999", "+485"),
            ("-485", "SG999", "-485"),
            ("-485", "999PR", "<485>"),
            ("485", "S999", "+485"),
            ("482", "999th", " 482nd"),
            ("485", "RN", "        CDLXXXV"),
            ("5.2", "FMRN", "V"),
            ("12", "99V999", " 12000"),
            ("12.45", "99V9", " 125"),
            ("0.0004859", "9.99EEEE", " 4.86e-04"),
            ("12345", "9.99EEEE", " 1.23e+04"),
            ("1234", "999", " ###"),
            ("1234567.891", "FM999,999,990.00", "1,234,567.89"),
        ] {
            let number: Numeric = number.parse().unwrap_or(Numeric::new(0, 0));
            assert_eq!(
                number_to_char(number, pattern).map_err(|e| e.message),
                Ok(expected.to_owned()),
                "{number} {pattern}"
            );
        }
    }
}
