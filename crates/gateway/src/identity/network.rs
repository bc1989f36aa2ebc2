//! Blocks of addresses, as in `10.0.0.0/8` (RFC 4632, RFC 4291).

use std::net::IpAddr;

/// A block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    prefix_bits: u32,
}

impl Network {
    /// Reads `address/bits`, or one address. `None` if it is neither, has bits set beyond the prefix (most often a
    /// slip), or is the whole of a family, which would believe everyone.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let prefix_bits = bits.map_or(Some(width(address)), |bits| bits.parse().ok())?;
        let is_block = (1..=width(address)).contains(&prefix_bits);
        (is_block && masked(address, prefix_bits) == number(address)).then_some(Self { address, prefix_bits })
    }

    /// Whether an address is in the block. An IPv4 address that arrives mapped into IPv6 counts as IPv4.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4()
            && masked(address, self.prefix_bits) == number(self.address)
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The address with everything beyond its first 1 to `width` bits cleared.
fn masked(address: IpAddr, prefix_bits: u32) -> u128 {
    let cleared_bits = width(address) - prefix_bits;
    (number(address) >> cleared_bits) << cleared_bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(network: &str, address: &str) -> bool {
        Network::parse(network).unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_block_holds_what_shares_its_prefix() {
        assert!(holds("10.1.0.0/16", "10.1.255.1") && !holds("10.1.0.0/16", "10.2.0.1"));
        assert!(holds("127.0.0.1", "127.0.0.1") && !holds("127.0.0.1/32", "127.0.0.2"));
        assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "fe80::1"));
        assert!(holds("128.0.0.0/1", "255.255.255.255"));
    }

    #[test]
    fn an_address_mapped_into_ipv6_is_the_ipv4_address() {
        assert!(holds("127.0.0.1/32", "::ffff:127.0.0.1"));
        assert!(!holds("::1/128", "0.0.0.1") && !holds("0.0.0.1/32", "::1"));
    }

    #[test]
    fn slips_and_blocks_that_hold_everyone_are_refused() {
        for wrong in [
            "",
            "10.0.0.1/8",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "0.0.0.0/0",
            "::/0",
            "host",
            "10.0.0.0/",
            "1.2.3",
        ] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
    }
}
