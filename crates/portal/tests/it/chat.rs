//! The chat page, on a real gateway before a scripted model.

use std::io::{Read, Write};
use std::sync::{Mutex, mpsc};

use candor_consent::{Purpose, State};

use crate::browser::Browser;
use crate::place::Place;
use crate::talking::{
    END, STREAM, Sent, files_with, form, held, id, piece, say, saying, texts, until, whole, with_model,
};

const PAYLOAD: &str =
    "<script>alert(1)</script>\"><img src=x onerror=alert(2)></textarea><svg/onload=alert(3)>";

fn said(text: &str) -> Sent<'_> {
    Sent { text, ..Sent::default() }
}

fn pair(text: &str, purposes: &str) -> (String, String) {
    (text.to_owned(), purposes.to_owned())
}

/// Waits until the gateway goes by a choice, which takes it a fraction of a second.
fn heeded(browser: &mut Browser, words: &str) {
    until(words, || say(browser, said("waiting")).1.text().contains(words).then_some(()));
}

#[test]
fn a_message_is_answered_and_its_author_sees_what_is_kept_of_it() {
    let mut place = Place::new();
    let asked = saying(&mut place, &["A fungus ", "and an alga."]);
    let mut ada = place.signed_in("ada");
    let (path, page) = say(&mut ada, said("What is\r\na lichen?"));
    let text = page.text();
    assert!(text.contains("What is\na lichen?</p>") && text.contains("A fungus and an alga."), "{text}");
    assert!(text.contains("Kept for: Your chats, Training."), "{text}");
    assert!(text.contains("not used: you have not chosen"), "why not, for each purpose: {text}");
    let (head, body) = asked.lock().unwrap()[0].clone();
    assert!(!head.contains("candor-") && !head.contains("authorization"), "{head}");
    assert!(!head.contains("ada") && !body.to_string().contains("ada"), "the model is not told who asks");
    assert_eq!(body["messages"][0]["content"], "What is\na lichen?");
    // Decided is not yet written; it is told once it is.
    until("it is written", || {
        texts(&place, "ada");
        ada.get(&path).text().contains("It is written.").then_some(())
    });
    let kept = [pair("What is\na lichen?", "history train"), pair("A fungus and an alga.", "history train")];
    assert_eq!(texts(&place, "ada"), kept);
    // The next message goes into the same conversation.
    say(&mut ada, Sent { conversation: id(&path), ..said("And moss?") });
    assert_eq!(asked.lock().unwrap()[1].1["messages"].as_array().unwrap().len(), 3);
    until("both are kept", || (texts(&place, "ada").len() == 4).then_some(()));
    assert_eq!(held(&place, "ada").conversations.len(), 1);
}

#[test]
fn an_answer_is_shown_while_it_comes() {
    let mut place = Place::new();
    let (go_on, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    with_model(&mut place, move |_, stream| {
        stream.write_all(&[STREAM, &piece("first")].concat()).unwrap();
        wait.lock().unwrap().recv().unwrap();
        stream.write_all(&[&piece(" second"), END].concat()).unwrap();
    });
    let mut ada = place.signed_in("ada");
    let (line, headers, body) =
        form(&mut ada, Sent { headers: "accept: text/event-stream\r\n", ..said("count") });
    let mut stream = ada.begin(line, &headers, &body);
    let mut heard = Vec::new();
    let mut hear = |needle: &str| {
        while !String::from_utf8_lossy(&heard).contains(needle) {
            let mut bytes = [0; 4096];
            let read = stream.read(&mut bytes).unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&heard));
            heard.extend_from_slice(&bytes[..read]);
        }
        String::from_utf8_lossy(&heard).into_owned()
    };
    let begun = hear("{\"text\":\"first\"}");
    assert!(begun.contains("content-type: text/event-stream"), "{begun}");
    let path = begun.split("\"path\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // Meanwhile the page shows what is there, and takes no other message.
    assert!(ada.get(&path).text().contains("The answer is on its way."));
    let (_, refused) = say(&mut ada, Sent { conversation: id(&path), ..said("more") });
    assert!(refused.status == 409 && refused.text().contains("\nmore</textarea>"), "{}", refused.text());
    go_on.send(()).unwrap();
    hear("{\"end\":true}");
    assert!(ada.get(&path).text().contains("first second"));
}

#[test]
fn whoever_stops_an_answer_keeps_what_came_and_can_go_on() {
    let mut place = Place::new();
    let asked = with_model(&mut place, |body, stream| {
        if body["messages"].as_array().unwrap().len() > 1 {
            return stream.write_all(&[STREAM, &piece("again"), END].concat()).unwrap();
        }
        stream.write_all(&[STREAM, &piece("the beginning")].concat()).unwrap();
        // Until the gateway hangs up.
        let _ = stream.read(&mut [0]);
    });
    let mut ada = place.signed_in("ada");
    let (line, headers, body) =
        form(&mut ada, Sent { headers: "accept: text/event-stream\r\n", ..said("tell") });
    let stream = ada.begin(line, &headers, &body);
    let path = until("a conversation", || ada.get("/chat").all("<li><a href=\"/chat/").pop());
    let path = format!("/chat/{path}");
    until("the beginning", || ada.get(&path).text().contains("the beginning").then_some(()));
    let page = ada.submit(&path, &format!("{path}/stop"), &[]);
    assert!(page.text().contains("You stopped this answer."), "{}", page.text());
    drop(stream);
    let (_, page) = say(&mut ada, Sent { conversation: id(&path), ..said("on") });
    assert!(page.text().contains("again"), "{}", page.text());
    assert_eq!(asked.lock().unwrap()[1].1["messages"][1]["content"], "the beginning");
}

#[test]
fn of_a_temporary_conversation_nothing_is_kept_anywhere() {
    let mut place = Place::new();
    saying(&mut place, &["the answer is CANARY-out"]);
    let mut ada = place.signed_in("ada");
    let file: (&str, &str, &[u8]) = ("CANARY-name.txt", "text/plain", b"CANARY-file");
    let sent = Sent { is_temporary: true, file: Some(file), ..said("CANARY-in") };
    let (path, page) = say(&mut ada, sent);
    assert!(page.text().contains("Nothing of this is kept."), "{}", page.text());
    assert!(page.text().contains("the message was sent so that nothing is kept"), "{}", page.text());
    say(&mut ada, Sent { conversation: id(&path), ..said("CANARY-more") });
    // What is said after it is kept: the writer has come past it.
    say(&mut ada, said("kept"));
    until("the next one", || (texts(&place, "ada").len() == 2).then_some(()));
    assert!(files_with(&place.root(), b"CANARY").is_empty());
}

#[test]
fn who_refuses_training_keeps_their_chats_and_a_browser_s_signal_does_the_same() {
    let mut place = Place::new();
    saying(&mut place, &["yes"]);
    place.choose("ada", Purpose::Train, State::Withdrawn);
    let mut ada = place.signed_in("ada");
    let (_, page) = say(&mut ada, said("one"));
    assert!(page.text().contains("Kept for: Your chats."), "{}", page.text());
    assert!(page.text().contains("not used: you took your yes back"), "{}", page.text());
    let mut bo = place.signed_in("bo");
    let (_, page) = say(&mut bo, Sent { headers: "sec-gpc: 1\r\n", ..said("two") });
    assert!(page.text().contains("Kept for: Your chats."), "{}", page.text());
    for (person, text) in [("ada", "one"), ("bo", "two")] {
        let kept = until("it is kept", || Some(texts(&place, person)).filter(|kept| kept.len() == 2));
        assert_eq!(kept, [pair(text, "history"), pair("yes", "history")]);
    }
}

#[test]
fn a_choice_beside_the_chat_changes_what_is_said_under_the_next_message() {
    let mut place = Place::new();
    saying(&mut place, &["ok"]);
    let mut ada = place.signed_in("ada");
    let (path, before) = say(&mut ada, said("one"));
    assert_eq!(before.text().matches("Kept for: Your chats, Training.").count(), 2);
    place.choose("ada", Purpose::Train, State::Withdrawn);
    // A no holds for what was said before it, too.
    let page = ada.get(&path).text();
    assert_eq!(page.matches("Kept for: Your chats.").count(), 2, "{page}");
    assert!(page.contains("action=\"/privacy/choices\""), "{page}");
    place.choose("ada", Purpose::Train, State::Given);
    heeded(&mut ada, "Kept for: Your chats, Training.");
    // A yes does not.
    let (_, page) = say(&mut ada, Sent { conversation: id(&path), ..said("two") });
    let page = page.text();
    assert_eq!(page.matches("Kept for: Your chats.").count(), 3, "both before, and the answer after: {page}");
    assert_eq!(page.matches("Kept for: Your chats, Training.").count(), 1, "{page}");
}

#[test]
fn a_file_is_sent_with_its_message_and_one_that_is_too_large_is_not() {
    let mut place = Place::new();
    let asked = saying(&mut place, &["seen"]);
    let mut ada = place.signed_in("ada");
    let image: (&str, &str, &[u8]) = ("cat.png", "image/png", b"\x89PNG\r\n\r\n--edg");
    let (_, page) = say(&mut ada, Sent { file: Some(image), ..said("look") });
    assert!(page.text().contains("File or image: cat.png (13 B)"), "{}", page.text());
    let content = asked.lock().unwrap()[0].1["messages"][0]["content"].clone();
    assert_eq!(content[0]["text"], "look");
    assert!(
        content[1]["image_url"]["url"].as_str().unwrap().starts_with("data:image/png;base64,iVBORw0KDQo")
    );
    let large = vec![b'a'; (2 << 20) + 1];
    let (_, page) = say(&mut ada, Sent { file: Some(("a.txt", "text/plain", &large)), ..said("too much") });
    assert_eq!(page.status, 413);
    assert!(page.text().contains("2 MB is the most") && page.text().contains("\ntoo much</textarea>"));
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[test]
fn markup_from_people_files_and_models_stays_text() {
    let mut place = Place::new();
    saying(&mut place, &["<script>alert(1)</script>\n```\n<img src=x>\n```\n", "<svg/onload=alert(3)>"]);
    let mut ada = place.signed_in("ada");
    let name = "<img src=x onerror=alert(4)>%22.png";
    let (path, page) = say(&mut ada, Sent { file: Some((name, "image/<b>", b"x")), ..said(PAYLOAD) });
    let new = ada.get("/chat");
    let kept = until("it is kept", || {
        texts(&place, "ada");
        let list = place.signed_in("ada").get("/chat");
        list.text().contains("/chat/kept/").then_some(list)
    });
    for page in [page, new, ada.get(&path), kept] {
        let text = page.text();
        for tag in ["<script>alert", "<img", "<svg", "<i>", "</textarea><svg"] {
            assert!(!text.contains(tag), "{tag}: {text}");
        }
        assert!(text.contains("&#60;script&#62;alert(1)"), "{text}");
        assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    }
}

#[test]
fn a_conversation_is_its_session_s_alone() {
    let mut place = Place::new();
    saying(&mut place, &["ok"]);
    let mut ada = place.signed_in("ada");
    let (path, _) = say(&mut ada, said("the word is canary"));
    // Another person, and the same person elsewhere: there is no such conversation.
    for person in ["bo", "ada"] {
        let mut other: Browser = place.signed_in(person);
        assert_eq!(other.get(&path).status, 404);
        for action in ["delete", "stop", "rate", "rating"] {
            let fields = [("message", "1"), ("thumb", "up"), ("keep", "yes")];
            let answer = other.submit("/chat", &format!("{path}/{action}"), &fields);
            assert_eq!(answer.status, 404, "{action}");
        }
        let (_, page) = say(&mut other, Sent { conversation: id(&path), ..said("hello") });
        assert_eq!(page.status, 404);
        // The same person may find it among what is kept for them.
        assert!(person == "ada" || !page.text().contains("canary"), "{}", page.text());
    }
    // Nor does a key of what is kept open anything to another person.
    let key = until("it is kept", || {
        texts(&place, "ada");
        place.signed_in("ada").get("/chat").all("href=\"/chat/kept/").pop()
    });
    assert_eq!(place.signed_in("bo").get(&format!("/chat/kept/{key}")).status, 404);
    assert!(ada.get(&path).text().contains("canary"));
    ada.submit("/chat", "/sign-out", &[]);
    ada.sign_in("ada");
    assert_eq!(ada.get(&path).status, 404, "gone with the session");
}

#[test]
fn a_form_without_its_token_says_nothing() {
    let mut place = Place::new();
    let asked = saying(&mut place, &["ok"]);
    let mut ada = place.signed_in("ada");
    let (line, headers, body) = form(&mut ada, said("hello"));
    let token = String::from_utf8(body.clone()).unwrap();
    let token = token.split("\r\n\r\n").nth(1).unwrap().split("\r\n").next().unwrap().to_owned();
    let forged = String::from_utf8(body).unwrap().replace(&token, "forged");
    assert_eq!(ada.send_with(line, &headers, forged.as_bytes()).status, 403);
    assert!(asked.lock().unwrap().is_empty());
}

#[test]
fn a_model_that_fails_is_told_of_and_the_text_stays_in_the_box() {
    let mut place = Place::new();
    with_model(&mut place, |body, stream| match body["messages"][0]["content"].as_str().unwrap() {
        "often" => stream.write_all(&whole("429 Too Many Requests", "{}")).unwrap(),
        "breaks" => stream.write_all(&[STREAM, &piece("half of")].concat()).unwrap(),
        _ => stream.write_all(&whole("500 Internal Server Error", "{}")).unwrap(),
    });
    let mut ada = place.signed_in("ada");
    for (text, words) in [("fails", "The model failed before it answered."), ("often", "too many messages")] {
        let (_, page) = say(&mut ada, said(text));
        assert_eq!(page.status, 502);
        assert!(page.text().contains(words), "{}", page.text());
        assert!(page.text().contains(&format!("\n{text}</textarea>")), "{}", page.text());
        // What nobody answered was said all the same: it is kept, and listed as that once the vault has it.
        let mut begun = page.all("<li><a href=\"/chat/");
        begun.retain(|path| !path.starts_with("kept/"));
        assert_eq!(begun, [""; 0], "{text}: nothing was begun");
    }
    let (_, page) = say(&mut ada, said("breaks"));
    assert!(
        page.text().contains("half of") && page.text().contains("This answer broke off"),
        "{}",
        page.text()
    );
    let (_, page) = say(&mut ada, said("  "));
    assert_eq!(page.status, 400);
}

#[test]
fn without_a_gateway_the_page_is_there_and_says_so() {
    let mut place = Place::new();
    let mut ada = place.signed_in("ada");
    assert_eq!(ada.get("/chat").status, 200);
    let (_, page) = say(&mut ada, said("anybody?"));
    assert!(page.status == 502 && page.text().contains("could not be reached"), "{}", page.text());
}

#[test]
fn the_models_that_are_listed_can_be_chosen_and_no_others() {
    let mut place = Place::new();
    let asked = saying(&mut place, &["ok"]);
    let mut ada = place.signed_in("ada");
    let page = ada.get("/chat");
    assert_eq!(page.all("<option value=\""), ["reference", "small", "&#60;i&#62;large"]);
    for (model, sent) in [("small", "small"), ("<i>large", "<i>large"), ("other", "reference")] {
        say(&mut ada, Sent { model: Some(model), ..said("hi") });
        assert_eq!(asked.lock().unwrap().last().unwrap().1["model"], sent);
    }
}

#[test]
fn a_kept_conversation_is_gone_on_with_in_another_session_and_deleted_for_good() {
    let mut place = Place::new();
    let asked = saying(&mut place, &["I see."]);
    say(&mut place.signed_in("ada"), said("CANARY one"));
    until("it is kept", || (texts(&place, "ada").len() == 2).then_some(()));
    let mut ada = place.signed_in("ada");
    let key = ada.get("/chat").all("href=\"/chat/kept/").remove(0);
    let path = ada.get(&format!("/chat/kept/{key}")).header("location").unwrap();
    let page = ada.get(&path).text();
    assert!(page.contains("CANARY one") && page.contains("It is written."), "{page}");
    assert!(!page.contains("/chat/kept/"), "it is listed once: {page}");
    assert_eq!(ada.get(&format!("/chat/kept/{key}")).header("location"), Some(path.clone()));
    say(&mut ada, Sent { conversation: id(&path), ..said("two") });
    assert_eq!(asked.lock().unwrap()[1].1["messages"].as_array().unwrap().len(), 3);
    until("both are kept", || (texts(&place, "ada").len() == 4).then_some(()));
    assert_eq!(held(&place, "ada").conversations.len(), 1, "it went on");
    let after = ada.submit(&path, &format!("{path}/delete"), &[]);
    assert!(after.status == 200 && !after.text().contains("CANARY"), "{}", after.text());
    assert_eq!(ada.get(&path).status, 404);
    assert!(texts(&place, "ada").is_empty());
}

#[test]
fn a_conversation_of_another_source_is_not_gone_on_with() {
    let mut place = Place::new();
    saying(&mut place, &["ok"]);
    place.capture(vec![crate::place::talk("a", "ada", &["from elsewhere"])]);
    let mut ada = place.signed_in("ada");
    let key = ada.get("/chat").all("href=\"/chat/kept/").remove(0);
    let page = ada.get(&format!("/chat/kept/{key}"));
    assert!(page.status == 409 && page.text().contains("cannot be gone on with"), "{}", page.text());
}

#[test]
fn a_thumb_is_kept_only_after_a_yes_of_its_own_and_never_against_a_no() {
    let mut place = Place::new();
    saying(&mut place, &["fine"]);
    let mut ada = place.signed_in("ada");
    let (path, _) = say(&mut ada, said("one"));
    let rate = format!("{path}/rate");
    let page = ada.submit(&path, &rate, &[("message", "1"), ("thumb", "up")]).text();
    assert!(page.contains("stays on this page") && !page.contains("May we keep"), "{page}");
    place.choose("ada", Purpose::HumanReview, State::Given);
    // A later yes does not reach what was said before.
    let page = ada.submit(&path, &rate, &[("message", "1"), ("thumb", "up")]).text();
    assert!(page.contains("stays on this page") && !page.contains("May we keep"), "{page}");
    heeded(&mut ada, "Kept for: Your chats, Training, People reading.");
    let kept = |place: &Place| {
        texts(place, "ada").into_iter().filter(|(text, _)| text.starts_with("rating")).count()
    };
    for (answer, count, words) in [("no", 0, "stays on this page"), ("yes", 1, "handed over to be kept")] {
        let (path, _) = say(&mut ada, said(answer));
        let rate = format!("{path}/rate");
        let page = ada.submit(&path, &rate, &[("message", "1"), ("thumb", "down")]).text();
        assert!(page.contains("May we keep this rating"), "{page}");
        assert_eq!(kept(&place), 0);
        let answered = [("message", "1"), ("keep", answer)];
        let page = ada.submit(&path, &format!("{path}/rating"), &answered).text();
        assert!(page.contains(words), "{page}");
        assert_eq!(kept(&place), count);
    }
    let rating: Vec<_> =
        texts(&place, "ada").into_iter().filter(|(_, purposes)| purposes == "human_review").collect();
    let expected = ["yes", "fine", "rating: bad"].map(|text| pair(text, "human_review"));
    assert_eq!(rating, expected);
}

#[test]
fn who_keeps_no_history_is_told_that_the_chat_is_only_here() {
    let mut place = Place::new();
    saying(&mut place, &["ok"]);
    for purpose in [Purpose::History, Purpose::Train] {
        place.choose("ada", purpose, State::Withdrawn);
    }
    let mut ada = place.signed_in("ada");
    let (path, page) = say(&mut ada, said("CANARY"));
    let text = page.text();
    assert!(
        text.contains("only in the memory of this server") && text.contains("Nothing of this is kept."),
        "{text}"
    );
    assert!(ada.get(&path).text().contains("CANARY"), "it can be gone on with");
    assert!(files_with(&place.root(), b"CANARY").is_empty());
    assert!(texts(&place, "ada").is_empty());
}

#[test]
fn of_a_long_conversation_the_newest_is_shown_and_the_page_stays_light() {
    let mut place = Place::new();
    saying(&mut place, &["ok"]);
    let mut ada = place.signed_in("ada");
    let (path, _) = say(&mut ada, said("the first"));
    for number in 0..14 {
        let text = format!("{number} {}", "word ".repeat(400));
        say(&mut ada, Sent { conversation: id(&path), text: &text, ..Sent::default() });
    }
    let page = ada.get(&path);
    assert!(
        page.text().contains("<p class=\"said\">13 word")
            && !page.text().contains("<p class=\"said\">the first")
    );
    assert!(page.body.len() < 45_000, "{} bytes, and style and scripts", page.body.len());
    let mut earlier = page;
    while let Some(link) = earlier.all(&format!("href=\"{path}?")).pop() {
        earlier = ada.get(&format!("{path}?{link}"));
    }
    assert!(
        earlier.text().contains("<p class=\"said\">the first") && earlier.text().contains("To the newest")
    );
}
