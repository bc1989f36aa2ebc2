//! Household money.

use super::{Thread, Topic, Words};

pub(crate) const MONEY: Topic = Topic {
    words: &[
        Words(
            "goal",
            &[
                "a used car",
                "a trip to Iceland",
                "a deposit for a flat",
                "a cargo bike",
                "new windows",
                "a sabbatical",
                "a piano",
                "an emergency fund",
                "the wedding",
            ],
        ),
        Words(
            "cost",
            &[
                "groceries",
                "heating",
                "subscriptions",
                "train tickets",
                "eating out",
                "insurance",
                "the phone contract",
                "presents",
                "the dog",
            ],
        ),
        Words(
            "paper",
            &[
                "tax return",
                "heating bill",
                "pension letter",
                "lease",
                "loan offer",
                "pay slip",
                "insurance renewal",
            ],
        ),
        Words(
            "place",
            &[
                "a savings account",
                "a broad index fund",
                "a fixed deposit",
                "government bonds",
                "the building society",
                "a jar in the kitchen",
            ],
        ),
    ],
    details: &[
        "Look at the last {months:3-6} months of your account before you decide anything.",
        "Put {percent:5-15} percent aside on the day the money comes, and not what is left at the end.",
        "A standing order for {amount:25-190} euros does this without willpower.",
        "Ask for the yearly cost in euros, as percentages are made to confuse.",
        "Sleep over it for {nights:2-5} nights; a good offer is still there on {weekday}.",
        "Rules differ from country to country, so check this with an adviser who is paid by you.",
        "Keep {months:3-6} months of spending where you can reach it within a day.",
        "Never sign a {paper} in the room where it is explained to you.",
        "{cost} is where most people find {saved:15-80} euros a month without missing anything.",
        "Write the sum on a card and put it where you see it.",
        "Debts at more than {percent:6-12} percent come first, everything else later.",
        "Do the same check again in {month}.",
    ],
    threads: &[
        Thread {
            asks: &[
                "I earn {income:1600-4200} euros a month, how do I save for {goal}?",
                "How much should I spend on {cost} if I earn {income:1600-4200} euros?",
                "At the end of the month {short:40-300} euros are missing, and I do not know where they go.",
                "How do we split {cost} fairly if {firstname} earns twice as much as I do?",
            ],
            contexts: &[
                "The rent is {rent:480-1450} euros, warm.",
                "I already have {saved:300-9000} euros in {place}.",
                "{cost} went up by {percent:8-40} percent since {month}.",
                "I am paid on the {day:4-20}th of the month.",
                "I have tried {apps:2-4} budget apps and given up each time.",
            ],
            answers: &[
                "For {goal} within {months:8-40} months, work backwards: divide what is missing by the months and see whether {cost} can carry it.",
                "As a rule of thumb, half goes to what you must pay, a third to what you like, and the rest to {goal}.",
                "Write down every expense for {days:14-30} days; in most households the gap is {cost} and {cost2}.",
                "Split it by income: whoever earns two thirds pays two thirds of {cost}.",
            ],
            details: &[
                "Cancel one subscription this week, the one you had to think about.",
                "Open a second account for fixed costs and let the rest be free to spend.",
                "Round every purchase up to the next {five|ten} euros and move the difference to {place}.",
                "Plan {cost2} for the whole year and divide by twelve, so that it does not surprise you in {month2}.",
                "Agree on a sum, say {limit:60-200} euros, above which you ask each other.",
                "Compare prices for {cost} once a year, in {month3}, and switch if it saves more than {switch:50-150} euros.",
                "A list on the fridge beats an app that you do not open.",
                "Do not start with the smallest things; three big ones decide.",
            ],
            follow_ups: &[
                (
                    "What if something breaks down meanwhile?",
                    "That is what the reserve is for; fill it up again before you go on with {goal}.",
                ),
                (
                    "Is {place} a good place for it?",
                    "For money you need within {years:2-4} years, {place} is only right if its value cannot fall.",
                ),
                (
                    "Should I pay off the loan first?",
                    "If it costs more than {percent:4-8} percent, yes, because no savings account gives you that.",
                ),
                ("How do I tell {firstname}?", "Show the numbers first and your wish for {goal} second."),
                (
                    "What is a realistic sum to start with?",
                    "Start with {start:20-90} euros a month, and raise it after {months:2-4} months.",
                ),
            ],
        },
        Thread {
            asks: &[
                "I got a {paper} with {pages:4-28} pages, what do I need to look at?",
                "My {paper} says I owe {owed:60-900} euros, how do I check that?",
                "Can I object to the {paper} if it came {weeks:2-9} weeks late?",
                "How long do I have to keep a {paper}?",
            ],
            contexts: &[
                "It is dated the {day:4-20}th of {month}.",
                "I pay by the month, about {rate:40-260} euros.",
                "The number on page {page:2-9} differs from last year's.",
                "The office is open only on {weekday}.",
            ],
            answers: &[
                "Look at three things: the period, the total of {owed:60-900} euros, and the date until which you can object.",
                "Compare it line by line with last year's; anything that rose by more than {percent:10-25} percent deserves a question.",
                "You can usually object within {weeks:4-8} weeks after you received it, in writing and without giving reasons at first.",
                "Keep a {paper} for {years:3-10} years, on paper or as a scan that you have opened once.",
            ],
            details: &[
                "Ask for the receipts; you have a right to see them.",
                "Pay the part that you do not dispute, to stay on the safe side.",
                "Send it in a way that gives you a proof of delivery, for about {fee:3-6} euros.",
                "Your advice centre checks a {paper} for {fee:15-40} euros.",
                "Note the reference, which has {digits:8-14} digits, on every page.",
                "Do not argue on the phone without writing down the name and the time.",
                "If they do not answer within {weeks:3-6} weeks, remind them and set a date.",
                "Many mistakes are simply a wrong number of {days|persons|square metres}.",
            ],
            follow_ups: &[
                (
                    "Do I need a lawyer for that?",
                    "Not for {owed:60-900} euros; a letter of half a page is enough to begin with.",
                ),
                (
                    "What if I have missed the date?",
                    "Write all the same and explain why; within {days:7-14} days it is often accepted.",
                ),
                (
                    "Can I pay in instalments?",
                    "Usually yes, in {rates:3-10} parts, if you ask before it is due.",
                ),
                (
                    "Where do I find the reference?",
                    "Mostly at the top right of page {page:1-3}, under the date.",
                ),
            ],
        },
        Thread {
            asks: &[
                "Should I put {amount:500-9000} euros into {place} or {place2}?",
                "What does it mean that a fund costs {tenths:2-19} tenths of a percent a year?",
                "How do I explain compound interest to my {relative}?",
                "Is it too late to think about a pension at {years:35-59}?",
            ],
            contexts: &[
                "I do not need it before {year:2028-2045}.",
                "I lost {loss:200-3000} euros once and am careful since.",
                "{firstname} swears by {place}.",
                "My bank recommends something else, of course.",
            ],
            answers: &[
                "Money that you need within {years:3-5} years belongs into {place}, the rest may go up and down.",
                "It means that of every 1,000 euros you pay a few euros each year, and over {years:15-30} years that adds up to a good part of the gain.",
                "Tell it as a story: {amount:500-9000} euros lend themselves out, and their children do the same after {years:8-14} years.",
                "No: {rate:80-300} euros a month from {years:35-59} on still make a difference.",
            ],
            details: &[
                "Cost is the only thing about {place2} that you can know in advance.",
                "Spread it over {parts:4-12} months if you are afraid of a bad moment.",
                "Nobody can tell you what happens in {month}, and I cannot either.",
                "Write down now what you will do when it falls by {percent:20-40} percent.",
                "Check whether your employer adds something; that is the best return there is.",
                "Avoid anything that you could not explain to {firstname2} in {sentences:2-4} sentences.",
                "Tax comes off the gain only, in most places.",
                "Once a year is often enough to look at it.",
            ],
            follow_ups: &[
                (
                    "And if the bank goes under?",
                    "Deposits are protected up to a limit, and fund shares belong to you and not to the bank.",
                ),
                (
                    "How much risk is that in plain numbers?",
                    "In a bad year {percent:20-45} percent may be gone on paper, and it took {years:2-7} years to come back.",
                ),
                (
                    "Can I get at it any time?",
                    "From {place} within {days:1-5} days; with a fixed term you pay for leaving early.",
                ),
                (
                    "What would be the first step?",
                    "Order the statement of what you already have, and read its page {page:2-6}.",
                ),
            ],
        },
    ],
};
