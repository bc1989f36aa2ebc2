//! Values that belong to nobody or to everybody: they always pass.
//!
//! Built in are those set aside for documentation and tests (RFC 2606, RFC 5737, RFC 3849, 555-01xx, the card
//! schemes' test numbers and so on), addresses of roles (RFC 2142) and toll-free numbers. An operator adds their own
//! values and domains.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use candor_deid::{Engine, IdentifierKind};

use crate::candidates::{self, Candidate};

/// Domains for documentation (RFC 2606, RFC 6761); names under them count too.
const DOMAINS: [&str; 7] =
    ["example.com", "example.net", "example.org", "example", "test", "invalid", "localhost"];
/// Local parts that name a role, whoever fills it (RFC 2142, and the customary ones).
const ROLES: [&str; 27] = [
    "abuse",
    "contact",
    "donotreply",
    "ftp",
    "help",
    "helpdesk",
    "hostmaster",
    "info",
    "marketing",
    "news",
    "newsletter",
    "no-reply",
    "noc",
    "noreply",
    "office",
    "postmaster",
    "press",
    "privacy",
    "sales",
    "security",
    "service",
    "support",
    "usenet",
    "uucp",
    "webmaster",
    "www",
    "jobs",
];
/// Card numbers that schemes and processors publish for tests.
const CARDS: [&str; 24] = [
    "4111111111111111",
    "4242424242424242",
    "4012888888881881",
    "4000056655665556",
    "4222222222222",
    "4917610000000000",
    "5555555555554444",
    "5105105105105100",
    "5200828282828210",
    "5454545454545454",
    "5500000000000004",
    "2223003122003222",
    "378282246310005",
    "371449635398431",
    "378734493671000",
    "340000000000009",
    "6011111111111117",
    "6011000990139424",
    "6011000000000004",
    "30569309025904",
    "38520000023237",
    "3530111333300000",
    "3566002020360505",
    "6200000000000005",
];
/// IBANs that registries and manuals print as examples.
const IBANS: [&str; 8] = [
    "GB82WEST12345698765432",
    "GB29NWBK60161331926819",
    "GB33BUKB20201555555555",
    "DE89370400440532013000",
    "FR1420041010050500013M02606",
    "NL91ABNA0417164300",
    "CH9300762011623852957",
    "ES9121000418450200051332",
];
/// Numbers voided because they were printed on wallets and pamphlets, and the one of every form.
const SSNS: [&str; 3] = ["078051120", "219099999", "123456789"];
/// The first block's address, and the samples of BIP 173 and EIP-55.
const CRYPTO: [&str; 7] = [
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
    "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
    "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359",
    "0xdbf03b407c01e7cd3cbea99509d93f8dddc8c6fb",
    "0xd1220a0cf47c7b9be7a2e6ba89f429762e7b9adb",
];
/// Beginnings of E.164 numbers that anyone may call (toll-free) or that fiction uses (Ofcom's drama numbers).
const PHONE_BEGINNINGS: [&str; 15] = [
    "+1800",
    "+1833",
    "+1844",
    "+1855",
    "+1866",
    "+1877",
    "+1888",
    "+44800",
    "+49800",
    "+33800",
    "+800",
    "+447700900",
    "+442079460",
    "+441632960",
    "+441134960",
];

/// What always passes: the built-in list and an operator's own.
#[derive(Clone, Default)]
pub struct Public {
    values: HashSet<(IdentifierKind, String)>,
    domains: Vec<String>,
}

impl Public {
    /// The built-in list alone.
    pub fn standard() -> Self {
        Self::default()
    }

    /// Adds a value of an operator's, such as their own help line, in any spelling; false when the engine sees no
    /// identifier in it.
    ///
    /// A phone number should be given with its country code.
    pub fn add_value(&mut self, engine: &Engine, value: &str) -> bool {
        let bare = candidates::all(engine, value, 0);
        let known = !bare.is_empty();
        let canonical = |found: &Candidate| found.canonical(engine, value).to_string();
        self.values.extend(bare.iter().map(|found| (found.kind, canonical(found))));
        known
    }

    /// Adds a domain whose e-mail addresses, and those of names under it, pass.
    pub fn add_domain(&mut self, domain: &str) {
        self.domains.push(domain.trim_matches('.').to_ascii_lowercase());
    }

    /// Whether a value, in its canonical spelling, always passes.
    pub(crate) fn contains(&self, kind: IdentifierKind, canonical: &str) -> bool {
        let built_in = match kind {
            IdentifierKind::Email => is_public_email(canonical),
            IdentifierKind::Phone => is_public_phone(canonical),
            IdentifierKind::Ip => is_public_ip(canonical),
            IdentifierKind::Card => CARDS.contains(&canonical),
            IdentifierKind::Iban => IBANS.contains(&canonical),
            // 987-65-4320 to -4329 are set aside for advertisements.
            IdentifierKind::NationalId => SSNS.contains(&canonical) || canonical.starts_with("98765432"),
            IdentifierKind::Crypto => CRYPTO.contains(&canonical),
            // RFC 7042 sets this block aside for documentation.
            IdentifierKind::Mac => canonical.starts_with("00005E0053"),
            _ => false,
        };
        built_in || self.has_domain_of(kind, canonical) || self.has_value(kind, canonical)
    }

    fn has_domain_of(&self, kind: IdentifierKind, canonical: &str) -> bool {
        let domain = canonical.rsplit_once('@').map(|(_, domain)| domain);
        kind == IdentifierKind::Email
            && domain.is_some_and(|domain| self.domains.iter().any(|known| is_under(domain, known)))
    }

    fn has_value(&self, kind: IdentifierKind, canonical: &str) -> bool {
        !self.values.is_empty() && self.values.contains(&(kind, canonical.to_owned()))
    }
}

/// Shows sizes only: an operator may have listed what is not for a log.
impl std::fmt::Debug for Public {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Public({} values, {} domains)", self.values.len(), self.domains.len())
    }
}

fn is_under(domain: &str, parent: &str) -> bool {
    domain.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_public_email(canonical: &str) -> bool {
    let Some((local, domain)) = canonical.rsplit_once('@') else { return false };
    let role = local.split('+').next().unwrap_or(local);
    ROLES.contains(&role) || DOMAINS.iter().any(|known| is_under(domain, known))
}

/// `+1 NXX 555 01xx` is set aside for fiction in every area of North America.
fn is_public_phone(canonical: &str) -> bool {
    let north_american = canonical.strip_prefix("+1").filter(|national| national.len() == 10);
    // A number that no plan knows keeps its digits only; `212 555 0123` is such a one.
    let national = north_american.unwrap_or_else(|| canonical.strip_prefix('1').unwrap_or(canonical));
    let fictional = national.len() == 10 && national.get(3..8) == Some("55501")
        || national.len() == 7 && national.starts_with("55501");
    fictional || PHONE_BEGINNINGS.iter().any(|beginning| canonical.starts_with(beginning))
}

fn is_public_ip(canonical: &str) -> bool {
    match canonical.parse() {
        Ok(IpAddr::V4(address)) => is_public_ipv4(address),
        Ok(IpAddr::V6(address)) => is_public_ipv6(address),
        Err(_) => false,
    }
}

/// Documentation (RFC 5737), private use (RFC 1918), shared and link-local: they single out nobody.
fn is_public_ipv4(address: Ipv4Addr) -> bool {
    let shared = address.octets()[0] == 100 && (64..128).contains(&address.octets()[1]);
    address.is_documentation() || address.is_private() || address.is_link_local() || shared
}

/// Documentation (RFC 3849, RFC 9637), unique local and link-local.
fn is_public_ipv6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    first == 0x2001 && second == 0xdb8
        || first == 0x3fff && second < 0x1000
        || address.is_unique_local()
        || address.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;
    use candor_deid::Settings;

    fn passes(public: &Public, value: &str) -> bool {
        let engine = Engine::new(Settings::streamed());
        let found = crate::candidates::detected(&engine, value);
        assert!(!found.is_empty(), "{value} holds no identifier");
        found.iter().all(|found| public.contains(found.kind, &found.canonical(&engine, value)))
    }

    #[test]
    fn text_book_examples_pass_and_their_neighbours_do_not() {
        let public = Public::standard();
        for example in [
            "jane@example.com",
            "jane@mail.example.org",
            "support@orchard.org",
            "host 192.0.2.7",
            "host 192.168.1.77",
            "2001:db8::8a2e:370:7334",
            "4111 1111 1111 1111",
            "GB82 WEST 1234 5698 7654 32",
            "call (212) 555-0123",
            "call +1 800 275 2273",
            "ssn 123-45-6789",
        ] {
            assert!(passes(&public, example), "{example}");
        }
        for personal in [
            "jane@examples.com",
            "jane.support@orchard.org",
            "host 86.121.97.248",
            "4716 1901 2847 9959",
            "call (212) 736-5000",
        ] {
            assert!(!passes(&public, personal), "{personal}");
        }
    }

    #[test]
    fn an_operator_adds_a_value_in_any_spelling_and_a_domain_with_what_is_under_it() {
        let engine = Engine::new(Settings::streamed());
        let mut public = Public::standard();
        assert!(public.add_value(&engine, "+1 212-736-5000"));
        assert!(!public.add_value(&engine, "our help line"));
        public.add_domain("orchard.org");
        assert!(passes(&public, "call (212) 736-5000"));
        assert!(passes(&public, "jo@staff.orchard.org"));
        assert!(!passes(&public, "jo@theorchard.org"));
    }
}
