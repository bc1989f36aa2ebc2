//! The labels, by what they announce.

use super::{Form, Label};
use crate::identifier::IdentifierKind as Kind;

#[rustfmt::skip]
pub(in crate::detect) const LABELS: &[Label] = &[
    Label { kind: Kind::Passport, rule: "passport", form: Form::Code(6, 12, 5), words: &[
        "passport", "passports", "reisepass*", "passeport", "pasaporte", "passaporto", "passaporte", "paspoort*", "paszport*",
        "travel document", "passnummer", "pass-nr", "паспорт", "护照", "旅券",
    ] },
    Label { kind: Kind::DrivingLicence, rule: "driving-licence", form: Form::Code(5, 20, 4), words: &[
        "driver's license", "driver’s license", "drivers license", "driver license", "driving licence", "driving license",
        "driver's licence", "drivers licence", "driver licence", "dl number", "dl no", "dl#", "dl #", "dln", "license number",
        "licence number", "führerschein*", "permis de conduire", "licencia de conducir", "permiso de conducir", "patente di guida",
        "carta de condução", "cnh", "rijbewijs*", "prawo jazdy", "körkort*",
    ] },
    Label { kind: Kind::MedicalRecord, rule: "medical-record", form: Form::Code(5, 15, 4), words: &[
        "medical record", "medical record number", "mrn", "patient id", "patient number", "patient no", "chart number", "hospital number",
        "member id", "member number", "membership id", "subscriber id", "insurance id", "insurance number", "insurance member id",
        "insurance policy", "policy number", "policy no", "policy #", "health insurance", "health plan", "health card", "group number",
        "beneficiary", "medicaid", "medicaid id", "mbi", "npi", "dea number", "patientennummer", "versichertennummer*",
        "krankenversichertennummer", "krankenversicherung*", "fallnummer", "numéro de patient", "número de paciente",
        "health record", "hospital file", "patient file", "medical file", "patientenakte*", "krankenakte*", "dossier médical",
        "historia clínica", "cartella clinica", "prontuário",
    ] },
    Label { kind: Kind::BankAccount, rule: "bank-account", form: Form::Digits(6, 20), words: &[
        "account number", "account no", "account num", "account #", "acct", "acct no", "acct number", "acct #", "a/c no", "a/c number",
        "bank account", "account number is", "checking account", "savings account", "kontonummer", "konto-nr", "kto-nr", "kto",
        "numéro de compte", "número de cuenta", "numero di conto", "número da conta", "rekeningnummer", "clabe", "account",
        "blz", "bankleitzahl", "bsb", "sort code", "sort-code", "sortcode", "transit number",
    ] },
    Label { kind: Kind::BankAccount, rule: "aba-routing", form: Form::Aba, words: &[
        "routing", "routing number", "routing no", "aba", "aba number", "rtn", "routing transit number", "wire", "ach",
    ] },
    Label { kind: Kind::BankAccount, rule: "bic", form: Form::Bic, words: &["swift", "bic", "swift code", "swift/bic", "bic/swift"] },
    Label { kind: Kind::BankAccount, rule: "ifsc", form: Form::Word(11, 11, 4), words: &["ifsc"] },
    Label { kind: Kind::Vehicle, rule: "number-plate", form: Form::Plate, words: &[
        "license plate", "licence plate", "license plates", "number plate", "plate number", "plate", "reg plate", "registration plate",
        "kennzeichen", "kfz-kennzeichen", "nummernschild", "plaque d'immatriculation", "immatriculation", "immatriculée", "matrícula",
        "targa", "kenteken*", "nummerplaat", "vehicle registration", "registreringsnummer", "tablica rejestracyjna",
        "numer rejestracyjny", "nr rej", "plaque", "placa", "placas",
    ] },
    Label { kind: Kind::Device, rule: "device-serial", form: Form::Word(8, 40, 4), words: &[
        "device id", "device serial", "serial number of my", "udid", "android id", "advertising id", "idfa", "imei", "meid",
        "device identifier",
    ] },
    Label { kind: Kind::NationalId, rule: "national-id", form: Form::Word(6, 18, 5), words: &[
        "national id", "national identity", "national identification", "identity card", "id card", "citizen id", "citizenship",
        "government id", "personal identification", "resident registration", "social insurance", "tax id", "tax identification", "taxpayer",
        "personalausweis*", "ausweisnummer", "carte d'identité", "cédula", "cedula", "documento de identidad", "carta d'identità",
        "identiteitskaart", "voter id", "green card", "alien registration", "a-number", "visa number",
    ] },
];
