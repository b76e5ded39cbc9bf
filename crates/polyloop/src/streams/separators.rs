use memchr::memmem;

/// What ends a message: one separator or several, of which the one that ends first counts.
///
/// It is made of bytes (`b"\r\n"`), or of a slice of such (`&[&[u8]]`).
#[derive(Clone, Copy, Debug)]
pub struct Separators<'a> {
    kind: Kind<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Kind<'a> {
    One(&'a [u8]),
    Several(&'a [&'a [u8]]),
}

/// Where a separator begins and ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Match {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Separators<'_> {
    /// Tells whether there is at least one, and none that is empty.
    pub(super) fn are_valid(&self) -> bool {
        match self.kind {
            Kind::One(one) => !one.is_empty(),
            Kind::Several(several) => {
                !several.is_empty() && several.iter().all(|one| !one.is_empty())
            }
        }
    }

    /// Gives the length of the longest.
    pub(super) fn longest(&self) -> usize {
        match self.kind {
            Kind::One(one) => one.len(),
            Kind::Several(several) => several.iter().map(|one| one.len()).max().unwrap_or(0),
        }
    }

    /// Finds the separator that ends first, among those that begin at `from` or later.
    pub(super) fn find(&self, bytes: &[u8], from: usize) -> Option<Match> {
        let find = |separator: &[u8]| {
            let start = from + find_one(&bytes[from..], separator)?;
            Some(Match { start, end: start + separator.len() })
        };
        match self.kind {
            Kind::One(one) => find(one),
            Kind::Several(several) => {
                several.iter().filter_map(|one| find(one)).min_by_key(|found| found.end)
            }
        }
    }
}

impl<'a> From<&'a [u8]> for Separators<'a> {
    fn from(one: &'a [u8]) -> Self {
        Separators { kind: Kind::One(one) }
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Separators<'a> {
    fn from(one: &'a [u8; N]) -> Self {
        Separators { kind: Kind::One(one) }
    }
}

impl<'a> From<&'a [&'a [u8]]> for Separators<'a> {
    fn from(several: &'a [&'a [u8]]) -> Self {
        Separators { kind: Kind::Several(several) }
    }
}

fn find_one(bytes: &[u8], separator: &[u8]) -> Option<usize> {
    match separator {
        [byte] => memchr::memchr(*byte, bytes),
        _ => memmem::find(bytes, separator),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_that_ends_first_counts() {
        let several: &[&[u8]] = &[b"aXXX", b"X", b"b"];
        let separators = Separators::from(several);
        assert_eq!(separators.find(b"..aXXX", 0), Some(Match { start: 3, end: 4 }));
        assert_eq!(separators.find(b"..aXXX", 4), Some(Match { start: 4, end: 5 }));
        assert_eq!(separators.find(b"..", 0), None);
        assert_eq!(separators.longest(), 4);
    }

    #[test]
    fn an_empty_separator_is_none() {
        let with_empty: &[&[u8]] = &[b"a", b""];
        let none: &[&[u8]] = &[];
        assert!(!Separators::from(with_empty).are_valid());
        assert!(!Separators::from(none).are_valid());
        assert!(!Separators::from(b"").are_valid());
        assert!(Separators::from(b"\r\n").are_valid());
    }
}
