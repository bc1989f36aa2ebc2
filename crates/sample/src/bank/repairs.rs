//! Things that broke.

use super::{Thread, Topic, Words};

pub(crate) const REPAIRS: Topic = Topic {
    words: &[
        Words(
            "machine",
            &[
                "washing machine",
                "dishwasher",
                "fridge",
                "coffee machine",
                "vacuum cleaner",
                "sewing machine",
                "tumble dryer",
                "oven",
                "kettle",
            ],
        ),
        Words(
            "noise",
            &[
                "hums",
                "rattles",
                "leaks",
                "smells burnt",
                "stops after a while",
                "shows an error",
                "does not turn on",
                "trips the fuse",
            ],
        ),
        Words(
            "bikepart",
            &[
                "chain",
                "rear brake",
                "gear cable",
                "front light",
                "bottom bracket",
                "back wheel",
                "saddle post",
            ],
        ),
        Words("wall", &["plasterboard", "old brick", "concrete", "a tiled wall", "a wooden ceiling"]),
        Words(
            "tool",
            &[
                "a set of hex keys",
                "a multimeter",
                "a pipe wrench",
                "a spirit level",
                "a fine file",
                "a torch",
                "a pair of pliers",
            ],
        ),
    ],
    details: &[
        "If there is current in it, switch that off first and wait {minutes:5-15} minutes.",
        "Take a photo before each screw you undo, that is {photos:6-20} photos and worth it.",
        "You need {tool} and {tool2}, both of which a neighbour may have.",
        "Do not use force; if it does not move, there is a clip that you have not seen.",
        "A used spare part costs about {price:8-45} euros.",
        "There is a repair café in most towns, usually on a {weekday}.",
        "If it smells of burning, stop and let somebody look at it.",
        "The model number is on a plate {inside the door|at the back|underneath} and has {digits:6-12} characters.",
        "Put the screws into an egg box in the order in which they came out.",
        "A repair is worth it up to about {percent:30-50} percent of the price of a new one.",
        "Try it without load for {minutes:3-10} minutes before you close everything.",
        "Wear gloves, because the edges are sharper than they look.",
    ],
    threads: &[
        Thread {
            asks: &[
                "The {machine} {noise} since {weekday}, what can I check myself?",
                "My {machine} {noise}, it is {years:3-14} years old. Is a repair worth it?",
                "What does it mean when the {machine} shows E{code:10-49} and {noise}?",
                "How do I clean the filter of my {machine}? It {noise}.",
            ],
            contexts: &[
                "It happens after {minutes:5-50} minutes.",
                "The warranty ran out in {month}.",
                "I have {tool} at home.",
                "A repair man wanted {price:90-260} euros only to look at it.",
                "It has been moved from {town} to here.",
            ],
            answers: &[
                "A {machine} that {noise} has a blocked filter in about half of all cases, so begin there.",
                "At {years:3-14} years I would spend up to {price:60-180} euros on a {machine}, but no more.",
                "Code E{code:10-49} points to the water supply or its sensor on many makes; look it up for yours before you open anything.",
                "Open the flap at the bottom, put a towel under it, and turn the filter out slowly.",
            ],
            details: &[
                "Check the hose for a kink behind the {machine}.",
                "Run it empty at {degrees:60-90} degrees with {spoons:3-6} spoons of citric acid.",
                "Measure between the two pins with {tool}; {ohm:15-60} ohms would be normal.",
                "If it still {noise}, it is probably the bearing, and that means taking out the drum.",
                "Level the feet, as {mm:3-9} mm are enough to make it shake.",
                "Coins love pumps: I would expect to find at least one.",
                "The seal costs {price:12-38} euros and takes {minutes:30-90} minutes.",
                "Let the {machine} stand open for a night.",
            ],
            follow_ups: &[
                (
                    "Where do I get the part?",
                    "Search for the model number and the word seal or pump; used ones start at {price:8-30} euros.",
                ),
                (
                    "Can I do it without {tool}?",
                    "With some patience yes, but {tool} saves you {minutes:20-60} minutes.",
                ),
                (
                    "It works again, but it still {noise} a little.",
                    "Then run it {times:3-6} times, since what is left in it will wash out.",
                ),
                (
                    "Is it dangerous?",
                    "Not with the plug pulled; leave alone anything with a capacitor or a gas pipe.",
                ),
                (
                    "Should I buy a new one?",
                    "Only if the repair is more than {price:120-300} euros or it uses a lot of current.",
                ),
            ],
        },
        Thread {
            asks: &[
                "The {bikepart} of my bike makes a noise at every turn, what can I do?",
                "How often should I change the {bikepart} if I ride {km:40-250} km a week?",
                "I have a flat tyre and no spare tube, {km:3-20} km from home. What now?",
                "What is a fair price for a bike from {year:1996-2019} with a new {bikepart}?",
            ],
            contexts: &[
                "It only happens uphill.",
                "It stands outside all winter in {town}.",
                "The {bikepart2} was changed in {month}.",
                "I have {tool}, nothing else.",
            ],
            answers: &[
                "Clean the {bikepart} first, then oil it with {drops:4-12} drops, and listen again.",
                "At {km:40-250} km a week, look at the {bikepart} every {weeks:3-9} weeks and change it once a year.",
                "Stuff the tyre with grass as tightly as you can; it will carry you {km:3-20} km at walking pace.",
                "If the frame is straight, {price:80-340} euros is fair, with the {bikepart} thrown in.",
            ],
            details: &[
                "Turn the {bikepart2} backwards by hand and look where it rubs.",
                "Tighten it to {nm:5-12} newton metres, which is less than you think.",
                "A worn chain eats the cogs, and then you pay {price:60-140} euros.",
                "Check the pressure: {bar:3-6} bar for your tyres.",
                "Replace both brake pads together.",
                "Mark the height of the saddle with tape.",
                "Rinse it with a can and not with a high pressure hose.",
                "Let the oil work for {minutes:10-30} minutes and wipe off the rest.",
            ],
            follow_ups: &[
                ("Which oil?", "Any bicycle oil for {wet|dry} weather; olive oil only in an emergency."),
                ("Can I ride it until {weekday}?", "Short ways yes, but not with a {bikepart} that slips."),
                (
                    "What does a shop take for that?",
                    "About {price:15-70} euros, and ask whether the {bikepart} is included.",
                ),
                (
                    "How do I notice that it is worn out?",
                    "Hold it against a new one: more than {percent:1-3} percent longer is too much.",
                ),
            ],
        },
        Thread {
            asks: &[
                "How do I hang a shelf of {kilos:8-40} kilos on {wall}?",
                "There is a damp patch of {cm:10-90} cm on {wall}, where does it come from?",
                "Can I paint over {wall} without sanding?",
                "Which drill bit do I need for {wall}, and how deep?",
            ],
            contexts: &[
                "It is a rented flat.",
                "The room is {metres:9-34} square metres.",
                "The house is from {year:1898-1996}.",
                "I own {tool} and a borrowed drill.",
            ],
            answers: &[
                "For {kilos:8-40} kilos on {wall}, use {plugs:3-6} plugs made for it and spread the load.",
                "Stick foil over the patch for {days:2-4} days: water under it comes from the wall, water on it from the room.",
                "You can, if it is clean and firm; press tape on it, tear it off, and look at what sticks.",
                "Take {mm:6-10} mm and drill {cm:5-7} cm deep, without hammer action on {wall}.",
            ],
            details: &[
                "Look for pipes with a detector, which you can hire for {price:5-15} euros.",
                "Vacuum the hole, as dust halves the hold.",
                "Air {times:2-4} times a day for {minutes:5-10} minutes.",
                "Start with a small bit and go up in {two|three} steps.",
                "Tell the landlord in writing, with a photo and the date.",
                "One coat of primer saves you one coat of paint.",
                "{litres:2-9} litres are enough for that room.",
                "Let it dry for {hours:6-24} hours before you judge the colour.",
            ],
            follow_ups: &[
                (
                    "What if I hit a cable?",
                    "Stop, switch off the fuse, and call an electrician; do not pull the bit out while it is live.",
                ),
                (
                    "Does the landlord have to pay?",
                    "For damp that comes from the building usually yes, once you have reported it.",
                ),
                (
                    "How do I fill the hole again?",
                    "Filler in {two|three} layers, {hours:3-12} hours apart, then sand it.",
                ),
                (
                    "Would glue do instead?",
                    "On {wall} it holds about {kilos:2-5} kilos, which is fine for a mirror and not for a shelf.",
                ),
            ],
        },
    ],
};
