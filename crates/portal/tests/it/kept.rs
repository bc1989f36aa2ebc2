//! What is kept, and deleting one conversation.

use candor_conversation::{Attachment, Conversation, File, Held, Part};

use crate::browser::Browser;
use crate::place::{Place, talk};

const KEYS: &str = "href=\"/privacy/kept/";

fn keys(browser: &mut Browser) -> Vec<String> {
    browser.get("/privacy/kept").all(KEYS)
}

#[test]
fn a_conversation_is_shown_beside_what_training_would_see_of_it() {
    let mut place = Place::new();
    place.capture(vec![talk(
        "a",
        "ada",
        &["I am ada@example.org", "write to bob@example.org, not ada@example.org"],
    )]);
    let mut ada = place.signed_in("ada");
    let list = ada.get("/privacy/kept");
    assert_eq!(list.status, 200);
    assert!(list.text().contains("I am ada@example.org"), "told apart by how it begins");
    assert!(list.text().contains("4 of 4"), "{}", list.text());
    let page = ada.get(&format!("/privacy/kept/{}", list.all(KEYS)[0])).text();
    assert!(page.contains("write to <mark>bob@example.org <small>[EMAIL_2]</small></mark>, not"), "{page}");
    assert!(page.contains("write to <mark>[EMAIL_2]</mark>, not <mark>[EMAIL_1]</mark>"), "{page}");
    assert!(page.contains("answer 1") && page.contains("may be used until"), "{page}");
    assert!(page.contains("not used: you have not chosen"), "{page}");
}

#[test]
fn markup_in_what_people_say_stays_text() {
    let mut place = Place::new();
    let payload =
        "<script>alert(1)</script><img src=x onerror=\"alert(2)\"> </textarea>'\"><svg/onload=alert(3)>";
    place.capture(vec![talk("a", "ada", &[payload])]);
    let mut ada = place.signed_in("ada");
    let list = ada.get("/privacy/kept");
    let key = list.all(KEYS).remove(0);
    for page in [list, ada.get(&format!("/privacy/kept/{key}"))] {
        let text = page.text();
        assert!(
            !text.contains("<script>alert") && !text.contains("<img") && !text.contains("<svg"),
            "{text}"
        );
        assert!(text.contains("&#60;script&#62;alert(1)"), "{text}");
        assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    }
}

#[test]
fn nothing_of_one_person_is_reached_by_another_by_any_name() {
    let mut place = Place::new();
    place.capture(vec![talk("a", "ada", &["the word is canary"]), talk("b", "bo", &["mine"])]);
    let mut ada = place.signed_in("ada");
    let key = keys(&mut ada).remove(0);
    let message = ada.get(&format!("/privacy/kept/{key}")).all("id=\"m-").remove(0);
    let whole = format!("/privacy/kept/{key}/messages/{message}");
    assert_eq!(ada.get(&whole).text(), "the word is canary");
    let mut bo = place.signed_in("bo");
    for path in [format!("/privacy/kept/{key}"), whole, format!("/privacy/kept/{key}?page=1")] {
        let answer = bo.get(&path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text().contains("canary"));
    }
    // Deleting what is not theirs deletes nothing.
    bo.submit("/privacy/kept", &format!("/privacy/kept/{key}/delete"), &[]);
    bo.submit("/privacy", &format!("/privacy/kept/{key}/delete"), &[]);
    assert_eq!(keys(&mut ada), [key.as_str()]);
    let mut nobody = place.browser();
    for path in ["/privacy/kept", "/privacy/erase", &format!("/privacy/kept/{key}")] {
        let answer = nobody.get(path);
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").unwrap().starts_with("/sign-in?next="));
    }
    for other in ["x", "../sign-in", "00000000000000000000000000000000", "%2e%2e"] {
        assert_eq!(ada.get(&format!("/privacy/kept/{other}")).status, 404, "{other}");
    }
}

/// A talk whose first message comes with files: names, media types and bytes.
fn talk_with_files(author: &str, files: &[(&str, &str, &[u8])]) -> Conversation {
    let said = talk("with files", author, &["look at these"]);
    let mut turns = said.turns().to_vec();
    turns[0].parts.extend(files.iter().map(|(name, media_type, bytes)| {
        Part::Attachment(Attachment {
            media_type: Some((*media_type).into()),
            name: Some((*name).into()),
            held: Held::File(File::new(bytes.to_vec())),
            ..Attachment::of_kind("file")
        })
    }));
    Conversation::new("with files".to_owned(), turns).unwrap()
}

#[test]
fn a_file_that_is_kept_is_saved_by_its_owner_alone_and_never_shown_as_a_page() {
    let mut place = Place::new();
    let page = b"<script>alert('canary')</script>";
    let files: [(&str, &str, &[u8]); 3] = [
        ("../Gr\u{f6}\u{df}e\u{202e}.png", "image/PNG", b"png canary"),
        ("page.html", "text/html", page),
        ("a\"\r\nset-cookie: x=y", "image/svg+xml\r\nx: y", &[7; 3_000]),
    ];
    place.capture(vec![talk_with_files("ada", &files), talk("b", "bo", &["mine"])]);
    let mut ada = place.signed_in("ada");
    let key = keys(&mut ada).remove(0);
    let shown = ada.get(&format!("/privacy/kept/{key}"));
    let text = shown.text();
    assert!(text.contains("text/html · 32 B") && text.contains("3 KiB"), "{text}");
    let paths: Vec<String> = shown.all(&format!("href=\"/privacy/kept/{key}/messages/"));
    let paths: Vec<String> =
        paths.into_iter().map(|rest| format!("/privacy/kept/{key}/messages/{rest}")).collect();
    assert_eq!(paths.len(), 3, "{text}");
    let expected = [
        ("image/png", "attachment; filename=\"Gr__e.png\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.png"),
        ("application/octet-stream", "attachment; filename=\"page.html\""),
        ("application/octet-stream", "attachment; filename=\"aset-cookie xy\""),
    ];
    for ((path, (_, _, bytes)), (media_type, disposition)) in paths.iter().zip(files).zip(expected) {
        let saved = ada.get(path);
        assert_eq!((saved.status, &saved.body[..]), (200, bytes), "{path}");
        assert_eq!(saved.header("content-type").as_deref(), Some(media_type));
        assert_eq!(saved.header("content-disposition").as_deref(), Some(disposition));
        assert_eq!(saved.header("x-content-type-options").as_deref(), Some("nosniff"));
        assert_eq!(saved.header("content-security-policy").as_deref(), Some("default-src 'none'; sandbox"));
        assert_eq!(saved.header("cache-control").as_deref(), Some("no-store"));
        assert_eq!(saved.header("set-cookie").as_deref(), None);
    }
    let mut bo = place.signed_in("bo");
    for path in &paths {
        let refused = bo.get(path);
        assert_eq!(refused.status, 404, "{path}");
        assert!(!refused.text().contains("canary"));
        // His own conversation's name with the rest of her address opens nothing either.
        let own = keys(&mut bo).remove(0);
        assert_eq!(bo.get(&path.replace(&key, &own)).status, 404);
        let nobody = place.browser().get(path);
        assert!(nobody.status == 303 && nobody.header("location").unwrap().starts_with("/sign-in?next="));
    }
    for number in ["3", "-1", "x", "%2e%2e"] {
        let path = paths[0].replace("/files/0", &format!("/files/{number}"));
        assert_eq!(ada.get(&path).status, 404, "{path}");
    }
}

#[test]
fn a_conversation_is_deleted_in_two_clicks_and_importing_it_again_brings_nothing_back() {
    let mut place = Place::new();
    let talks = || vec![talk("a", "ada", &["first"]), talk("b", "ada", &["second"])];
    place.capture(talks());
    let mut ada = place.signed_in("ada");
    let key = keys(&mut ada).remove(0);
    let ask = ada.get(&format!("/privacy/kept/{key}/delete"));
    assert!(ask.text().contains("What goes") && ask.text().contains("What stays"));
    assert_eq!(keys(&mut ada).len(), 2, "asking changes nothing");
    let forged = ada.post(&format!("/privacy/kept/{key}/delete"), &[("form_token", "x")]);
    assert_eq!((forged.status, keys(&mut ada).len()), (403, 2), "a form of another site changes nothing");
    let done =
        ada.submit(&format!("/privacy/kept/{key}/delete"), &format!("/privacy/kept/{key}/delete"), &[]);
    assert!(done.text().contains("The conversation is deleted"), "{}", done.text());
    assert_eq!(keys(&mut ada).len(), 1);
    assert_eq!(ada.get(&format!("/privacy/kept/{key}")).status, 404);
    place.capture(talks());
    assert_eq!(keys(&mut ada).len(), 1);
}

#[test]
fn a_list_is_filtered_by_what_may_be_used_now_and_comes_page_by_page() {
    let mut place = Place::new();
    let names: Vec<String> = (0..45).map(|number| format!("talk {number}")).collect();
    place.capture(names.iter().map(|name| talk(name, "ada", &[name])).collect());
    let mut ada = place.signed_in("ada");
    let mut seen = Vec::new();
    for page in 0..3 {
        let list = ada.get(&format!("/privacy/kept?for=train&page={page}"));
        assert_eq!(list.text().contains("rel=\"next\""), page < 2);
        seen.extend(list.all(KEYS));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 45);
    assert!(ada.get("/privacy/kept?for=publish").text().contains("None of your conversations"));
    assert_eq!(ada.get("/privacy/kept?for=everything").status, 404);
    assert_eq!(ada.get("/privacy/kept?for=").status, 200, "the form without a choice");
}

#[test]
fn no_page_weighs_more_than_sixty_kilobytes_with_all_that_it_loads() {
    let mut place = Place::new();
    let long = "& < a@example.org \"quoted\" ".repeat(4_000);
    let texts: Vec<&str> = std::iter::repeat_n(long.as_str(), 3).collect();
    let mut talks: Vec<_> =
        (0..30).map(|number| talk(&format!("t{number}"), "ada", &["<<<<<<<< >>>>>>>>>"])).collect();
    talks.push(talk("long", "ada", &texts));
    place.capture(talks);
    let mut ada = place.signed_in("ada");
    let mut pages = vec![ada.get("/privacy"), ada.get("/privacy/kept"), ada.get("/privacy/kept?page=1")];
    for key in pages[1].all(KEYS).into_iter().chain(pages[2].all(KEYS)) {
        let page = ada.get(&format!("/privacy/kept/{key}"));
        if page.text().contains("rel=\"next\"") {
            for number in 1..6 {
                pages.push(ada.get(&format!("/privacy/kept/{key}?page={number}")));
            }
        }
        pages.push(page);
    }
    assert!(pages.iter().filter(|page| page.text().contains("Cut here")).count() >= 3);
    for page in pages {
        let loaded =
            page.all("/assets/").into_iter().map(|name| ada.get(&format!("/assets/{name}")).body.len());
        let bytes = page.body.len() + loaded.sum::<usize>();
        assert!(bytes <= 60 << 10, "{bytes}");
    }
}

#[test]
fn what_a_release_would_read_of_a_file_is_shown_as_it_would_stand_there() {
    let mut place = Place::new();
    let letter: (&str, &str, &[u8]) = ("letter.txt", "text/plain", b"Write to bob@example.org.");
    let picture: (&str, &str, &[u8]) = ("a.png", "image/png", b"\x89PNG\r\n\x1a\n carol@example.org");
    place.capture(vec![talk_with_files("ada", &[letter, picture])]);
    let mut ada = place.signed_in("ada");
    let key = keys(&mut ada).remove(0);
    let page = ada.get(&format!("/privacy/kept/{key}")).text();
    assert!(page.contains("[FILE]\nWrite to <mark>[EMAIL_1]</mark>.\n[FILE]"), "{page}");
    assert!(!page.contains("carol@example.org"), "{page}");
}

#[test]
fn what_tells_something_sensitive_is_shown_as_training_would_see_it() {
    let mut place = Place::new();
    let told = "My friend told me in strict confidence that she is leaving her husband.";
    let ill = "Hello. I was diagnosed with epilepsy last year. What may I eat?";
    place.capture(vec![talk("a", "ada", &[ill, told, "Thanks."])]);
    let mut ada = place.signed_in("ada");
    let key = keys(&mut ada).remove(0);
    let page = ada.get(&format!("/privacy/kept/{key}")).text();
    assert!(page.contains("Hello. <mark>[something about health]</mark> What may I eat?"), "{page}");
    // The turn, the answer to it, and the two that follow.
    assert_eq!(page.matches("training leaves this message out").count(), 4, "{page}");
    assert!(page.contains(told), "the person still reads what is kept");
}
