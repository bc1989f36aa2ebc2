//! Worries about the body.

use super::{Thread, Topic, Words};

pub(crate) const HEALTH: Topic = Topic {
    words: &[
        Words(
            "part",
            &["left knee", "lower back", "right shoulder", "neck", "ankle", "wrist", "hip", "elbow", "jaw"],
        ),
        Words(
            "feeling",
            &[
                "a dull ache",
                "a stabbing pain",
                "tingling",
                "stiffness in the morning",
                "a slight swelling",
                "a clicking sound",
                "numbness",
            ],
        ),
        Words(
            "sport",
            &[
                "running",
                "swimming",
                "climbing",
                "gardening",
                "dancing",
                "lifting boxes",
                "playing badminton",
                "rowing",
                "yoga",
            ],
        ),
        Words(
            "remedy",
            &[
                "a warm shower",
                "an ice pack",
                "gentle stretching",
                "a short walk",
                "lying flat for a while",
                "a heat pad",
                "light massage",
            ],
        ),
        Words(
            "meal",
            &["cheese", "coffee", "onions", "rye bread", "apples", "spicy food", "red wine", "milk"],
        ),
    ],
    details: &[
        "I cannot examine you, so take this as a basis for a talk with your doctor.",
        "See someone today if you also have a fever above {fever:38-39} degrees, or if it suddenly gets much worse.",
        "Keep a short diary for {days:5-14} days: time, strength from 1 to 10, and what came before.",
        "It helps many people to take it easy for {days:2-5} days and then to move a little more each day.",
        "A pharmacist can tell you whether that goes together with what you already take.",
        "Drink enough, about {litres:1-2} and a half litres spread over the day.",
        "If it wakes you at night for more than {nights:2-6} nights, have it looked at.",
        "Stress makes it worse, which does not mean that it is imagined.",
        "Try {remedy} in the evening and see whether the next morning is better.",
        "Most cases of this kind are harmless and gone within {weeks:2-6} weeks.",
        "Do not take painkillers for more than {days:3-4} days without asking.",
        "Write your questions on paper before the appointment, because one forgets half of them.",
    ],
    threads: &[
        Thread {
            asks: &[
                "Since I started {sport} {weeks:2-9} weeks ago I feel {feeling} in the {part}. Should I stop?",
                "Is it normal to have {feeling} in the {part} at {years:19-74}?",
                "What can I do at home about {feeling} in the {part}?",
                "I have had {feeling} in my {part} for {days:3-20} days, should I be worried?",
                "My {part} hurts when I get up, is it worth going to a doctor about it?",
            ],
            contexts: &[
                "It is worst at about {hour:4-23} o'clock.",
                "I sit for {hours:6-11} hours a day.",
                "{remedy} helped a little.",
                "I fell on it in {month}, but that was long gone.",
                "On a scale it is a {scale:2-7}.",
            ],
            answers: &[
                "{feeling} in the {part} that comes with {sport} is usually overuse, and {days:4-12} days of less load will show whether that is so.",
                "A {part} that hurts after rest and gets better with movement is most often stiff muscles.",
                "You do not have to stop {sport} altogether; halve the amount for {weeks:2-4} weeks and watch what the {part} does.",
                "It is worth an appointment if it stays for more than {weeks:2-4} weeks or if you lose strength in it.",
            ],
            details: &[
                "Warm up for {minutes:5-12} minutes before {sport}.",
                "{remedy2} for {minutes:10-20} minutes, twice a day, is safe to try.",
                "Change the height of your chair, as the {part} often pays for what the desk does.",
                "If you feel {feeling2} as well, mention it, since the two together point somewhere else.",
                "Strengthen the muscles around the {part} with {times:8-15} slow repetitions every other day.",
                "Old shoes, with more than {km:500-900} km on them, are a common cause.",
                "Sleep on the other side with a pillow for support.",
                "A picture is rarely needed in the first {weeks:4-6} weeks.",
            ],
            follow_ups: &[
                (
                    "Can I keep on {sport} meanwhile?",
                    "Yes, as long as it stays below a {scale:3-5} out of 10 and is gone the next morning.",
                ),
                (
                    "Heat or ice?",
                    "Ice in the first {hours:24-48} hours after a knock, heat for anything that is stiff.",
                ),
                (
                    "Which doctor is the right one for this?",
                    "Start with your family doctor, who can send you on if the {part} needs a specialist.",
                ),
                (
                    "My {relative} had the same and needed surgery.",
                    "That is rare, and a {part} with {feeling} for {days:3-20} days is far from it.",
                ),
                (
                    "Could it come from my mattress?",
                    "It could: sleep elsewhere for {nights:3-5} nights and compare.",
                ),
            ],
        },
        Thread {
            asks: &[
                "I sleep only {hours:3-6} hours a night since {month}, what can I try?",
                "Why do I wake up at {hour:2-5}:{minute:10-55} every night?",
                "Is it bad to nap for {minutes:30-120} minutes after lunch?",
                "I am a {job} on shifts and cannot get to sleep before {hour:2-5}. Any advice?",
            ],
            contexts: &[
                "I drink {cups:2-7} cups of coffee.",
                "The phone is in the kitchen already.",
                "Work has been hard since {weekday}.",
                "My {relative} snores.",
            ],
            answers: &[
                "Get up at the same time for {days:10-21} days, weekends included; the evening then follows by itself.",
                "Waking at {hour:2-5} is common and harmless; what hurts is lying there and counting.",
                "A nap of {minutes:15-25} minutes is fine, a longer one takes sleep from the night.",
                "With shifts it helps to keep a block of {hours:4-5} hours that never moves.",
            ],
            details: &[
                "Have the last coffee before {hour:12-15} o'clock.",
                "Leave the bed if you are awake for {minutes:20-30} minutes, and read something dull.",
                "Keep the room at {degrees:16-18} degrees.",
                "Write tomorrow's {tasks:3-6} tasks down at {hour:18-20}, so that they need not keep you company.",
                "Alcohol makes you fall asleep sooner and wake up earlier.",
                "Daylight in the first hour is worth more than any tea.",
                "Turn the clock to the wall.",
                "Expect it to get worse for {nights:2-4} nights before it gets better.",
            ],
            follow_ups: &[
                (
                    "What about sleeping pills?",
                    "For a few nights and with a doctor, perhaps; they do not repair the rhythm.",
                ),
                (
                    "Does {sport} in the evening help?",
                    "Yes, if it ends {hours:2-3} hours before you go to bed.",
                ),
                (
                    "How long until I notice something?",
                    "Usually {weeks:2-3} weeks, if you keep the mornings fixed.",
                ),
                (
                    "Is melatonin harmless?",
                    "In small amounts and for a short time mostly yes, but ask if you take anything else.",
                ),
            ],
        },
        Thread {
            asks: &[
                "My stomach hurts after {meal}, about {minutes:20-90} minutes later. Is that an intolerance?",
                "Can I go to work with a cough that has lasted {days:4-20} days?",
                "My child of {age:2-12} has had a rash on the arms since {weekday}, what could it be?",
                "I get a headache every time I have {meal} and {meal2} together, can that be?",
            ],
            contexts: &[
                "It started in {month}.",
                "There is no fever.",
                "We were in {town} on holiday before.",
                "My {relative} has it too.",
            ],
            answers: &[
                "It could be: leave out {meal} for {days:10-14} days, then eat it once on purpose and note what happens.",
                "A cough often outlives a cold by {weeks:2-4} weeks; without fever and with enough breath you may go.",
                "Most rashes at that age come with a virus and leave after {days:4-9} days.",
                "{meal} is a known trigger for headaches, though sleep and thirst are more common ones.",
            ],
            details: &[
                "Press a glass on the spots: if they do not fade, have it looked at at once.",
                "Do not leave out several foods together, or you learn nothing.",
                "Honey in warm water calms a cough, though never for a child under one.",
                "Take {portions:3-5} small meals instead of {two|three} big ones for a while.",
                "If you lose more than {kilos:2-4} kilos without trying, see a doctor.",
                "Have {meal2} too on the list of suspects.",
                "A cream without perfume does no harm.",
                "Air the room for {minutes:5-10} minutes before bed.",
            ],
            follow_ups: &[
                (
                    "Is there a test for it?",
                    "There is, for some kinds; your doctor needs the diary of those {days:7-14} days first.",
                ),
                (
                    "Is it catching?",
                    "Possibly during the first {days:3-6} days, so wash hands and keep a little distance.",
                ),
                (
                    "What can I eat instead of {meal}?",
                    "Rice, oats, cooked carrots and bananas upset hardly anybody.",
                ),
                (
                    "When does it become an emergency?",
                    "When breathing is hard, when there is blood, or when somebody seems confused.",
                ),
            ],
        },
    ],
};
