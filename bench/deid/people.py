"""People who do not exist, each with all that would identify one: drawn from Faker and from `numbers`."""

import unicodedata

from faker import Faker

import drawn_numbers as numbers

LOCALES = ["en_US", "en_US", "en_US", "en_GB", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "pt_BR"]
REGIONS = {
    "en_US": "US", "en_GB": "GB", "de_DE": "DE", "fr_FR": "FR", "es_ES": "ES", "it_IT": "IT", "nl_NL": "NL",
    "pl_PL": "PL", "pt_BR": "BR",
}
# The English Fakers glue the names of places together, so towns for these are listed.
TOWNS = {
    "en_US": (
        "Denver|Boise|Austin|Tulsa|Duluth|Savannah|Spokane|Dayton|Reno|Toledo|Eugene|Flagstaff|Macon|Bangor|Omaha|"
        "Chattanooga|Fort Collins|Santa Rosa|Ann Arbor|Baton Rouge|Providence|Cedar Rapids|Topeka|Rochester|Asheville"
    ).split("|"),
    "en_GB": (
        "Leeds|Norwich|Swansea|Dundee|Exeter|Hull|Preston|Stockport|Luton|Paisley|Newry|Ipswich|Carlisle|Wrexham|"
        "Bath|Durham|Chesterfield|Inverness|Cheltenham|Milton Keynes|Blackpool|Hastings|Aberystwyth|Kettering"
    ).split("|"),
}
ACCOUNT_WORDS = "runs bakes codes climbs reads plays paints rides knits gardens".split()
JOBS = {
    "en": "head of radiology|deputy headteacher|parish clerk|chief pilot|night shift supervisor|county coroner|"
          "assistant principal|practice manager|harbour master|payroll administrator",
    "de": "Schulleiterin|Oberarzt|Standesbeamter|Filialleiterin|Amtsleiter",
    "fr": "directrice d'école|chef de service|greffier|pharmacienne|maire adjoint",
    "es": "directora del colegio|jefe de cirugía|notaria|administrador de fincas|farmacéutica",
    "it": "preside della scuola|primario|notaio|farmacista|assessore",
    "nl": "schooldirecteur|huisarts|notaris|griffier|wethouder",
    "pl": "dyrektorka szkoły|ordynator|notariusz|aptekarka|sołtys",
    "pt": "diretora da escola|cirurgião-chefe|tabelião|farmacêutica|síndico",
}


class World:
    """Where values come from: one for each half, with its own seed, so that no identity is in both."""

    def __init__(self, chance):
        self.chance, self.fakers = chance, {}

    def faker(self, locale):
        if locale not in self.fakers:
            self.fakers[locale] = Faker(locale)
            self.fakers[locale].seed_instance(self.chance.getrandbits(32))
        return self.fakers[locale]

    def person(self, locale, speaks):
        return Person(self, locale, speaks)


class Person:
    def __init__(self, world, locale, speaks="en"):
        chance, faker = world.chance, world.faker(locale)
        self.speaks = speaks
        self.world, self.locale, self.region = world, locale, REGIONS[locale]
        self.woman = chance.random() < 0.5
        self.first = (faker.first_name_female if self.woman else faker.first_name_male)().split()[0]
        last = getattr(faker, "last_name_female" if self.woman else "last_name_male", faker.last_name)
        self.last = last()
        plain = lambda name: "".join(c for c in ascii_of(name).lower() if c.isalnum())
        self.account = chance.choice([
            f"{plain(self.first)}.{plain(self.last)}",
            f"{plain(self.first)[0]}{plain(self.last)}{chance.randrange(10, 99)}",
            f"{plain(self.first)}_{chance.choice(ACCOUNT_WORDS)}",
            f"{plain(self.last)}{plain(self.first)[:1]}",
        ])
        self.company = faker.company()
        self.town = chance.choice(TOWNS[locale]) if locale in TOWNS else faker.city()
        self.mail = f"{self.account}@{chance.choice([faker.free_email_domain(), faker.domain_name()])}"
        self.number = numbers.phone(chance, self.region)
        self.born = faker.date_of_birth(minimum_age=19, maximum_age=88)
        self.home = self.draw_address()
        country = chance.choice([self.region] + [key for key in numbers.NATIONAL if key.startswith(self.region)])
        self.national = country, numbers.NATIONAL[country][2](world.faker, chance)

    def draw_address(self):
        faker = self.world.faker(self.locale)
        while True:
            address = faker.address()
            # Posts of the armed forces are drawn one time in ten, and are hardly one in a thousand.
            if not any(word in address for word in ("APO", "FPO", "DPO")):
                return address

    def value(self, attribute):
        """The text of an attribute, and its type."""
        chance = self.world.chance
        fixed = {
            "": (f"{self.first} {self.last}", "PERSON"),
            "first": (self.first, "PERSON"),
            "last": (self.last, "PERSON"),
            "lastfirst": (f"{self.last}, {self.first}", "PERSON"),
            "initials": (f"{self.first[0]}. {self.last}", "PERSON"),
            "letters": (f"{self.first[0]}.{self.last[0]}.", "PERSON"),
            "upper": (f"{self.first} {self.last}".upper(), "PERSON"),
            "email": (self.mail, "EMAIL"),
            "phone": (self.number, "PHONE"),
            "company": (self.company, "ORGANISATION"),
            "town": (self.town, "LOCATION"),
            "address": (", ".join(self.home.split("\n")), "ADDRESS"),
            "block": (self.home, "ADDRESS"),
            "handle": (f"@{self.account.replace('.', '_')}", "HANDLE"),
            "site": (f"https://www.{self.account.replace('_', '-')}.{'com' if self.region == 'US' else 'net'}", "WEBSITE"),
            "profile": (f"https://www.linkedin.com/in/{self.account.replace('.', '-').replace('_', '-')}", "WEBSITE"),
            "id": (self.national[1], "NATIONAL_ID"),
        }
        if attribute in fixed:
            return fixed[attribute]
        if attribute == "dob":
            return self.born_as_written(), "BIRTH_DATE"
        if attribute == "idname":
            return chance.choice(numbers.NATIONAL[self.national[0]][1]), None
        if attribute == "job":
            return chance.choice(JOBS[self.speaks].split("|")), "TITLE"
        if attribute == "iban":
            locale = "de_DE" if self.region in ("US", "BR") else self.locale
            return numbers.iban(self.world.faker, chance, locale), "IBAN"
        if attribute == "plate":
            return self.world.faker(self.locale).license_plate(), "PLATE"
        raise KeyError(attribute)

    def born_as_written(self):
        born, chance = self.born, self.world.chance
        if self.region == "US":
            return chance.choice([f"{born:%m/%d/%Y}", f"{born:%B} {born.day}, {born.year}", f"{born:%Y-%m-%d}"])
        if self.region == "GB":
            return chance.choice([f"{born:%d/%m/%Y}", f"{born.day} {born:%B} {born.year}", f"{born:%d-%m-%y}"])
        return chance.choice([f"{born:%d.%m.%Y}", f"{born:%d/%m/%Y}", f"{born:%d-%m-%Y}"])


# What belongs to nobody in particular until it is written down: its type and how it is drawn.
LOOSE = {
    "card": ("CARD", lambda w: numbers.card(w.chance)),
    "routing": ("ROUTING", lambda w: numbers.routing(w.chance)),
    "account": ("BANK_ACCOUNT", lambda w: numbers.digits(w.chance, w.chance.choice([8, 10, 12]))),
    "ip": ("IP", lambda w: w.faker("en_US").ipv4_public()),
    "ipv6": ("IP", lambda w: w.faker("en_US").ipv6()),
    "mac": ("MAC", lambda w: w.chance.choice([str, str.upper, lambda m: m.replace(":", "-")])(w.faker("en_US").mac_address())),
    "imei": ("DEVICE", lambda w: numbers.imei(w.chance)),
    "vin": ("VEHICLE", lambda w: w.faker("en_US").vin()),
    "crypto": ("CRYPTO", lambda w: numbers.crypto(w.chance)),
    "token": ("SECRET", lambda w: numbers.token(w.chance)),
    "password": ("SECRET", lambda w: numbers.password(w.chance)),
    "keyblock": ("PRIVATE_KEY", lambda w: numbers.key_block(w.chance)),
    "dburl": ("URL", lambda w: f"postgres://{w.faker('en_US').user_name()}:{numbers.of(w.chance, numbers.LETTERS_AND_DIGITS, 14)}@db.{w.faker('en_US').domain_name()}:5432/app"),
    "link": ("URL", lambda w: f"https://app.{w.faker('en_US').domain_name()}/reset?token={numbers.of(w.chance, numbers.LETTERS_AND_DIGITS, 32)}"),
    "gps": ("COORDINATES", lambda w: f"{w.chance.uniform(25, 60):.5f}, {w.chance.uniform(-120, 25):.5f}"),
    "old": ("AGE", lambda w: str(w.chance.randrange(90, 104))),
    "mrn": ("MEDICAL_RECORD", lambda w: w.chance.choice([numbers.digits(w.chance, 8), f"H{numbers.digits(w.chance, 7)}", f"{numbers.digits(w.chance, 3)}-{numbers.digits(w.chance, 5)}"])),
    "passport": ("PASSPORT", lambda w: w.chance.choice([numbers.digits(w.chance, 9), numbers.of(w.chance, "CFGHJKLMNPRTVWXYZ", 1) + numbers.digits(w.chance, 8), numbers.of(w.chance, "ABCDEFGHJK", 2) + numbers.digits(w.chance, 7)])),
    "licence": ("DRIVING_LICENCE", lambda w: w.chance.choice([numbers.of(w.chance, "ABCDEFGHJK", 1) + numbers.digits(w.chance, 7), numbers.of(w.chance, "BDFMS", 1) + "-".join(numbers.digits(w.chance, n) for n in (3, 3, 3, 3))])),
}
# Letters that do not come apart into one of ASCII and an accent.
WHOLE_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})


def ascii_of(name):
    apart = unicodedata.normalize("NFKD", name.lower().translate(WHOLE_LETTERS))
    return apart.encode("ascii", "ignore").decode()
