//! In which order addresses are tried.

use std::collections::VecDeque;
use std::net::SocketAddr;

/// Mixes the families, as RFC 8305, section 4, and asyncio do: `first` addresses of the family that
/// comes first, then one of each in turn; each family keeps its order. Zero changes nothing.
pub(super) fn interleave(addresses: Vec<SocketAddr>, first: usize) -> Vec<SocketAddr> {
    let Some(preferred) = addresses.first().map(SocketAddr::is_ipv4) else { return addresses };
    if first == 0 {
        return addresses;
    }
    let count = addresses.len();
    let (mut ours, mut others): (VecDeque<_>, VecDeque<_>) =
        addresses.into_iter().partition(|address| address.is_ipv4() == preferred);
    let mut mixed = Vec::with_capacity(count);
    mixed.extend(ours.drain(..(first - 1).min(ours.len())));
    while mixed.len() < count {
        mixed.extend(ours.pop_front());
        mixed.extend(others.pop_front());
    }
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Interleaves addresses that are written by family and number.
    fn mixed(addresses: &str, first: usize) -> String {
        let parse = |word: &str| -> SocketAddr {
            let (family, number) = word.split_at(1);
            let number = number.parse().expect("a number");
            match family {
                "4" => ([10, 0, 0, number as u8], 80).into(),
                _ => ([0xfd00, 0, 0, 0, 0, 0, 0, number], 80).into(),
            }
        };
        let name = |address: &SocketAddr| match address {
            SocketAddr::V4(address) => format!("4{}", address.ip().octets()[3]),
            SocketAddr::V6(address) => format!("6{}", address.ip().segments()[7]),
        };
        let addresses = addresses.split(' ').map(parse).collect();
        interleave(addresses, first).iter().map(name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn families_take_turns_from_the_one_that_comes_first() {
        assert_eq!(mixed("61 62 63 41 42", 1), "61 41 62 42 63");
        assert_eq!(mixed("41 42 61 62", 1), "41 61 42 62");
    }

    #[test]
    fn as_many_as_asked_for_come_first() {
        assert_eq!(mixed("61 62 63 41 42", 2), "61 62 41 63 42");
        assert_eq!(mixed("61 62 41", 9), "61 62 41");
    }

    #[test]
    fn zero_and_a_single_family_change_nothing() {
        assert_eq!(mixed("61 62 41 42", 0), "61 62 41 42");
        assert_eq!(mixed("41 42 43", 1), "41 42 43");
        assert!(interleave(Vec::new(), 1).is_empty());
    }
}
