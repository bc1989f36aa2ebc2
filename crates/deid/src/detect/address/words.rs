//! Words for streets, units and boxes, lower case.

/// English words behind the name of a street.
#[rustfmt::skip]
pub(in crate::detect) const TYPES: &[&str] = &[
    "street", "st", "avenue", "ave", "av", "road", "rd", "boulevard", "blvd", "lane", "ln", "drive", "dr", "court", "ct", "place",
    "pl", "square", "sq", "terrace", "ter", "way", "parkway", "pkwy", "highway", "hwy", "circle", "cir", "trail", "trl", "close",
    "crescent", "cres", "mews", "gardens", "grove", "row", "loop", "plaza", "alley", "pike", "turnpike", "bypass", "crossing",
    "hill", "heights", "ridge", "run", "view", "walk", "parade", "esplanade", "quay", "wharf", "green", "park", "path", "pass",
    "point", "expressway", "freeway", "motorway", "causeway", "rise", "vale", "wynd", "broadway",
];
/// Endings of names of streets, with a house number behind: German, Dutch, Scandinavian, Finnish.
#[rustfmt::skip]
pub(in crate::detect) const SUFFIXES: &[&str] = &[
    "straße", "strasse", "str", "gasse", "weg", "platz", "allee", "damm", "ufer", "steig", "straat", "laan", "plein", "gracht",
    "kade", "dreef", "gatan", "vägen", "gata", "gate", "vej", "gade", "veien", "vegen", "alle", "allé", "stræde", "katu", "kuja",
    "polku", "utca", "vegur", "bundesstrasse", "ulice", "út",
];
/// Words before the name of a street, with a house number before or behind: French, Italian, Spanish, Portuguese, Polish.
#[rustfmt::skip]
pub(in crate::detect) const PREFIXES: &[&str] = &[
    "rue", "avenue", "av", "boulevard", "bd", "place", "chemin", "impasse", "allée", "quai", "cours", "via", "viale", "piazza",
    "piazzale", "corso", "vicolo", "largo", "calle", "c/", "avenida", "avda", "paseo", "plaza", "carrer", "camino", "rua", "travessa",
    "praça", "estrada", "alameda", "ulica", "ul", "aleja", "aleje", "al", "plac", "pl", "ulice", "trg", "strada", "calea",
];
/// Words before the number of a unit.
pub(in crate::detect) const UNITS: &[&str] = &[
    "apt",
    "apartment",
    "suite",
    "ste",
    "unit",
    "flat",
    "floor",
    "fl",
    "room",
    "rm",
    "app",
    "piso",
    "wohnung",
];
/// Words before the number of a unit of military mail, with the number of a box behind.
pub(in crate::detect) const MILITARY: &[&str] = &["unit", "psc", "cmr"];
/// What is said of a crossing of streets.
pub(in crate::detect) const CORNERS: &[&str] = &["corner of", "intersection of"];
/// Words before the number of a box.
#[rustfmt::skip]
pub(in crate::detect) const BOXES: &[&str] = &[
    "p.o. box", "po box", "p.o box", "p. o. box", "post office box", "postfach", "apartado de correos", "apartado postal",
    "boîte postale", "casella postale", "caixa postal", "postbus", "postboks",
];
