//! Balconies and beds.

use super::{Thread, Topic, Words};

pub(crate) const GARDENING: Topic = Topic {
    words: &[
        Words(
            "plant",
            &[
                "tomatoes",
                "the basil",
                "courgettes",
                "the lemon tree",
                "roses",
                "the fig",
                "lavender",
                "raspberries",
                "the monstera",
                "sweet peas",
                "runner beans",
                "the hydrangea",
                "chillies",
                "the olive tree",
            ],
        ),
        Words(
            "sign",
            &[
                "yellow leaves",
                "brown tips",
                "small black flies",
                "white spots",
                "holes in the leaves",
                "hanging leaves",
                "sticky leaves",
                "buds that drop",
            ],
        ),
        Words(
            "spot",
            &[
                "a north-facing balcony",
                "a windowsill in the kitchen",
                "a raised bed",
                "a shady corner",
                "a dry slope",
                "an old bathtub",
                "a roof terrace",
            ],
        ),
        Words(
            "soil",
            &["compost", "sandy soil", "heavy clay", "a peat-free mix", "leaf mould", "coarse grit"],
        ),
    ],
    details: &[
        "Water in the morning, at the root, and less often than you think.",
        "Put a finger {cm:2-5} cm into the soil: if it is damp, leave it alone.",
        "A layer of {cm:3-8} cm of {soil} keeps the moisture in.",
        "Change one thing at a time and wait for {days:7-14} days.",
        "Most plants die of kindness, that is of water.",
        "Turn the pot a quarter every {weekday}.",
        "What looks dead in {month} may well come again, so do not throw it out yet.",
        "Write the date on the label, you will not remember it.",
        "Neighbours often have more seedlings than room, so ask before you buy.",
        "Rainwater from a barrel of {litres:100-300} litres is better than the tap.",
        "Feed it every {weeks:2-4} weeks until the end of {month2}, then stop.",
        "Clean the scissors with alcohol before you go on to the next plant.",
    ],
    threads: &[
        Thread {
            asks: &[
                "{plant} in {spot} show {sign}, what is wrong?",
                "I see {sign} on {plant} since {weekday}. Is it too much water?",
                "What helps against {sign} without poison?",
                "Can I still save {plant}? There are {sign} everywhere.",
            ],
            contexts: &[
                "I water every {two|three|four} days.",
                "They stand in {soil}, in {spot}.",
                "We had {degrees:28-38} degrees last week.",
                "I repotted in {month}.",
                "The pot is {cm:14-45} cm wide.",
            ],
            answers: &[
                "{sign} on {plant} mostly come from the roots: lift the pot, and if it is heavy, stop watering for {days:4-9} days.",
                "That looks like a lack of light rather than illness, as {spot} gives {plant} about {hours:2-4} hours of sun.",
                "Wash the leaves with lukewarm water and a drop of soap, {times:3-4} times with {days:3-5} days in between.",
                "Cut back everything that has {sign}, down to the next healthy bud, and give it {weeks:3-5} weeks.",
            ],
            details: &[
                "Look under the leaves at night with a torch.",
                "Put {plant} away from the others until the {sign} are gone.",
                "Yellow from below is hunger, yellow from above is a lack of iron.",
                "Mix {parts:2-4} parts of {soil} with one part of {soil2} when you repot.",
                "Wind dries {spot} out faster than sun does.",
                "A saucer that stays full for more than {minutes:20-40} minutes should be emptied.",
                "Ladybird larvae work, and {dozens:20-80} of them are enough for a balcony.",
                "Do not feed a sick plant.",
            ],
            follow_ups: &[
                (
                    "How do I keep it from coming back?",
                    "Leave more room between the plants, some {cm:25-60} cm, so that the leaves dry quickly.",
                ),
                ("Can I still eat what is on them?", "Yes, wash it well; {sign} do not harm people."),
                (
                    "Shall I repot now or in {month}?",
                    "Wait until {month}, because moving would cost {plant} strength just now.",
                ),
                ("Would {soil} be better?", "For {plant} I would use {soil2} with a third of {soil}."),
                (
                    "Are coffee grounds any good?",
                    "A spoonful every {weeks:3-6} weeks does no harm, more turns the soil sour.",
                ),
            ],
        },
        Thread {
            asks: &[
                "What can I grow in {spot} from {month} on?",
                "When do I sow {plant} if the last frost here is around the {day:4-20}th of May?",
                "How many {litres:5-40} litre pots do I need for {plant}, for {people:2-6} people?",
                "I have {metres:3-40} square metres with {soil}, what would you plant?",
            ],
            contexts: &[
                "I am away for {weeks:2-4} weeks in {month2}.",
                "It should look nice for {firstname}'s birthday.",
                "The soil is {soil}, I think.",
                "We are in {town}, so it is {mild|windy|dry|rather cold}.",
            ],
            answers: &[
                "{spot} is good for salad, radishes and {plant}, in that order of effort.",
                "Sow indoors {weeks:5-8} weeks before the last frost, and put {plant} out {days:7-12} days after it.",
                "Reckon with {pots:2-4} big pots a head; small ones dry out and give you half.",
                "With {metres:3-40} square metres, plant one third to eat, one third to look at, and leave one to the insects.",
            ],
            details: &[
                "Radishes are ready after {days:24-32} days and keep up your courage.",
                "Let seedlings get used to the wind for {days:5-8} days.",
                "Leave {cm:30-70} cm between {plant}.",
                "Sow a short row every {weeks:2-3} weeks instead of all at once.",
                "{soil} warms up slowly, so wait until you would sit on it.",
                "Put a clay pot filled with water beside them while you are away.",
                "Mark the rows, or you will weed out {plant} by mistake.",
                "A trellis of hazel costs nothing and carries {kilos:4-9} kilos.",
            ],
            follow_ups: &[
                (
                    "Which kind should I buy?",
                    "An old sort that is sold as open-pollinated, and then you can take seeds from it.",
                ),
                ("Can I sow straight into {spot}?", "From the middle of {month} yes, under a fleece."),
                ("What goes well beside {plant}?", "Marigolds and onions, and anything that flowers early."),
                (
                    "How much will I harvest?",
                    "In a good year {kilos:2-9} kilos, in your first year perhaps a third.",
                ),
            ],
        },
    ],
};
