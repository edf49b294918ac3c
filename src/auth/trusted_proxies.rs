//! Who a client is, where proxies stand in front: those that the operator trusts say whom they speak for.

use std::net::IpAddr;

/// Proxies in a row that are looked behind.
const MOST_HOPS: usize = 16;

/// The addresses and networks of the proxies that are believed. The default has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

/// The addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    bits: u128,
    prefix: u32,
}

impl FromIterator<Network> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = Network>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

impl TrustedProxies {
    /// The client of a connection from `peer`, by the lines of `X-Forwarded-For`, to which each proxy adds whom it
    /// speaks for. They are read from the end, as long as a trusted proxy wrote them: what stands in front of that may
    /// be anybody's invention.
    pub fn client<'h>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'h str>) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.has(client) {
            return client;
        }

        let named = forwarded.rev().flat_map(|line| line.rsplit(','));
        for text in named.take(MOST_HOPS) {
            let Some(address) = address(text.trim()) else { break };
            client = address;
            if !self.has(client) {
                break;
            }
        }
        client
    }

    fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.has(address))
    }
}

impl Network {
    /// Reads `10.0.0.0/8`, or one address.
    ///
    /// # Errors
    /// A sentence with the remedy.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no address and no network, say `10.0.0.7` or `10.0.0.0/8`");
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u32>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;

        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(most);
        if prefix > most {
            return Err(wrong());
        }
        let prefix = prefix + 128 - most;
        Ok(Self {
            bits: masked(bits(address), prefix),
            prefix,
        })
    }

    fn has(&self, address: IpAddr) -> bool {
        masked(bits(address), self.prefix) == self.bits
    }
}

/// An address of IPv4 as IPv6 has it.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn masked(bits: u128, prefix: u32) -> u128 {
    let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
    bits & mask
}

/// An address as proxies write it: some add the port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').split(']').next().unwrap_or_default();
    let found = bare
        .parse()
        .or_else(|_| text.parse::<std::net::SocketAddr>().map(|it| it.ip()));
    found.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let trusted: TrustedProxies = trusted.iter().map(|text| Network::parse(text).unwrap()).collect();
        trusted
            .client(peer.parse().unwrap(), forwarded.iter().copied())
            .to_string()
    }

    #[test]
    fn only_what_trusted_proxies_wrote_is_believed() {
        let inside = ["10.0.0.0/8", "fd00::/8"];
        for (trusted, peer, forwarded, expected) in [
            (&inside[..0], "10.0.0.1", &["1.2.3.4"][..], "10.0.0.1"),
            (&inside, "9.9.9.9", &["1.2.3.4"], "9.9.9.9"),
            (&inside, "10.0.0.1", &[], "10.0.0.1"),
            (&inside, "10.0.0.1", &["1.2.3.4"], "1.2.3.4"),
            (&inside, "::ffff:10.0.0.1", &["1.2.3.4"], "1.2.3.4"),
            // Whoever calls invents what stands in front.
            (&inside, "10.0.0.1", &["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            (&inside, "10.0.0.1", &["6.6.6.6", "1.2.3.4, 10.0.0.2"], "1.2.3.4"),
            (&inside, "10.0.0.1", &["6.6.6.6, nonsense, 10.0.0.2"], "10.0.0.2"),
            (&inside, "10.0.0.1", &[""], "10.0.0.1"),
            (&inside, "fd00::1", &["[2001:db8::7]:443"], "2001:db8::7"),
            (&inside, "fd00::1", &["1.2.3.4:5678"], "1.2.3.4"),
        ] {
            assert_eq!(client(trusted, peer, forwarded), expected, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn a_long_list_is_not_walked() {
        let list = "10.0.0.2, ".repeat(100_000) + "10.0.0.3";
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &[&list]), "10.0.0.2");
    }

    #[test]
    fn a_network_is_an_address_or_has_a_length_that_fits() {
        for good in ["10.0.0.7", "10.0.0.0/8", "0.0.0.0/0", "::1", "::/0", "2001:db8::/32"] {
            assert!(Network::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "proxy.example",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "10.0.0.0/x",
            "/8",
        ] {
            let said = Network::parse(bad).unwrap_err();
            assert!(said.contains("10.0.0.0/8"), "{bad}: {said}");
        }
        assert!(Network::parse("10.1.2.3/8").unwrap().has("10.200.0.1".parse().unwrap()));
        assert!(!Network::parse("0.0.0.0/0").unwrap().has("2001:db8::1".parse().unwrap()));
    }
}
