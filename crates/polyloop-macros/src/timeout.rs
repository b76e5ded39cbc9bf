use crate::misuse::Misuse;
use crate::tokens::{Span, TokenStream, TokenTree};

/// The units that a text may end in, and their nanoseconds.
const UNITS: [(&str, f64); 4] = [("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)];

/// The longest time, about a year: far more than a test may take, far less than a clock holds.
const LONGEST_NS: f64 = 3e16;

/// Reads the value of `timeout = ...`: seconds as a number, or a text such as `"10s"`; in
/// nanoseconds.
pub(crate) fn timeout_ns(at: Span, value: TokenStream) -> Result<u64, Misuse> {
    let mut tokens = value.into_iter();
    let literal = match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Literal(literal)), None) => literal,
        _ => return Err(misuse(at)),
    };
    let text = literal.to_string();
    nanoseconds(&text).ok_or_else(|| misuse(literal.span()))
}

fn misuse(at: Span) -> Misuse {
    Misuse::new(
        at,
        "a timeout is a number of seconds, or a text such as \"10s\", \"500ms\", \"2m\"; more than \
         zero, less than a year",
    )
}

fn nanoseconds(literal: &str) -> Option<u64> {
    let quoted = literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let (number, unit_ns) = match quoted {
        None => (literal, 1e9),
        Some(text) => {
            let unit_begins = text.find(|c: char| c.is_alphabetic())?;
            let (number, unit) = text.split_at(unit_begins);
            (number.trim(), UNITS.iter().find(|(name, _)| *name == unit)?.1)
        }
    };
    let ns = number.replace('_', "").parse::<f64>().ok()? * unit_ns;
    (1.0..LONGEST_NS).contains(&ns).then_some(ns as u64)
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    #[test]
    fn seconds_and_texts_with_a_unit_are_read() {
        assert_eq!(nanoseconds("10"), Some(10_000_000_000));
        assert_eq!(nanoseconds("1_0"), Some(10_000_000_000));
        assert_eq!(nanoseconds("0.5"), Some(500_000_000));
        assert_eq!(nanoseconds("\"500ms\""), Some(500_000_000));
        assert_eq!(nanoseconds("\"10 s\""), Some(10_000_000_000));
        assert_eq!(nanoseconds("\"2m\""), Some(120_000_000_000));
        assert_eq!(nanoseconds("\"1h\""), Some(3_600_000_000_000));
    }

    #[test]
    fn nothing_else_is() {
        for text in ["0", "\"\"", "\"s\"", "\"10\"", "\"10 years\"", "\"-1s\"", "'a'", "1e30"] {
            assert_eq!(nanoseconds(text), None, "{text}");
        }
    }
}
