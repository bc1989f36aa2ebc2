//! Letters and messages.

use super::{Thread, Topic, Words};

pub(crate) const LETTERS: Topic = Topic {
    words: &[
        Words(
            "recipient",
            &[
                "my landlord",
                "the insurance",
                "the school",
                "an old friend",
                "my manager",
                "the neighbours upstairs",
                "the town council",
                "my phone provider",
                "the sports club",
            ],
        ),
        Words(
            "matter",
            &[
                "the broken heating",
                "a wrong invoice",
                "the noise at night",
                "a change of address",
                "a late delivery",
                "the end of my contract",
                "a refund",
                "the parking space",
            ],
        ),
        Words(
            "occasion",
            &[
                "a wedding",
                "a retirement",
                "a funeral",
                "a sixtieth birthday",
                "a christening",
                "a farewell",
                "a graduation",
            ],
        ),
        Words("tone", &["friendly", "firm", "formal", "warm", "short and clear", "a little funny"]),
    ],
    details: &[
        "Say what you want in the first {two|three} lines and give your reasons after that.",
        "Name a date, for instance the {day:4-20}th of {month}, and not as soon as possible.",
        "Leave out every sentence that you write only because you are angry.",
        "Read it aloud once, and cut it by {percent:15-30} percent.",
        "Keep a copy and note when you sent it.",
        "The tone is {tone}, which will get you further than {tone2}.",
        "Put the facts into a list of {points:3-5} points, with dates.",
        "Close with one sentence about what happens next.",
        "Do not apologise for writing.",
        "Wait a night before you send it.",
    ],
    threads: &[
        Thread {
            asks: &[
                "I need a letter about {matter}, at most {lines:8-20} lines.",
                "Can you help me write to {recipient} about {matter}?",
                "How do I complain about {matter} without being rude?",
                "I have written to {recipient} {times:2-5} times about {matter} and get no answer, how do I sound {tone}?",
                "Please make this {tone}: I am not happy about {matter} and want a reply by {weekday}.",
            ],
            contexts: &[
                "It has been going on since the {day:4-20}th of {month}.",
                "I pay {price:30-900} euros a month there.",
                "We always got along well until now.",
                "I would like {percent:10-50} percent of it back.",
                "On the phone they said it would be done by {weekday2}.",
            ],
            answers: &[
                "Here is a draft: \"Dear Sir or Madam, I am writing about {matter}, which I first reported on the {day:4-20}th of {month}. Please let me know by {weekday} how you will settle it. Kind regards, {firstname}\"",
                "Something like this: \"Hello, I would like to talk about {matter}. It has been {weeks:2-9} weeks now, and I am sure we can find a way. Would {weekday} suit you? {firstname}\"",
                "Be {tone} and exact: what happened, since when, what you expect, and until when.",
                "I would put it like this: \"I have not had an answer to my letters about {matter}. Unless I hear from you within {days:7-14} days, I will ask for advice elsewhere.\"",
            ],
            details: &[
                "Write {recipient} in the address and a real name in the first line, if you know one.",
                "Add {photos:2-4} photos of {matter} if you can.",
                "Put your contract number on top, so that nobody has to search.",
                "If {weekday} is too soon, give them {days:10-21} days.",
                "Send it as a letter if it matters, since an e-mail is easily overlooked.",
                "Thank them for something, if there is anything.",
                "Mention what you have already tried, in one line.",
                "Do not threaten what you will not do.",
            ],
            follow_ups: &[
                (
                    "Can you make it more {tone2}?",
                    "Then change the first line: \"I am sure this is an oversight, and I would be glad if you looked into {matter}.\"",
                ),
                (
                    "Make it shorter please.",
                    "\"Please settle {matter} by {weekday} and confirm it in writing. Thank you, {firstname}\"",
                ),
                (
                    "What if they refuse?",
                    "Ask for the reason in writing, and give them {days:7-14} days for it.",
                ),
                (
                    "Should I send it by post?",
                    "For {matter} I would, with proof of delivery, for about {fee:3-6} euros.",
                ),
                ("How do I end it?", "With \"Kind regards\" and your full name; anything more distracts."),
            ],
        },
        Thread {
            asks: &[
                "I have to give a speech at {occasion} for {firstname}, about {minutes:3-9} minutes. Help!",
                "What do I write on a card for {occasion}? We do not know each other well.",
                "Can you write {lines:4-12} lines for {firstname} for {occasion}?",
                "I cannot come to {occasion} in {town}, how do I say that nicely?",
            ],
            contexts: &[
                "We have known each other for {years:3-40} years.",
                "{firstname} loves {sailing|crosswords|old films|strong coffee|bad puns}.",
                "About {guests:12-140} people will be there.",
                "It should be {tone}.",
            ],
            answers: &[
                "Begin with a small scene that only you can tell, and end with a wish for {firstname}.",
                "A card needs three sentences: what you share, what you admire, and what you wish for.",
                "How about: \"Dear {firstname}, in {years:3-40} years I have learned from you that patience is not waiting. All the best for what comes.\"",
                "\"Dear {firstname}, I would have loved to be in {town}. I will think of you on {weekday} at {hour:11-18} o'clock and raise a glass.\"",
            ],
            details: &[
                "For {minutes:3-9} minutes you need about {words:400-900} words.",
                "One joke is plenty at {occasion}.",
                "Look at {firstname} for the last sentence.",
                "Leave out school days, everyone tells about those.",
                "Ask {firstname2} for a story that you do not know.",
                "Print it in a size that you can read without glasses.",
                "Practise it {times:3-5} times, standing.",
                "Mention those who cannot be there.",
            ],
            follow_ups: &[
                (
                    "Can it rhyme?",
                    "A little: \"The years go by, the kettle sings, and {firstname} knows a thousand things.\"",
                ),
                ("I am afraid I will cry.", "Then stop and breathe; nobody at {occasion} will mind."),
                (
                    "What present would fit?",
                    "Something that takes time together, a walk in {town2} for instance.",
                ),
                ("Is it too long?", "If you read it in {minutes:3-6} minutes it is just right."),
            ],
        },
        Thread {
            asks: &[
                "How do I write an application as a {job} with {years:2-20} years of practice?",
                "Can you help me to ask {recipient} for a raise of {percent:4-15} percent?",
                "I want to hand in my notice to the end of {month}, what goes into it?",
                "How do I explain a gap of {months:4-30} months in my CV?",
            ],
            contexts: &[
                "I worked in {town} before.",
                "They look for somebody from {month2} on.",
                "The advert asks for things that I only half know.",
                "I have an interview on {weekday} at {hour:8-16}.",
            ],
            answers: &[
                "Start with what you did last as a {job} and what came of it, in numbers if you can.",
                "Name the {percent:4-15} percent yourself, and bring {three|four} things that went better because of you.",
                "A notice needs three things: the date, the end of {month}, and a request to confirm it.",
                "Say it in one sentence without excuse: \"From {month2} on I took {months:4-30} months for my family.\"",
            ],
            details: &[
                "One page is enough for {years:2-20} years.",
                "Copy {words:3-6} words from the advert, the ones they will look for.",
                "Leave out hobbies, unless one of them explains something.",
                "Have {firstname} ask you the question that you fear.",
                "Do not write about money in the letter.",
                "Hand it over in person and get a signature.",
                "Practise the first {seconds:20-40} seconds.",
                "Write to them the day after, in {two|three} lines.",
            ],
            follow_ups: &[
                (
                    "What do I say about my weaknesses?",
                    "Take a real one, small, and tell what you do about it.",
                ),
                (
                    "Should I add a photo?",
                    "In most countries no; in some it is still usual, so look at what others there do.",
                ),
                (
                    "How long should I wait for an answer?",
                    "{days:10-18} days, and then a friendly call is fine.",
                ),
                (
                    "Can you write the first sentence?",
                    "\"For {years:2-20} years I have made sure as a {job} that things work when nobody is looking.\"",
                ),
            ],
        },
    ],
};
