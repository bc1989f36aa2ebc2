//! Homework and exams.

use super::{Thread, Topic, Words};

pub(crate) const SCHOOL: Topic = Topic {
    words: &[
        Words(
            "subject",
            &[
                "biology",
                "history",
                "physics",
                "chemistry",
                "geography",
                "economics",
                "philosophy",
                "statistics",
            ],
        ),
        Words(
            "theme",
            &[
                "photosynthesis",
                "the printing press",
                "plate tectonics",
                "supply and demand",
                "the water cycle",
                "the French Revolution",
                "Mendel's peas",
                "electric circuits",
                "the Hanseatic League",
                "acids and bases",
                "vaccination",
                "the pendulum",
            ],
        ),
        Words(
            "math",
            &[
                "fractions",
                "quadratic equations",
                "percentages",
                "vectors",
                "logarithms",
                "probabilities",
                "derivatives",
                "the rule of three",
            ],
        ),
        Words("work", &["presentation", "essay", "term paper", "poster", "lab report", "oral exam"]),
    ],
    details: &[
        "Explain it to {firstname} without notes; where you stop, you have found the gap.",
        "Learn in blocks of {minutes:20-40} minutes with a real break in between.",
        "Write the sentence in your own words before you look at how others say it.",
        "A drawing with {arrows:3-7} arrows says more here than a page.",
        "Old exam papers are worth more than any summary.",
        "Ask your teacher what the marks are given for; most are happy to tell.",
        "Do the hardest task first, while you are fresh.",
        "Repeat it after one day, after {days:3-5} days and after {weeks:2-3} weeks.",
        "If you can give an example of your own, you have understood it.",
        "Do not copy my sentences into the {work}; put them as you would say them.",
        "Check the units at the end, since that is where marks get lost.",
        "Two sources that agree are better than {five|six|seven} that copy each other.",
    ],
    threads: &[
        Thread {
            asks: &[
                "Can you explain {theme} so that a {grade:6-12}th grader understands it?",
                "I have to give a {work} on {theme} on {weekday}, how do I structure it?",
                "What are the {points:3-6} most important things to know about {theme}?",
                "Why is {theme} such a big topic in {subject}?",
                "I do not get {theme} at all, my notes from {month} make no sense.",
            ],
            contexts: &[
                "It should be {pages:2-9} pages long.",
                "I have {minutes:8-20} minutes to present.",
                "Our {subject} teacher is strict about sources.",
                "I missed {lessons:2-6} lessons because I was ill.",
                "The test counts for {percent:20-50} percent.",
            ],
            answers: &[
                "Think of {theme} as a chain of causes: first what was there, then what changed, then what came of it.",
                "For a {work} of {minutes:8-20} minutes, take one question about {theme} and answer it in three steps.",
                "The heart of {theme} is a simple idea, and everything else in the {subject} book follows from it.",
                "Start with something from everyday life that has to do with {theme}, and ask why it is so.",
            ],
            details: &[
                "Begin the {work} with a question and answer it in your last sentence.",
                "Three examples are enough, and one should come from {town}.",
                "Say what {theme} is not, since that clears up most misunderstandings.",
                "Put no more than {words:20-40} words on a slide.",
                "In {subject} the order matters: describe, explain, judge.",
                "A timeline with {dates:4-8} dates helps with {theme}.",
                "Learn {terms:5-10} technical terms by heart and use each of them once.",
                "Your classmates will remember one picture from your {work}, so choose it well.",
            ],
            follow_ups: &[
                (
                    "Can you give me an example?",
                    "Take the kitchen at home: there you meet {theme} every day without noticing it.",
                ),
                (
                    "What might the teacher ask afterwards?",
                    "Probably how you know that, and what would be different today in {subject}.",
                ),
                (
                    "Where do I find good sources?",
                    "The library in {town} has {books:2-9} books on {theme}; the references at the end of one lead you to the rest.",
                ),
                (
                    "Can you quiz me with {count:3-8} questions?",
                    "Gladly. First question: what would be missing in the world without {theme}?",
                ),
                (
                    "How do I begin the {work}?",
                    "Begin with a surprise, for instance a number about {theme} that nobody would have guessed.",
                ),
            ],
        },
        Thread {
            asks: &[
                "How do {math} work? My exam is in {days:2-14} days.",
                "I always make mistakes with {math}, what is a good way to practise?",
                "Can you check this: {a:12-97} percent of {b:120-980} is about {c:20-900}, right?",
                "What do I need {math} for in real life?",
            ],
            contexts: &[
                "I got {marks:4-19} out of {of:20-40} points last time.",
                "My {relative} explained it differently.",
                "We may not use a calculator.",
                "I understand it in class and forget it by {weekday}.",
            ],
            answers: &[
                "Do the same task {times:3-6} times with other numbers, then the pattern of {math} shows itself.",
                "Write every step on its own line; with {math} nine mistakes out of ten are slips of copying.",
                "Do it in two steps: take one percent of {b:120-980} first, then multiply by {a:12-97}.",
                "Every contract, recipe and bus timetable has {math} in it, only nobody calls it that.",
            ],
            details: &[
                "Estimate first: is it nearer to {low:10-90} or to {high:200-900}?",
                "Make a card for each rule, {cards:5-12} will do.",
                "Swap tasks with {firstname2} and correct each other.",
                "If you are stuck for {minutes:5-10} minutes, look at the solution, close it, and do it alone.",
                "Draw it, even if it is about {math}.",
                "Put the result back into the task and see whether it fits.",
                "Leave the {math2} for {weekday}, one thing at a time.",
                "With {tasks:4-8} tasks a day you are ready in {days:5-12} days.",
            ],
            follow_ups: &[
                (
                    "Can you give me a task?",
                    "Here is one: a coat costs {price:60-240} euros and gets {percent:10-35} percent cheaper. What does it cost now?",
                ),
                (
                    "Why can I not divide by zero?",
                    "Because no number times zero gives {n:3-9}; the question has no answer.",
                ),
                (
                    "How do I stay calm in the exam?",
                    "Read all the tasks first and begin with the one that you like.",
                ),
                (
                    "Is there a trick for mental arithmetic?",
                    "Take the numbers apart: {a:12-97} is a round number and a small rest.",
                ),
            ],
        },
        Thread {
            asks: &[
                "How do I find a topic for my {work} in {subject}?",
                "Should I study {subject} or do an apprenticeship as a {job}?",
                "How do I make a learning plan for {exams:2-6} exams in {weeks:2-7} weeks?",
                "My son of {age:8-17} has lost all interest in {subject}, how can I help him?",
            ],
            contexts: &[
                "I like {theme}, but it feels too big.",
                "I have a job on {weekday} and {weekday2}.",
                "The marks were good until {month}.",
                "Everybody gives me different advice.",
            ],
            answers: &[
                "Take {theme} and cut it down: one place, one decade, one question.",
                "Talk to {people:2-4} people who do it, and spend a day as a {job} before you decide.",
                "Count the days, take away every {weekday}, and give the worst subject the first hour.",
                "Ask what he would like to know, not what he has to; {subject} has a door for everyone.",
            ],
            details: &[
                "Plan only {percent:60-80} percent of the time; the rest goes by itself.",
                "A decision for {years:2-3} years is not one for life.",
                "Mix the subjects in a day, since the head learns by comparing.",
                "Praise the effort on {weekday}, not the mark.",
                "Write {questions:8-15} questions and throw away all but one.",
                "A study group of {three|four} is best.",
                "Ask the {subject} teacher for {minutes:10-15} minutes.",
                "Go to the library in {town}, if only for the quiet.",
            ],
            follow_ups: &[
                (
                    "What if I fail?",
                    "Then you may try again, usually after {months:2-6} months, and you know what is asked.",
                ),
                (
                    "How many hours a day are sensible?",
                    "Four to {hours:5-6}, with breaks; after that hardly anything stays.",
                ),
                (
                    "Can you help with the first week?",
                    "Yes: two blocks each morning for {subject}, one in the evening for revision, and {weekday} off.",
                ),
                (
                    "How do I explain that to my parents?",
                    "Show them the plan and tell them what you gave up for it.",
                ),
            ],
        },
    ],
};
