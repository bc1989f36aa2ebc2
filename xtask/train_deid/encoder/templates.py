"""Sentences with places for what identifies. Written by hand for this.

p full name, f given name, l family name; c city, n country, r region or landmark; o organisation; a street address,
z postal code; d date, t time of day, y year; h form of address, j occupation; g nationality or creed; i a number that
is no name; e a mail address. Lines without a place teach what to leave.
"""

TEMPLATES = [line for line in """
My name is {p} and I would like to change my booking.
Hi, I'm {f}, I live in {c}.
hey its {f} again, did you fix the bug
Hello, this is {p} from {o}.
Hi {f}, thanks for getting back to me so quickly.
Dear {h} {l}, thank you for your letter of {d}.
Dear {p}, we are pleased to offer you the position of {j} at {o}.
Best regards, {p}
Kind regards, {p} {j} , {o}
Thanks, {f}
Cheers, {f} x
-- {p} | {j} | {o} | {c}
Sincerely yours, {h} {p}
{f}: are you coming tonight? {f}: no, I have to work
{f} : I told {f} already !
{p}: What do you mean by that? {p}: Nothing, forget it.
Q: What is your name? A: {p}
Agent: May I have your full name? Customer: sure, {p}.
User: {p} Bot: Thank you. And your date of birth? User: {d}
name: {p} dob: {d} address: {a}, {c} {z}
Name: {p}; Date of birth: {d}; Place of birth: {c}, {n}; Nationality: {g}
First name: {f} Last name: {l} City: {c} Postal code: {z}
Ship to: {p}, {a}, {z} {c}, {n}
{p} {a} {c} {z} {n}
{p} {a} {z} {c}
Please send the parcel to {a}, {c}, {n}.
i moved to {a} in {c} last week, can you update my account
Our new office is at {a}, {c} {z}, right next to {r}.
The meeting is at {a} on {d} at {t}.
Deliver it to {a} , apartment {i} , before {t} .
We met {f} at {r} in {y}.
I was born in {c} on {d}.
I was born on {d} and grew up in {c}, {n}.
My grandmother {p} was born in {y} in {c} and died in {y}.
{p} (born {d} in {c}) is a {g} {j}.
{p} ({y}-{y}) was a {g} {j} who worked in {c}.
{h} {p} of {o} said on {d} that talks with {n} would resume.
{h} {l} told reporters in {c} that {o} had not been consulted.
The {g} {j} {p} joined {o} in {y}.
{o} hired {p} as {j} in {y}.
{p} has been appointed {j} of {o}, effective {d}.
According to {p}, a {j} at {o}, prices in {n} rose.
Yesterday {f} and {f} drove from {c} to {c}.
my sister {f} works as a {j} in {c}
my boss {p} at {o} keeps texting me at {t}
my husband {f} and I are {g} and we want to adopt
I think {f} is cheating on me, what should i do?
Can you write a birthday poem for my daughter {f}? She turns six.
write a short story about {f} and {f} who get lost in {c}
Write a recommendation letter for {p}, who worked with me at {o} from {y} to {y}.
Write an email to {p} asking for the report that {f} promised.
Rewrite this: "{f} went to {r} with {p} on {d}."
Summarise: {p}, {j} at {o}, met {h} {l} in {c} on {d}.
Translate into German: {p} lives in {c}.
Pretend you are {p}, a {j} from {c}.
Explain to {f} why she should see a doctor.
Is {p} still the {j} of {o}?
Who is {p}?
Do you know {p}? He used to live near {r}.
what do you know about {p} from {c}
I need to call {h} {l} at {o} before {t}.
{h} {l} referred the patient to {o} in {c}.
The patient, {p}, was admitted to {o} on {d} at {t}.
Patient {p}, DOB {d}, seen by {h} {p}.
{h} {l} is a {g} {j}.
Seen in clinic by {h} {p} on {d}; follow-up on {d}.
Pt {f} {l} reports chest pain since {d}.
The deceased, {p}, resided at {a}, {c}.
The defendant {p} entered the shop at {a} at {t} on {d}.
{l} v. {l}, decided on {d}
Witness {l} stated that {f} was not in {c} on {d}.
Between {o} (the "Lessor") and {p}, residing at {a}, {z} {c} (the "Lessee").
Signed in {c}, {d}, {p}
This agreement is made on {d} between {p} and {p}.
Invoice to {o}, {a}, {z} {c}, {n}.
Account holder: {p}. Bank: {o}.
Cardholder {p}, billing zip {z}
Emergency contact: {p} (mother), {c}.
Reservation for {p}, arriving {d} at {t}.
Passenger {l}/{f} , from {c} to {c} , {d} {t}
I'd like to book a flight from {c} to {c} on {d}.
What's the weather like in {c} on {d}?
find me a hotel near {r} for {d}
Is there a good {g} restaurant in {c}?
Best {g} food in {c} is on {a}!
I love {g} cinema, especially the early films of {p}.
As a {g} living in {n}, I miss home.
{g} and {g} families live side by side in {c}.
She is {g} on her mother's side and {g} on her father's.
He converted and is {g} now; his wife {f} is {g}.
They voted {g} in {y}.
The {g} embassy in {c} is closed until {d}.
The {g} government and {n} signed the treaty in {c} in {y}.
I work at {o} as a {j}.
i am a {j} and {f} is a {j}
I used to be a {j} before I retired in {y}.
{f}, {j}, lives in {c}.
Occupation: {j}
Job title: {j} Employer: {o}
Ask your {j} about it.
Our {j}, {p}, is on leave until {d}.
We're looking for a {j} in {c}. Contact {p} at {e}.
You can reach {p} at {e} or drop by {a}.
Send it to {e} and cc {f}.
RT {p}: so proud of the team at {o} !!
omg {f} just said she is moving to {c} lol
just saw {p} at {r} !!!!
so happy for {p} and {f} <3
happy birthday {f} !! love you
i miss {f} so much rn
@friend did u see {p} on tv last night ??
{p} is trending again, what happened
can't believe {f} {l} is 40
{l} scored twice as {o} beat {o} in {c}.
{p} of {o} won gold in {c} in {y}.
Goal! {l} for {o}!
{o} fans travel to {c} by train
{c} , {d} ( {o} ) - {p} said {t} was too late .
{c}, {n} -- {h} {p} arrived at {t}.
New album by {p} out on {d}
Photos: {p} arrives at {r}
Listening to {p} on my way to {c}
Great concert by {p} at {r} on {d}
{p}, {p} and {p} founded {o} in {c} in {y}.
{o}, headquartered in {c}, was founded by {p} in {y}.
{o} and {o} announced a merger on {d}.
I have an interview with {o} on {d} at {t}.
I bank with {o} and they blocked my card in {n}
{o} refuses to refund me, order {i} from {d}
Can you recommend an alternative to {o}?
My son goes to {o} in {c}.
She graduated from {o} in {y}.
Meet {f} at {r} at {t}.
Let's meet at {t} on {d} in front of {r}.
The train leaves {c} at {t} and gets to {c} at {t}.
On {d}, {f} {l} moved from {n} to {n}.
From {d} to {d} I will be in {n}.
My passport expires on {d}; I am a {g} citizen.
Hi {h} {l}, your appointment with {h} {l} is on {d} at {t}.
To: {p} From: {p} Date: {d} Subject: meeting in {c}
From: {p} <{e}> Sent: {d} {t} To: {p}
On {d} at {t}, {p} <{e}> wrote:
On {d}, {p} wrote:
Forwarded by {p}/{c}/{o} on {d} {t}
Attendees: {p}, {p}, {f}, {f} and {p}
cc: {p}; {p}; {p}
{f}, {f} & {f}
{p}, {c}
{p}
{f}
{c}, {n}
{a}
{a}, {z} {c}
{d}
Please ask {f} or {f} to forward this to {l}.
As {l} ({y}) showed, this is not the case.
See {l} and {l} ({y}) for details.
{l}'s theory differs from {l}'s.
{f}'s mother lives in {c}, {f}'s father in {n}.
Mr and Mrs {l} live at {a}.
the {l} family moved to {c}
Uncle {f} and aunt {f} came over from {n}.
grandpa {f} was a {j} in {c}
hi im {f} im 14 and i live in {c}
im {p}, nice to meet you
you can call me {f}
I am called {f} but my legal name is {p}.
it's spelled {l}, not {l}
This is not {f}, this is {f} speaking.
my ex {f} {l} keeps calling from {n}
told {f} i'd be there at {t}
Robin and {f} went to school together.
{f} helped {f} study.
{f} lives in {c}, but {f} does not.
The keys are with {f} at {a}.
Take the bus to {r}, then walk to {a}.
{r} is closed on {d}.
{r} in {c} is worth a visit.
We spent {d} hiking near {r}.
The flood hit {c} and {r} in {y}.
The invoice dated {d} was paid on {d}.
It happened around {t}.
Since {y} the company has doubled.
Between {y} and {y} nothing changed.
Reminder: dentist on {d}, {t}.
Opening hours: {t} to {t}.
My zip code is {z}.
Postcode {z}, house on {a}.
Directions from {a} to {a}, {c}
The house at {a} was sold in {y}.
Our {g} neighbours at {a} are {j}s.
Prof. {l} and Dr. {l} are both from {o}.
President {l} met Chancellor {l} in {c}.
Judge {l} sentenced {p} in {c} on {d}.
Officer {l} took the statement of {p}.
Coach {l} thanked {o}.
St. {f}'s church in {c} holds mass at {t}.
The {l} Foundation is in {c}.
My therapist {h} {l} thinks I should tell {f}.
I was diagnosed by {h} {p} at {o}.
{f} has diabetes and takes insulin at {t}.
{f} owes me money, {f} too.
What would {p} think of {n}?
Compare {p} and {p} as leaders.
In {y}, {p} of {n} visited {c}.
The {y} election in {n} was won by {p}.
Hallo, ich bin {p} aus {c}.
Bonjour, je m'appelle {p} et j'habite à {c}.
Hola, soy {p} y vivo en {c}.
Ciao, sono {f} di {c}.
Ik ben {p} en woon in {c}.
Order number {i} has not arrived, please check.
Version {i} of the library breaks the build.
May I ask you something? Will it work in March weather?
Bill me later and mark the box, then rose the question of hope.
Please bill the customer and sue for damages if they are late.
The error code is {i} and the ticket is {i}.
How do I grant access? Use the mark tag and the jack plug.
What are the pros and cons of remote work?
Write a Python function that sorts a list of {i} numbers.
Could you explain quantum entanglement in simple words?
for i in range({i}): print(i)
SELECT name, city FROM users WHERE id = {i};
I can't believe it's already over, what a week!
Give me a recipe with chicken, rice and basil.
The Python, Java and Rust versions are in the README.
Ja, das ist gut, vielleicht können wir morgen reden.
The iPhone costs {i} dollars and the Windows licence {i}.
Once upon a time there was a king who had three daughters.
Faith, hope and joy: the chance of a grace period is slim.
How tall is the tallest building?
We will grant you a patent on the new drew design.
Step {i}: open Settings, choose Privacy and click Save.
Let me know what you think !!
Are my options limited? I have {i} apples.
The total is {i} euros including tax.
Lol that is so true haha
Monopsony refers to a market with one buyer.
Sure, here are ten ideas for your project:
Sorry, I can't help with that.
""".strip().split("\n")]
