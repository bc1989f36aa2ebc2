//! Learning a language.

use super::{Thread, Topic, Words};

pub(crate) const LANGUAGES: Topic = Topic {
    words: &[
        Words(
            "tongue",
            &[
                "Italian",
                "Portuguese",
                "Japanese",
                "Swedish",
                "Turkish",
                "Polish",
                "Korean",
                "Greek",
                "Dutch",
                "Arabic",
                "Finnish",
                "Hindi",
            ],
        ),
        Words(
            "grammar",
            &[
                "word order",
                "the past tense",
                "the articles",
                "polite forms",
                "the cases",
                "pronunciation",
                "small talk",
                "numbers",
                "listening",
            ],
        ),
        Words(
            "phrase",
            &[
                "I will call you back later",
                "could you say that more slowly",
                "where does this bus go",
                "I have a reservation",
                "it depends",
                "no problem at all",
                "long time no see",
                "keep the change",
            ],
        ),
        Words(
            "method",
            &[
                "flash cards",
                "a tandem partner",
                "children's books",
                "radio news",
                "songs",
                "an evening class",
                "a diary",
            ],
        ),
    ],
    details: &[
        "Speak aloud for {minutes:5-15} minutes a day, even if only the cat listens.",
        "Learn whole sentences and not single words; {number:8-15} a day are enough.",
        "{method} suits people who have little time, and {method2} those who get bored.",
        "Repeat things just before you would forget them.",
        "Mistakes are cheap, silence is expensive.",
        "After {weeks:6-12} weeks you will understand more than you can say, which is normal.",
        "Change the language of your phone for a week.",
        "Find {two|three} people who speak {tongue} and do not switch to English.",
        "Do not worry about {grammar} before you can order a coffee.",
        "Record yourself in {month} and again in {month2}.",
    ],
    threads: &[
        Thread {
            asks: &[
                "How long does it take to learn {tongue} if I study {minutes:10-60} minutes a day?",
                "What is the best way to practise {grammar} in {tongue}?",
                "I have learned {tongue} for {months:3-30} months and still cannot speak, what helps?",
                "Is {tongue} harder than {tongue2}?",
            ],
            contexts: &[
                "I want to talk to {firstname}'s family in {month}.",
                "I know about {words:200-3000} words.",
                "An app tells me I am at level {level:2-40}.",
                "I am going to move there in {month2}.",
                "I liked {method}, but I have nobody to talk to.",
            ],
            answers: &[
                "With {minutes:10-60} minutes a day, reckon with {months:8-24} months until you can talk about your day in {tongue}.",
                "For {grammar}, take {sentences:10-30} sentences that you like and change one word in each of them.",
                "Speaking is a skill of its own: begin with {method} and {times:2-4} short talks a week.",
                "{tongue} is harder at the start and easier later; with {tongue2} it is the other way round.",
            ],
            details: &[
                "Write {sentences:3-6} sentences about your day and have them corrected.",
                "Listen to the same {minutes:3-5} minutes of {tongue} every day for a week.",
                "{grammar} sinks in by itself once you have heard it {times:200-900} times.",
                "Use {method} on {weekday}s, and let the rest of the week be free.",
                "Learn the {words:20-40} words that hold a talk together, such as well, perhaps, you see.",
                "Shadow a speaker: speak along, half a second behind.",
                "Leave {grammar2} for later.",
                "Set a goal that you can hear: to order, to joke, to disagree.",
            ],
            follow_ups: &[
                (
                    "Do I need a teacher?",
                    "For the first {weeks:6-12} weeks one helps with sounds; afterwards any patient person will do.",
                ),
                (
                    "What about films with subtitles?",
                    "Subtitles in {tongue} help, those in your own language only entertain.",
                ),
                (
                    "How do I stay motivated?",
                    "Meet {firstname2} every {weekday}, since nobody likes to cancel.",
                ),
                ("Can I learn {tongue2} meanwhile?", "Wait for {months:6-12} months, or the two will mix."),
                ("Is it too late at {years:30-74}?", "No; it takes a little longer and lasts just as well."),
            ],
        },
        Thread {
            asks: &[
                "How do I say \"{phrase}\" in {tongue}, and is it polite?",
                "When would a native speaker of {tongue} use something like \"{phrase}\"?",
                "What is the difference between \"{phrase}\" and \"{phrase2}\" in tone?",
                "Can you help me remember \"{phrase}\" in {tongue}?",
            ],
            contexts: &[
                "It is for a mail to {firstname}, whom I met in {town}.",
                "I said it on {weekday} and everybody laughed.",
                "My book has {three|four} versions of it.",
                "I do not want to sound like a textbook.",
            ],
            answers: &[
                "In {tongue} you would rather say it in a roundabout way: a polite opening first, then \"{phrase}\" as a question.",
                "\"{phrase}\" is fine among friends, but to somebody of {years:50-80} whom you do not know I would add a please.",
                "\"{phrase}\" leaves room, while \"{phrase2}\" closes the talk.",
                "Tie it to a picture: you at the station in {town}, saying \"{phrase}\" to a pigeon.",
            ],
            details: &[
                "Say it {times:5-12} times, slowly at first.",
                "In {tongue} the stress falls on the {first|last|second to last} part here.",
                "Young people shorten it by half.",
                "Write it on a note next to the kettle.",
                "The word for word version sounds odd, so learn it as one piece.",
                "Ask {firstname} to correct only this one.",
                "With a smile it is always polite enough.",
                "Change one word and you have {four|five|six} new sentences.",
            ],
            follow_ups: &[
                ("And on the phone?", "On the phone add your name first and then \"{phrase}\"."),
                ("What would they answer?", "Most likely something like \"{phrase2}\", said quickly."),
                (
                    "Is there a ruder version that I should know?",
                    "There is, so that you recognise it; leave it to others.",
                ),
                (
                    "How do I write it in a letter?",
                    "A little longer: open with thanks, and put \"{phrase}\" in the second line.",
                ),
            ],
        },
    ],
};
