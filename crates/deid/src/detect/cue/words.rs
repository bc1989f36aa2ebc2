//! The words, by what they speak of.

use super::{Cue, Words};

#[rustfmt::skip]
pub(super) const WORDS: &[Words] = &[
    Words { cue: Cue::Phone, words: &[
        "phone", "phones", "telephone", "tel", "mobile", "cell", "cellphone", "fax", "whatsapp", "telefon*",
        "dial", "sms", "phone number", "cell number", "mobile number", "contact number", "number is",
        "phone no", "hotline", "helpline", "landline", "handy", "handynummer", "rufnummer", "durchwahl",
        "mobil", "mobilnummer", "téléphone", "tél", "portable", "teléfono", "móvil", "celular", "telefone",
        "telemóvel", "cellulare", "telefoon*", "gsm", "puhelin*", "puh", "mobiltelefon", "komórka",
        "numer telefonu", "τηλέφωνο", "тел", "телефон*", "电话", "手机", "電話", "携帯", "전화", "휴대폰", "telp", "viber",
        "my number", "your number", "his number", "her number", "their number", "our number",
    ] },
    Words { cue: Cue::Call, words: &[
        "call", "calls", "calling", "called", "text", "texting", "ring", "rang", "contact", "reach",
        "reached", "answering", "answer at", "extension", "ext", "anrufen", "erreichbar", "erreichen", "ruf",
        "rufen", "appelez", "appeler", "llame", "llamar", "llámame", "ligue", "ligar", "chiamare", "chiama",
        "bellen", "bel", "ringa", "ring til", "soita", "zadzwoń", "toll-free", "toll free",
    ] },
    Words { cue: Cue::Card, words: &[
        "card", "cards", "credit", "debit", "visa", "mastercard", "amex", "american express", "maestro",
        "diners", "jcb", "unionpay", "rupay", "cc", "pan", "payment", "pay", "paid", "charge", "charged",
        "ccn", "discover", "cvv", "cvc", "expires", "kreditkarte*", "karte", "kartennummer", "carte",
        "carte bleue", "tarjeta", "cartão", "carta", "creditcard", "kort", "karta", "kortti",
    ] },
    Words { cue: Cue::OtherNumber, words: &[
        "order", "orders", "invoice", "isbn", "issn", "ticket", "version", "patent", "doi", "arxiv", "serial",
        "model", "part", "tracking", "reference", "ref", "case", "score", "population", "id", "pmid",
        "license", "licence", "ean", "upc", "gtin", "sku", "timestamp", "build", "commit", "issue",
        "bestellung", "bestellnummer", "rechnung", "rechnungsnummer", "commande", "facture", "pedido",
        "factura", "ordine", "confirmation", "shipment", "barcode", "product", "article", "artikel*", "lot",
        "batch", "job", "process", "pid",
    ] },
    Words { cue: Cue::NationalId, words: &[
        "ssn", "ssns", "social security", "ss", "social", "soc sec", "itin", "ein", "taxpayer", "tax id",
        "tax number", "tin", "tax identification", "tax file", "tfn", "national id",
        "national identification", "national identity", "national insurance", "nino", "ni number", "nhs",
        "utr", "identity card", "identity number", "id card", "id number", "id no", "identification number",
        "personal number", "personal id", "personal code", "resident", "citizen", "government id", "medicare",
        "sin", "social insurance", "ird", "nric", "fin", "hkid", "aadhaar", "aadhar", "uidai", "uid", "pan",
        "pan card", "permanent account", "steuer-id", "steuer id", "steueridentifikationsnummer",
        "steuer-identifikationsnummer", "steuernummer", "idnr", "personalausweis*", "ausweis*",
        "rentenversicherung*", "sozialversicherung*", "sv-nummer", "versicherungsnummer", "svnr", "svnummer",
        "ahv*", "avs", "insee", "nir", "sécurité sociale", "securite sociale", "numéro de sécu",
        "numéro fiscal", "spi", "identifiant fiscal", "nie", "dni", "nif", "cif", "documento",
        "documento nacional", "seguridad social", "codice fiscale", "cod. fisc", "c.f", "cf", "bsn",
        "burgerservicenummer", "sofinummer", "pesel", "nip", "contribuinte", "niss", "cartão de cidadão",
        "cpf", "cnpj", "rijksregister*", "registre national", "numéro national", "nrn", "curp", "rfc", "nss",
        "cuit", "cuil", "rut", "run", "rol único", "cédula", "cedula", "personnummer", "personnr",
        "fødselsnummer", "fodselsnummer", "cpr", "cpr-nummer", "henkilötunnus", "hetu", "rodné číslo",
        "rodne cislo", "cnp", "cod numeric personal", "egn", "егн", "oib", "adóazonosító", "adószám", "taj",
        "személyi", "amka", "αμκα", "afm", "αφμ", "tckn", "t.c. kimlik", "tc kimlik", "kimlik",
        "teudat zehut", "תעודת זהות", "pps", "ppsn", "asmens kodas", "personas kods", "isikukood", "emšo",
        "emso", "jmbg", "ипн", "рнокпп", "инн", "снилс", "inn", "snils", "паспорт*", "身份证", "身份證", "居民身份证",
        "マイナンバー", "個人番号", "my number card", "주민등록번호", "주민번호", "rrn", "身分證", "mykad", "ic number", "nric no", "nik",
        "ktp", "ktp number", "บัตรประชาชน", "kennitala", "id-nummer", "id nummer", "matricule", "fiscal code",
        "vat number", "abn", "medicare number", "health card", "pension", "insurance number",
    ] },
    Words { cue: Cue::Account, words: &[
        "account", "acct", "a/c", "bank account", "routing", "aba", "rtn", "sort code", "sort-code", "bsb",
        "konto*", "kontonummer", "blz", "bankleitzahl", "swift", "bic", "compte", "cuenta", "conto", "conta",
        "rekening*", "wire", "deposit", "checking", "savings", "transit", "clabe", "ifsc",
    ] },
    Words { cue: Cue::Device, words: &[
        "imei", "imeisv", "iccid", "sim", "imsi", "meid", "device id", "handset",
    ] },
    Words { cue: Cue::Vehicle, words: &[
        "vin", "chassis", "vehicle", "fahrgestellnummer", "fin", "châssis", "bastidor", "telaio", "car",
        "truck",
    ] },
    Words { cue: Cue::Coordinates, words: &[
        "lat", "latitude", "lng", "lon", "long", "longitude", "gps", "coordinates", "coordinate", "coords",
        "located", "location", "position", "geo", "koordinaten", "standort", "coordonnées", "coordenadas",
        "map", "pin",
    ] },
    Words { cue: Cue::PostalCode, words: &[
        "zip", "zip code", "zipcode", "postal code", "post code", "postcode", "plz", "postleitzahl",
        "code postal", "código postal", "codigo postal", "cap", "cep", "postnummer", "kod pocztowy",
        "pin code", "pincode", "eircode",
    ] },
    Words { cue: Cue::Birth, words: &[
        "born", "dob", "d.o.b", "date of birth", "birth date", "birthdate", "birthday", "birth", "bday",
        "b-day", "geboren", "geb", "geburtsdatum", "geburtstag", "né", "née", "né(e)", "naissance",
        "date de naissance", "anniversaire", "nacido", "nacida", "nací", "nacimiento", "cumpleaños", "nato",
        "nata", "nascita", "compleanno", "nascido", "nascida", "nasci", "nascimento", "aniversário",
        "geboren op", "geboortedatum", "verjaardag", "född", "født", "syntynyt", "urodzony", "urodzona", "ur",
    ] },
    Words { cue: Cue::Address, words: &[
        "address", "addresses", "adresse", "anschrift", "wohnhaft", "dirección", "direccion", "indirizzo",
        "endereço", "morada", "adres", "adress", "osoite", "lives at", "live at", "living at", "lives on",
        "live on", "living on", "lives in", "located at", "located on", "mail to", "ship to", "deliver to",
        "delivered to", "return to", "resides at", "residing at", "moved to", "office at", "house at",
        "home at", "wohne in", "wohnt in", "habite", "vivo en", "abito in", "moro na", "woon",
        "restaurant is at", "is at", "are at", "station is on", "drops you off at", "drop off at",
        "pick up at", "meet at", "corner of", "side of",
    ] },
];
