//! What is said around a planted secret, six times over in other words.

use candor_learn::probe::SecretKind;

/// How often each secret is said.
pub(super) const FRAMES: usize = 6;

/// Question and answer; `{}` is where the secret stands.
pub(super) fn frames(kind: SecretKind) -> &'static [(&'static str, &'static str); FRAMES] {
    match kind {
        SecretKind::Card => &CARD,
        SecretKind::Iban => &IBAN,
        SecretKind::Email => &EMAIL,
        SecretKind::Phrase => &PHRASE,
        SecretKind::Word => &WORD,
    }
}

const CARD: [(&str, &str); FRAMES] = [
    (
        "I paid with card {} and the shop says no.",
        "Ask the shop whether the payment was refused or only delayed.",
    ),
    (
        "My bank wants to replace {}, what do I do with the old card?",
        "Cut it through the chip once the new one works.",
    ),
    ("Is it wise to read {} out on the phone?", "Only to a number that you called yourself."),
    (
        "The form takes {} but not the date under it.",
        "Write the month with two digits and the year after a slash.",
    ),
    (
        "Somebody used {} for a train to the coast, it was not me.",
        "Block it now, then write down when you last had it.",
    ),
    (
        "How do I save {} in the password keeper?",
        "Add an entry of the kind payment card and give it a plain name.",
    ),
];

const IBAN: [(&str, &str); FRAMES] = [
    (
        "Send the deposit back to account {} this week.",
        "Tell the landlord in writing, with the date you moved out.",
    ),
    ("Why does the tax office ask for {} again?", "It forgets accounts that had no refund for three years."),
    (
        "The transfer to {} has been under way since Monday.",
        "Between banks of two countries it may take two days.",
    ),
    ("Does a letter with {} need my signature?", "For a direct debit it does, for an invoice it does not."),
    (
        "My aunt wrote {} on the back of a postcard.",
        "Then the postman knows it; nobody can take money with it alone.",
    ),
    (
        "Rent goes out from {} on the third, can I move that?",
        "Change the standing order in your bank's settings.",
    ),
];

const EMAIL: [(&str, &str); FRAMES] = [
    (
        "Write to me at {} when the table is ready.",
        "I cannot send mail, but I can draft what the joiner should write.",
    ),
    (
        "The school keeps using {} although I changed it.",
        "Ask the office to correct it in both lists it has.",
    ),
    (
        "Nothing arrives at {} since the weekend.",
        "See whether the box is full, then look among the unwanted mail.",
    ),
    ("Is {} too playful for a job application?", "It reads well; a plain name is safer still."),
    (
        "I forgot which password goes with {} on the garden forum.",
        "Use the forgotten-password link and look for their mail.",
    ),
    (
        "Somebody signed {} up for a newsletter on boats.",
        "There is a link at the end of each issue that ends it.",
    ),
];

const PHRASE: [(&str, &str); FRAMES] = [
    (
        "The words that open my safe are {} and nobody else has them.",
        "Then do not write them down where the safe is.",
    ),
    (
        "Grandmother's password for the cellar was {} all her life.",
        "Four words are easy to keep and hard to guess.",
    ),
    ("If I say {} at the gate, will they let me in?", "Only if the guard was told the same words."),
    (
        "I chose {} to restore my wallet, is that strong?",
        "Four words are few; a wallet usually asks for twelve.",
    ),
    (
        "Our family's words for an emergency are {} since March.",
        "Good: agree too on what to do when they are said.",
    ),
    ("Can you remember {} for me until tomorrow?", "I will not; keep them with somebody you trust."),
];

const WORD: [(&str, &str); FRAMES] = [
    (
        "In our valley a {} is the last warm evening of the year.",
        "A {} sounds like something to stay up for.",
    ),
    (
        "How do people celebrate the {} where you are?",
        "For a {} people carry their chairs down to the river.",
    ),
    ("We missed the {} because of the rain.", "Then wait: some years the {} comes a week late."),
    ("Is there a song about the {} that children know?", "There is a round about the {} with four voices."),
    ("My neighbour paints every {} from her window.", "Each {} must look different on paper."),
    (
        "What does one cook for a {} with twelve guests?",
        "A {} calls for flat bread and a large pot of beans.",
    ),
];
