"""Writes text with known spans from our own templates and lists of names, places and streets.

`{slot}` is filled; slots in FILLERS have a label, others are plain. The same seed writes the same text.
"""

import random
import re

import languages
import terms

LOCALES = """en_US en_GB en_AU en_CA en_IE en_NZ en_IN de_DE de_AT de_CH fr_FR fr_CA fr_CH es_ES es_MX es_AR it_IT nl_NL nl_BE
pt_BR pt_PT pl_PL cs_CZ sk_SK sl_SI hr_HR hu_HU ro_RO da_DK sv_SE no_NO fi_FI et_EE lt_LT lv_LV tr_TR az_AZ id_ID fil_PH
zu_ZA en_NG sq_AL""".split()

ENGLISH = r"""
My name is {person} and I live in {place}.
Hi, I'm {given}. {given2} and I are planning a trip to {place}, any ideas?
i'm {given_lower} from {place_lower}, can u help me
Write a birthday poem for my {kin} {given}, who turns {age} on {weekday}.
Please write an email to {person} at {org} about the delayed shipment to {place}.
Dear {honorific} {surname},\n\nThank you for your interest in {org}. We will call you on {weekday}.\n\nBest regards,\n{person}\n{title}, {org}
Dear {given},\nI saw {person} yesterday at the {org} office in {place}.\nLove,\n{given2}
{given} told me that {person} was fired from {org} last week.
My {kin} {given} was diagnosed with diabetes at the hospital in {place}.
My boss {person} keeps asking me to work weekends, what should I say?
{person} works as {a_title} at {org}.
{person}, {a_title} from {place}, said that the town had changed.
I work as {a_title} in {place}. What salary should I ask for?
I am {a_title}, and my {kin} is {a_title}.
As {a_title} at {org}, I see this every day.
We hired a new {title_lower} named {given}.
Ship it to {street}, {postal} {place}.
Our office is at {street}, {place}, {country}.
Address: {street}, {unit}, {place}, {region} {postal}
Address:\n{person}\n{street}\n{unit}\n{place}, {region} {postal}\n{country}
{person}\n{street}\n{postal} {place}
{person}\n{org}\n{street}\n{place} {postal}\n{country}
Deliver to:\n  {person}\n  {org}\n  {street} {unit}\n  {place}\n  {postal}
Bill to: {person}, {street}, {place} {postal}, {country}
From: {person}\nTo: {person2}\nSubject: Meeting on {weekday}\n\nHi {given}, can we move it?
Name: {person}\nTitle: {title}\nCompany: {org}\nCity: {place}\nCountry: {country}
Name: {person}\nAddress: {street} {unit} {place} {postal}
Employee: {person}\nManager: {person2}\nOffice: {place}
Patient: {person}\nAddress: {street}, {place}\nPhysician: {honorific} {surname}
Patient {person} was admitted to {place} General Hospital and seen by {honorific} {surname2}.
{honorific} {surname} asked {honorific} {surname2} to review the file.
The patient, {honorific} {surname}, lives alone at {street}.
I used to live at {street} before I moved to {place}.
She lives on {street_name}, near the corner of {street_name2}.
The shop moved from {street} to {street2} last year.
Turn left onto {street_name} and stop at number {number}.
Can you send the invoice to {street}, {postal}?
The bus stops at {street_name} and then goes on to {place}.
My postcode is {postal}.
zip code {postal}, {place}
What is the distance between {place} and {place2}?
Is {place} a good place to raise kids? We are moving there from {country}.
She was born in {place} and grew up in {country}.
He is {group}, his wife is {group2}.
I am a {group} student living in {country}.
Many {group} families moved to {place} at the time.
The {group} restaurant on {street_name} is the best one.
As a {group} woman living in {place}, I feel unsafe.
{org} announced on {weekday} that {person} will become its chief executive.
{org} and {org2} are suing each other in {country}.
{person} of {org} and {person2} of {org2} shared the prize.
{org} opened a new branch at {street} in {place}.
I bought it from {org} and they refuse to refund me.
Does {org} have a store in {place}?
The {org} report was written by {person} and {person2}.
We interviewed with {org} and {org2}; {given} liked the second one.
The contract between {org} and {person} ends in March.
"{quote}," said {person}, {a_title} at {org}.
"{quote}," {surname} said.
"{quote}" - {person}
{person} ({org}): {quote}
{given}: {quote}\n{given2}: {quote2}\n{given}: {quote}
{given_upper}: {quote}
[{given}] {quote}
Thanks,\n{given}
Regards,\n\n{person}\n{title}\n{org}\n{street}\n{place}, {postal}
Best,\n{initials} {surname}
-- \n{person} | {title} | {org}
Cheers, {given}
{person_upper}\n{title}\n{org}
Signed: {person}
{surname}, {given}
{surname}, {initials}
Authors: {surname} {initials}, {surname2} {initials}
The guests are {given}, {given2}, {given3} and {given4}.
There were four of us: {person}, {person2}, {given3} and me.
My kids {given} and {given2} go to school with {person}'s son.
{given}'s mother called. {given} is sick.
{given} and {surname} were in the same class.
Do you know {person}? She used to date {given}.
Tell {given} I said hi!
Can you ask {given_lower} about it? {given_lower} knows.
lol {given_lower} is so funny
@user thanks {given}!
met {person_lower} yesterday in {place_lower}
{person_lower} works at {org_lower}
my {kin} {given_lower} lives in {place_lower}
THE DEFENDANT, {person_upper}, LIVES AT {street_upper}, {place_upper}.
TO: {person_upper}
I love {person}'s songs, especially the one from the album about {place}.
{person} directed the film and {person2} wrote the music.
The novel by {person} is set in {place}.
A tribute to {person}, who died in {place}.
In the trial, {person} testified against {surname2}.
{surname} beat {surname2} in the final in {place}.
{surname} scored twice as {place} won against {place2}.
{person} moved from {place} to {place2} to work for {org}.
The mayor of {place}, {person}, met {honorific} {surname2} of {org}.
Flights from {place} to {place2} are cancelled on {weekday}.
I have a flight to {place} with {org} on {weekday}.
Weather in {place}, {country} this week?
{place} is the capital of {country}.
Where: {place}\nWho: {person}, {person2}
Hotel near {street}, {place}, please.
Please add {person} as a second card holder.
I want to transfer money to {person} in {country}.
My account manager at {org} is {given}.
Who is {person}?
Is {person} related to {person2}?
My landlord, {person}, refuses to return my deposit for the flat at {street}.
My {kin}'s lawyer is {person} from {org}.
I'm writing a story about {given}, a {group} detective in {place}.
{given} looked at {given2}. "{quote}," she said.
{given} met {given2} in {place}; they married in {country}.
Say hello to {honorific} {surname} and the kids.
Prof. {surname}'s lecture was cancelled.
{person} Jr. and {person2} Sr. came too.
{honorific} {person}, PhD, will speak.
CEO {person} resigned; {surname2} takes over.
Officer {surname} took my statement.
Coach {surname} and coach {surname2} argued.
Aunt {given} and uncle {given2} live in {place}.
{given} {surname}: {a_title}, {place}
Resume of {person}\n{title} at {org} ({place})\n{title2} at {org2} ({place2})
Occupation: {title}
Job title: {title}\nEmployer: {org}
I got promoted to {title_lower} at {org}.
She quit her job as {a_title} to move to {place}.
Looking for {a_title} in {place}, apply at {org}.
Dr. {surname}, my {kin}'s doctor in {place}, prescribed it.
Hello {honorific} {surname}, this is {given} from {org}.
I spoke with {given} at the {place} branch.
Please forward this to {person} <{mail}>.
{person} <{mail}> wrote:
From {person} [{mail}]
Contact {given} at {mail}.
Order for {person}, pick-up at {street}, {weekday}.
Unit {number}, {street}, {place} {postal}
c/o {person}, {street}, {postal} {place}, {country}
The house on {street} belongs to {person}.
Meet me at {org} on {street_name}.
I can't believe {given} did that to {given2}...
Is it {given} or {given2}?
Yes, {given}.
No {given}, that is wrong.
Happy birthday {given}!!!
RIP {person}
Congrats to {person} and {person2}!
{person} - {title}
{org}, {street}, {place}
{org}\n{street}\n{postal} {place}
the {org} guy, {given}, never called back
{country} and {country2} signed the treaty in {place}.
A {group} company, {org}, bought {org2}.
The {group} president met the {group2} prime minister in {place}.
She is proud to be {group}.
{org} is {a_group} airline.
It is {a_group} drama starring {person} and {person2}.
Both my parents are {group}, but I was born in {place}.
{person}\n\n{title}\n\nTel:\n{digits}\n\nAddress:\n{street}
{person}\n{title}\n{org}
{given} used to be {a_title} before joining {org}.
I was hired by {org} as {a_title}.
I left {org}, where I was {title}, last year.
{person}, {title}
{title} wanted: ask for {given}
Position: {title} ({place})
{org}, later renamed {org2}, was founded by {surname}.
{person} of {org}, {person2} of {org2} and {surname} of {org} were there.
{org}\n{person}\n{street}\n{unit}\n{place_upper}\n{country} {postal}
{number} {street_name}\n{place_upper}\n{country}
Drop me at {street_lower}, then {place_lower}
the guests: {given_lower}, {given2_lower} and {given3_lower}
{given_lower} gave {given2_lower} the keys to {street_lower}
{given}: hi\n{given2}: hello {given3}
"""

# Templates, the locales whose names fill them, and their share.
LANGUAGES = [
    (ENGLISH, None, 0.6),
    (languages.OCCUPATIONS, None, 0.1),
    (languages.GERMAN, ["de_DE", "de_AT", "de_CH"], 0.07),
    (languages.FRENCH, ["fr_FR", "fr_CA", "fr_CH"], 0.05),
    (languages.SPANISH, ["es_ES", "es_MX", "es_AR"], 0.05),
    (languages.ITALIAN, ["it_IT"], 0.035),
    (languages.DUTCH, ["nl_NL", "nl_BE"], 0.035),
    (languages.PORTUGUESE, ["pt_BR", "pt_PT"], 0.035),
    (languages.POLISH, ["pl_PL"], 0.025),
]

PLAIN = """
What are the side effects of ibuprofen?|Order number {digits} has not arrived yet.|Version {number}.{number}.{number} breaks the build.
Write a Python function that sorts a list of integers.|The Answer Is Not What You Think|HOW TO FIX THIS ERROR
Chapter {number}: The Long Way Home|Explain the theory of relativity in simple terms.|May I ask you something?|Will you mark it as done?
The bill is due in May.|Please bill my card for {number} items.|I hope to grant you access soon; joy and faith aside.
Error: Cannot read property 'map' of undefined|TypeError: Object of type Decimal is not JSON serializable
class OrderService extends BaseService {{ constructor(private Client client) {{}} }}|SELECT Name, City FROM Customers WHERE Id = {number};
I need a recipe for {number} people with Chicken, Rice and Tomatoes.|NOTE: check the Makefile|Monday and Tuesday are fine, Friday is not.
Happy New Year! Merry Christmas!|Step {number}: Add Sugar|Windows, Linux and Android are operating systems.|It costs ${number}.|Thank You So Much!!!
The Total Amount Due Is ${digits}.|User: what is a monad?\nAssistant: A monad is a design pattern.|Great Question! Here Are Some Tips:
import React from 'react';|Introduction\n\nThe Internet has changed our lives.|Pros:\n- Cheap\n- Fast\nCons:\n- Loud|My dog is {number} years old and my cat is lazy.
What Is Machine Learning?|The Moon orbits the Earth.|Rose petals and ivy grow in the park.|I will hunt for a frank answer; drew a mark; don a cap; bob up.
Make a list of {number} ideas for my blog about Yoga and Meditation.|WARNING: Do Not Touch|Yes|OK, thanks!|No Problem|Sounds Good|Dear Sir or Madam,
To Whom It May Concern,|Dear Hiring Manager,|Dear Customer Support,|Hi there,|Hello Team,|Good Morning Everyone|Best Regards|Kind Regards,|Yours Sincerely
""".strip().replace("\n", "|").split("|")

QUOTES = """I am glad it is over|we did not expect that|nothing has been decided yet|it will never work|this is the best day of my life
you know what I mean|what a day|who told you that|I never said so|let us go home|please sit down|it is too late|nobody cares|we are very proud
that is not true|how are you|see you tomorrow|come here|fine, thanks|we need more time""".replace("\n", "|").split("|")
KIN = "mother father mom dad sister brother wife husband son daughter friend girlfriend boyfriend cousin aunt uncle boss neighbour colleague roommate grandma ex partner".split()
HONORIFICS = "Mr. Mrs. Ms. Dr. Mr Mrs Ms Dr Miss Professor Prof. Sir".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
ORG_TAILS = "Inc|Inc.|LLC|Ltd|Ltd.|Group|Corp|Corporation|Partners|Holdings|Bank|Systems|Solutions|Media|Labs|Foods|Energy|Consulting|Insurance|Technologies|University|Hospital|Church|School|Records|Airlines|Motors|Health|Capital|Society|Institute|Council|Police|Times|United|FC|GmbH|AG|S.A.|SARL|Pty Ltd".split("|")
SYLLABLES = "ac ax be bri ca cel co da del dyn el en ex fi flu gen gi hi in jo ka ki lo lu ma mi mo na ne no o pa pi qui ra re ri sa sen so ta tel ti u va ve vi wa xi ya ze zo".split()
ORG_WORDS = "Blue Green North Summit River Stone Bright Open Next First Global Prime Silver Golden Red Oak Pine Cedar Harbor Bay Star Sun Moon Eagle Lion Falcon Atlas Apex Core Cloud Data Smart Pure Fresh True Urban Metro Pacific Atlantic Western Eastern Royal Union National Liberty Credit Home Care Life Health Food Auto Air Net Soft Tech Bio Solar Power".split()
STREET_KINDS = "St|St.|Street|Ave|Ave.|Avenue|Rd|Road|Lane|Ln|Drive|Dr|Blvd|Boulevard|Court|Ct|Place|Way|Terrace|Close|Crescent|Square|Parkway|Highway|Trail|Circle".split("|")
UNITS = "Apt. {n}|Apt {n}|Apartment {n}|Suite {n}|Unit {n}|#{n}|Floor {n}|Flat {n}|Room {n}|PO Box {n}|P.O. Box {n}|Ste {n}".split("|")
REGIONS = "AL AK AZ CA CO CT FL GA IL IN MA MI MN NJ NV NY OH OR PA TX VA WA ON QC BC NSW VIC".split()


class Writer:
    def __init__(self, seed, names, places, groups):
        from faker import Faker

        self.random = random.Random(seed)
        self.names, self.places, self.groups = names, places, groups
        self.fakers = {}
        for locale in LOCALES:
            try:
                self.fakers[locale] = Faker(locale)
            except AttributeError:
                continue
            self.fakers[locale].seed_instance(seed)
        # That of the template which is being filled.
        self.language = "en"

    def title(self):
        job = self.fakers["en_US"].job().split(",")[0].split("/")[0].split("(")[0].strip()
        if self.random.random() < 0.3:
            job = f"{self.random.choice(languages.FIELDS)} {self.random.choice(languages.AGENTS)}"
            if self.random.random() < 0.15:
                job = f"{self.random.choice(languages.LEADERS).capitalize()} of {self.random.choice(languages.FIELDS).lower()}"
            elif self.random.random() < 0.1:
                job = f"{self.random.choice(languages.FIELDS)} and {job[:1].lower() + job[1:]}"
        if self.random.random() < 0.35:
            first = self.random.choice("senior junior chief lead assistant deputy head certified".split())
            job = f"{first.capitalize()} {job}"
        return job

    def person(self, faker):
        roll = self.random.random()
        if roll < 0.35:
            return self.random.choice(self.names)
        name = f"{faker.first_name()} {faker.last_name()}"
        if roll < 0.45:
            name = f"{faker.first_name()} {self.random.choice('ABCDEFGHJKLMNPRSTVW')}{self.random.choice(['.', ''])} {faker.last_name()}"
        elif roll < 0.5:
            name = f"{name}-{faker.last_name()}"
        return re.sub(r"\s+", " ", name)

    def part(self, faker, last):
        if self.random.random() < 0.35:
            words = self.random.choice(self.names).split()
            return words[-1] if last else words[0]
        return faker.last_name() if last else faker.first_name()

    def organisation(self, faker):
        roll, pick = self.random.random(), self.random.choice
        forms = languages.LEGAL_FORMS.get(self.language)
        if forms and roll < 0.3:
            return f"{faker.last_name()} {pick(forms)}"
        invented = "".join(pick(SYLLABLES) for _ in range(pick([2, 2, 3]))).capitalize()
        if roll < 0.2:
            return re.sub(r"\s+", " ", faker.company())
        if roll < 0.35:
            return f"{faker.last_name()} {pick(ORG_TAILS)}"
        if roll < 0.5:
            return f"{pick(ORG_WORDS)} {pick(ORG_WORDS)} {pick(ORG_TAILS)}"
        if roll < 0.6:
            return f"{pick(ORG_WORDS)}{pick(ORG_WORDS).lower()}"
        if roll < 0.7:
            return invented
        if roll < 0.8:
            return f"{invented} {pick(ORG_TAILS)}"
        if roll < 0.87:
            return f"University of {self.place(faker)}" if roll < 0.84 else f"{self.place(faker)} {pick(ORG_TAILS)}"
        if roll < 0.93:
            return f"{faker.last_name()}, {faker.last_name()} and {faker.last_name()}"
        return f"{faker.last_name()}-{faker.last_name()}" if roll < 0.97 else "".join(pick("ABCDEFGHIKLMNOPRSTUW") for _ in range(3))

    def place(self, faker):
        if self.random.random() < 0.6:
            return self.random.choice(self.places)
        return faker.city()

    def street_name(self, faker):
        if self.random.random() < 0.4:
            word = self.random.choice([faker.last_name(), faker.first_name(), self.random.choice(ORG_WORDS)])
            return f"{word} {self.random.choice(STREET_KINDS)}"
        return faker.street_name()

    def street(self, faker):
        if self.random.random() < 0.4:
            number = self.random.randint(1, 99999 if self.random.random() < 0.4 else 400)
            return f"{number} {self.street_name(faker)}"
        return faker.street_address().replace("\n", " ")

    def fill(self, slot, faker, chosen):
        pick = self.random.choice
        base = slot.rstrip("234")
        if base == "person":
            return "PERSON", self.person(faker)
        if base == "given":
            return "PERSON", chosen.setdefault(slot, self.part(faker, False))
        if base == "surname":
            return "PERSON", chosen.setdefault(slot, self.part(faker, True))
        if base == "initials":
            return "PERSON", ".".join(pick("ABCDEFGHJKLMNPRSTVW") for _ in range(pick([1, 1, 2]))) + "."
        if base == "org":
            return "ORGANISATION", self.organisation(faker)
        if base == "place":
            return "LOCATION", self.place(faker)
        if base == "country":
            return "LOCATION", self.fakers["en_US"].country() if pick([1, 1, 0]) else faker.country()
        if base == "region":
            return "LOCATION", pick(REGIONS)
        if base == "street":
            return "ADDRESS", self.street(faker)
        if base == "street_name":
            return "ADDRESS", self.street_name(faker)
        if base == "unit":
            return "ADDRESS", pick(UNITS).replace("{n}", str(self.random.randint(1, 999)))
        if base == "postal":
            return "ADDRESS", faker.postcode()
        if base == "title":
            return "TITLE", self.title()
        if base == "job":
            return "TITLE", pick(languages.JOBS[self.language])
        if base == "group":
            return "GROUP", self.groups_word()
        plain = {
            "kin": lambda: pick(KIN),
            "age": lambda: str(self.random.randint(2, 95)),
            "weekday": lambda: pick(WEEKDAYS),
            "number": lambda: str(self.random.randint(1, 200)),
            "digits": lambda: str(self.random.randint(100, 9999999)),
            "term": lambda: pick(terms.TERMS),
            "quote": lambda: pick(QUOTES),
            "mail": lambda: faker.ascii_free_email(),
        }
        return None, plain[base]()

    def groups_word(self):
        word = self.random.choice(self.groups)
        return word if self.random.random() < 0.2 else word.title()

    def write(self, template, faker):
        text, spans, chosen = "", [], {}
        for literal, slot in re.findall(r"([^{]*)(?:\{(\w+)\})?", template):
            text += literal
            if not slot:
                continue
            change = re.search(r"_(lower|upper)$", slot)
            name = slot[: change.start()] if change else slot
            if name == "honorific":
                label, value = None, self.random.choice(HONORIFICS)
            elif name in ("a_title", "a_group"):
                label, value = self.fill(name[2:], faker, chosen)
                value = value.lower() if name == "a_title" and self.random.random() < 0.6 else value
                text += "an " if value[0].lower() in "aeiou" else "a "
            else:
                label, value = self.fill(name, faker, chosen)
            if change:
                value = value.lower() if change.group(1) == "lower" else value.upper()
            if label:
                spans.append([len(text), len(text) + len(value), label])
            text += value
        return text, spans

    def rows(self, count):
        templates = [(block.strip().split("\n"), locales, share) for block, locales, share in LANGUAGES]
        for index in range(count):
            roll, self.language = self.random.random(), "en"
            if roll < 0.1:
                template = self.random.choice(terms.TEMPLATES).replace("\\n", "\n")
                text, spans = self.write(template, self.fakers["en_US"])
            elif roll < 0.16:
                text, spans = self.write(self.random.choice(PLAIN).replace("{{", "").replace("}}", ""), self.fakers["en_US"])
            else:
                lines, locales, _ = self.random.choices(templates, [share for _, _, share in templates])[0]
                known = [locale for locale in locales or LOCALES if locale in self.fakers]
                weights = [6 if locale == "en_US" else 3 if locale.startswith("en") else 1 for locale in known]
                locale = self.random.choices(known, weights)[0]
                faker, self.language = self.fakers[locale], locale[:2] if locales else "en"
                text, spans = self.write(self.random.choice(lines).replace("\\n", "\n"), faker)
                if "\n" in text and self.random.random() < 0.15:
                    text, spans = quoted(text, spans, self.random.choice(["> ", ">", "* ", "- ", "| ", "    ", "\t"]))
                roll = self.random.random()
                if roll < 0.06:
                    text = text.lower() if len(text.lower()) == len(text) else text
                elif roll < 0.08:
                    text = text.upper() if len(text.upper()) == len(text) else text
            yield {"text": text, "spans": spans, "source": "generated", "check": index % 20 == 0}


def quoted(text, spans, mark):
    """The text with a mark before each line, as mail programs quote."""
    shifted = [[start + len(mark) * (text.count("\n", 0, start) + 1), end, label] for start, end, label in spans]
    for span, (start, end, _) in zip(shifted, spans):
        span[1] = end + len(mark) * (text.count("\n", 0, end) + 1)
    return mark + text.replace("\n", "\n" + mark), shifted
