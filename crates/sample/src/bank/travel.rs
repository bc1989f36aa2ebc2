//! On the way.

use super::{Thread, Topic, Words};

pub(crate) const TRAVEL: Topic = Topic {
    words: &[
        Words(
            "city",
            &[
                "Lisbon",
                "Ljubljana",
                "Naples",
                "Edinburgh",
                "Oaxaca",
                "Kyoto",
                "Valparaíso",
                "Tbilisi",
                "Marrakesh",
                "Seville",
                "Gdańsk",
                "Tallinn",
                "Hanoi",
                "Montréal",
                "Bologna",
                "Zagreb",
                "Cork",
                "Salvador",
            ],
        ),
        Words(
            "luggage",
            &[
                "a backpack",
                "one small suitcase",
                "two bicycles",
                "a pram",
                "a folding kayak",
                "far too many books",
                "a cello",
            ],
        ),
        Words(
            "sight",
            &[
                "the old harbour",
                "the botanical garden",
                "the tram museum",
                "the covered market",
                "the castle hill",
                "the modern art gallery",
                "the river path",
                "the night market",
                "the Roman bridge",
            ],
        ),
        Words(
            "transport",
            &["night train", "ferry", "coach", "regional train", "hired car", "bicycle", "early flight"],
        ),
        Words(
            "worry",
            &[
                "missing the connection",
                "the luggage limit",
                "the heat",
                "pickpockets",
                "the steep streets",
                "getting seasick",
                "the visa form",
            ],
        ),
    ],
    details: &[
        "Take a photo of every document before you leave and keep it apart from the papers themselves.",
        "Prices go up about {weeks:3-9} weeks before {month}, so do not wait too long.",
        "Pack for {days:3-5} days and wash once; nobody will notice.",
        "The {transport} is slower, but you arrive in the middle of the town.",
        "Keep {cash:30-90} euros in cash in a second pocket.",
        "Ask at the counter for the day ticket, which is rarely shown on the machine.",
        "Plan one thing for the morning and nothing for the afternoon.",
        "On {weekday} most museums there are closed, so keep {sight} for another day.",
        "Travel insurance for {days:5-16} days costs about {fee:12-48} euros; read what it says about {worry}.",
        "If you are worried about {worry}, add an hour and take a book.",
        "Buy water before you go through the gate.",
        "Tell {firstname} your plan, so that someone knows where you are.",
    ],
    threads: &[
        Thread {
            asks: &[
                "We have {days:3-8} days in {city} in {month}. What should we see?",
                "Is {city} a good place to go with {luggage} and a child of {age:2-11}?",
                "Which part of {city} should I stay in, close to {sight} or further out?",
                "I have been to {city} once, in {month}, and only saw {sight}. What did I miss?",
            ],
            contexts: &[
                "We arrive at {hour:6-22}:{minute:10-55} on a {weekday}.",
                "I travel with {luggage}.",
                "My {relative} cannot walk more than {metres:300-900} metres at a time.",
                "The budget is {budget:40-160} euros a day for both of us.",
                "I am most afraid of {worry}.",
            ],
            answers: &[
                "With {days:3-8} days, give the first to {sight}, the second to a day trip and leave the last one open.",
                "{city} is kind to slow travellers: start at {sight} early and be back before the crowds.",
                "Stay {minutes:10-25} minutes from the centre of {city} on a tram line, where it is quiet and half the price.",
                "Go up to {sight} on the first evening, because from there you understand how {city} is laid out.",
            ],
            details: &[
                "{sight2} is free on the first {weekday} of the month.",
                "In {month} it gets dark at about {hour:16-21}, so do the walk first.",
                "Eat where the menu has {dishes:4-9} dishes and no photographs.",
                "From the station it is {stops:3-11} stops to {sight}.",
                "Book {sight3} ahead, since only {visitors:40-150} people are let in each hour.",
                "The hill behind {sight} has the best view and no ticket office.",
                "Locals in {city} have dinner late, so a kitchen that closes at {hour:19-22} is for visitors.",
                "A pass for {days:3-8} days pays off only if you visit {museums:4-7} museums.",
            ],
            follow_ups: &[
                (
                    "Is it safe to walk back at night?",
                    "In the centre of {city} yes; keep to lit streets and look as if you knew the way.",
                ),
                (
                    "Where would you eat on the last evening?",
                    "Near {sight2}, two streets back from the water, for about {price:14-38} euros each.",
                ),
                (
                    "Do we need to book {sight}?",
                    "For a {weekday} in {month} I would, at least {ahead:2-12} days ahead.",
                ),
                (
                    "How much should we tip?",
                    "Rounding up by {percent:5-10} percent is polite, and nobody expects more.",
                ),
                (
                    "And if we had one more day?",
                    "Then take the {transport} out to the coast and come back after sunset.",
                ),
            ],
        },
        Thread {
            asks: &[
                "How do I get from {town} to {city} with {luggage} by {transport}?",
                "My {transport} to {city} leaves at {hour:5-9}:{minute:10-55}, how early should I be there?",
                "I missed my connection to {city} by {late:4-25} minutes, what can I claim?",
                "Is it better to take the {transport} or the {transport2} from {town} to {city}?",
            ],
            contexts: &[
                "The ticket was {price:29-240} euros.",
                "There are {people:2-6} of us and {luggage}.",
                "I get sick when I read on the way.",
                "I have to be back by {weekday} at noon.",
            ],
            answers: &[
                "The {transport} takes about {hours:4-13} hours with {changes:1-3} changes, and you need no reservation for {luggage}.",
                "Be there {early:20-90} minutes before, because the doors close ahead of time.",
                "Keep the ticket and ask for a written note of the delay; with it you can usually travel on by the next one.",
                "I would take the {transport2}: it costs {extra:10-60} euros more and saves you a night.",
            ],
            details: &[
                "The second change is tight, with {tight:6-14} minutes and a long platform.",
                "You may claim a part of the fare back for a delay of more than {sixty|ninety} minutes.",
                "Sit on the left for the view of the sea.",
                "Put a label with your street on {luggage}, inside as well as outside.",
                "There is a waiting room with sockets at {town}, open until {hour:21-23}.",
                "On a {weekday2} the line is {busy|nearly empty|under repair|slow}.",
                "The form asks for the number on the ticket, which has {digits:8-12} digits.",
                "If you book both ways together it is usually cheaper by about {percent:10-35} percent.",
            ],
            follow_ups: &[
                (
                    "Can I take food along?",
                    "Yes, anything that does not smell, and more water than you think.",
                ),
                (
                    "What if it is cancelled?",
                    "Then you can choose between your money and the next connection, and you decide, not they.",
                ),
                (
                    "Is there a cheaper ticket?",
                    "There is a saver fare at {price:19-49} euros if you fix the {transport} now.",
                ),
                (
                    "How do I get from the station to {sight}?",
                    "Walk, if the rain allows it; it is about {walk:9-30} minutes along the river.",
                ),
            ],
        },
        Thread {
            asks: &[
                "What should I pack for {days:5-16} days of hiking near {city} in {month}?",
                "I want to cycle from {town} to {city}, about {km:120-900} km. How long will I need?",
                "Is {month} too early for camping around {city}?",
                "Which shoes do I need for a walk of {km:8-28} km a day?",
            ],
            contexts: &[
                "I have never carried more than {kilos:5-9} kilos.",
                "We sleep in huts on {nights:2-6} nights.",
                "My knees are not what they were at {years:20-35}.",
                "{firstname} wants to bring the dog.",
            ],
            answers: &[
                "Keep the pack under {kilos:7-12} kilos: two sets of clothes, rain gear, and food for a day and a half.",
                "Count {perday:45-80} km a day on flat roads, and a rest day after every {four|five|six} days.",
                "It is possible in {month}, but the nights go down to {degrees:2-9} degrees, so the sleeping bag matters most.",
                "Take the shoes you have walked {km:60-200} km in, not the new ones.",
            ],
            details: &[
                "Blisters come on day {day:2-4}; tape the heel before you feel anything.",
                "Drink half a litre each hour on the way up.",
                "Send {luggage} ahead for {price:15-35} euros.",
                "The path is marked with a {red|yellow|blue} stripe and is easy to follow down to the lake.",
                "Start at {hour:5-8} and you have the ridge to yourself.",
                "A second pair of socks weighs {grams:60-110} grams and saves the day.",
                "Note the number of the mountain rescue before you lose the signal.",
                "Huts take cash only, about {price:18-46} euros a night.",
            ],
            follow_ups: &[
                (
                    "Can I do it alone?",
                    "You can, on marked paths, if someone knows where you should be by {hour:17-20} o'clock.",
                ),
                (
                    "What about thunderstorms?",
                    "Be off the ridge by {one|two} in the afternoon; clouds that grow like towers are the sign.",
                ),
                (
                    "How do I train for it?",
                    "Walk stairs with a loaded pack {times:2-4} times a week for {weeks:4-9} weeks.",
                ),
                (
                    "Is there a shorter version?",
                    "Yes, leave out the loop to the north and you save {km:6-19} km.",
                ),
            ],
        },
    ],
};
