use candor_wire::opt_out::{DIALECTS, Dialect, OptOut, Place, Refuses, read_headers};
use candor_wire::surface::Surface;
use proptest::prelude::*;

use crate::support::request;

fn header(name: &str, value: &str) -> (OptOut, Option<Dialect>) {
    read_headers([(name, value.as_bytes())])
}

/// `{"a":{"b":VALUE}}` for the path `a.b`.
fn body(path: &str, value: &str) -> String {
    // TensorZero's field has colons, and no dots, in its name.
    path.rsplit('.').fold(value.to_owned(), |inner, name| format!(r#"{{"{name}":{inner}}}"#))
}

fn field(path: &str, value: &str) -> (OptOut, Option<Dialect>) {
    let read = request(Surface::Chat, &body(path, value));
    (read.opt_out, read.dialect)
}

/// The value that refuses, and the one that does not, as JSON and as a header.
fn values(refuses: Refuses) -> (&'static str, &'static str) {
    match refuses {
        Refuses::UnlessOff => ("true", "false"),
        Refuses::UnlessOn => ("false", "true"),
        Refuses::Unless(_) => (r#""deny""#, r#""allow""#),
        Refuses::Preferences => ("train-ai=n", "train-ai=y"),
    }
}

#[test]
fn every_dialect_of_the_table_is_understood() {
    for row in DIALECTS {
        let (no, yes) = values(row.refuses);
        let read = |value: &str| match row.place {
            Place::Header(name) => header(name, value),
            Place::Field(path) => field(path, value),
        };
        assert_eq!(read(no), (row.means, Some(row.dialect)), "{}", row.code);
        assert_eq!(read(yes), (OptOut::None, None), "{}", row.code);
        assert_eq!(row.dialect.code(), row.code);
    }
}

#[test]
fn the_dialects_of_the_reference_mean_what_they_say() {
    for (path, value, means) in [
        ("store", "false", OptOut::Everything),
        ("no-log", "true", OptOut::Everything),
        ("tensorzero::dryrun", "true", OptOut::Everything),
        ("disable_log", "true", OptOut::Everything),
        ("provider.zdr", "true", OptOut::Everything),
        ("provider.data_collection", r#""deny""#, OptOut::Everything),
        ("providerOptions.gateway.zeroDataRetention", "true", OptOut::Everything),
        ("providerOptions.gateway.disallowPromptTraining", "true", OptOut::Training),
    ] {
        assert_eq!(field(path, value).0, means, "{path}");
        assert_eq!(field(path, "null").0, OptOut::None, "{path}");
    }
    for (name, value, means) in [
        ("X-LiteLLM-Enable-Message-Redaction", "true", OptOut::Everything),
        ("Helicone-Omit-Request", "true", OptOut::Everything),
        ("Helicone-Omit-Response", "true", OptOut::Everything),
        ("x-bf-disable-content-logging", "true", OptOut::Everything),
        ("cf-aig-collect-log", "false", OptOut::Everything),
        ("cf-aig-collect-log-payload", "false", OptOut::Everything),
        ("x-cmd-zdr", "1", OptOut::Everything),
        ("x-interfaze-zdr", "true", OptOut::Everything),
        ("candor-temporary", "true", OptOut::Everything),
        ("Content-Usage", "train-ai=n", OptOut::Training),
        ("Sec-GPC", "1", OptOut::Training),
    ] {
        assert_eq!(header(name, value).0, means, "{name}");
    }
}

#[test]
fn a_value_that_is_not_known_refuses() {
    for value in [r#""perhaps""#, "7", "[]", "{}", r#""""#] {
        assert_eq!(field("store", value).0, OptOut::Everything, "{value}");
        assert_eq!(field("no-log", value).0, OptOut::Everything, "{value}");
    }
    for value in ["", "perhaps", "true, false"] {
        assert_eq!(header("cf-aig-collect-log", value).0, OptOut::Everything, "{value}");
        assert_eq!(header("x-cmd-zdr", value).0, OptOut::Everything, "{value}");
    }
    assert_eq!(read_headers([("sec-gpc", b"\xff".as_slice())]).0, OptOut::Training);
}

#[test]
fn preferences_are_read_as_a_dictionary() {
    for (value, refused) in [
        ("train-ai=n", true),
        ("search=y, train-ai=n;exp=1", true),
        ("train-ai=y, train-ai=n", true),
        ("bots=n", true),
        ("train-ai", true),
        ("train-ai=?0", true),
        ("search=n", false),
        ("train-ai=y", false),
        ("", false),
        ("=n", true),
        ("{train-ai:n}", true),
    ] {
        let expected = if refused { OptOut::Training } else { OptOut::None };
        assert_eq!(header("content-usage", value).0, expected, "{value}");
    }
}

#[test]
fn the_strictest_of_several_applies() {
    let headers = [("sec-gpc", b"1".as_slice()), ("x-cmd-zdr", b"true"), ("candor-temporary", b"true")];
    assert_eq!(read_headers(headers), (OptOut::Everything, Some(Dialect::CommandZdr)));
    let read = request(
        Surface::Chat,
        r#"{"store":true,"providerOptions":{"gateway":{"disallowPromptTraining":true}},"no-log":true}"#,
    );
    assert_eq!((read.opt_out, read.dialect), (OptOut::Everything, Some(Dialect::LiteLlmNoLog)));
}

proptest! {
    /// N4: whatever stands beside it, a refusal stays one.
    #[test]
    fn nothing_raises(name in 0..DIALECTS.len(), value in ".{0,12}", store in ".{0,6}") {
        let Place::Header(name) = DIALECTS[name].place else { return Ok(()) };
        let alone = read_headers([("cf-aig-collect-log", b"false".as_slice())]).0;
        let both = read_headers([(name, value.as_bytes()), ("cf-aig-collect-log", b"false")]).0;
        prop_assert!(both >= alone);
        prop_assert!(header(name, &value).0 >= OptOut::None);
        let with_text = format!(r#"{{"disable_log":true,"store":{}}}"#, serde_json::Value::from(store));
        prop_assert_eq!(request(Surface::Responses, &with_text).opt_out, OptOut::Everything);
    }
}
