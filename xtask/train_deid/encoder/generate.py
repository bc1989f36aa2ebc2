"""Generated sentences: names, places and addresses of many countries in our own templates."""

import random
import re

from faker import Faker

import pieces
from corpora import INDEX, Sentence
from lexicons import CREEDS, HONORIFICS, NATIONALITIES, OCCUPATIONS, PARTIES
from templates import TEMPLATES

LOCALES = ("en_US en_GB en_IN en_NZ en_AU en_CA en_IE de_DE de_AT de_CH fr_FR fr_CA es_ES es_MX es_AR es_CO it_IT pt_BR pt_PT nl_NL "
           "nl_BE pl_PL sv_SE no_NO da_DK fi_FI cs_CZ hu_HU ro_RO hr_HR sl_SI tr_TR vi_VN id_ID yo_NG ha_NG ig_NG tw_GH zu_ZA "
           "fil_PH et_EE lt_LT lv_LV sk_SK ga_IE en_PK en_KE az_AZ").split()
CHINESE = ("Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo".split(),
           "Wei Fang Xiuying Na Min Jing Li Qiang Lei Jun Yang Yong Yan Jie Tao Ming Chao Xia Ping Gang Xiaoming Yifan Zihan".split())
KOREAN = ("Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Shin Seo Kwon".split(),
          "Min-jun Seo-yeon Ji-woo Ha-eun Do-yun Ji-ho Soo-jin Hyun-woo Eun-ji Young-ho Jisoo Minho Yuna Seojun".split())
JAPANESE = ("Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada".split(),
            "Haruto Yuto Sota Yui Aoi Hina Sakura Kenji Hiroshi Akira Naoko Yoko Takeshi Emi Ren Mei".split())
ARABIC = ("Al-Masri Haddad Khoury Hassan Ali Ibrahim Mansour Saleh Abdullah Nasser Al-Farsi Hussein Aziz Rahman".split(),
          "Mohammed Ahmed Fatima Aisha Omar Youssef Layla Khalid Mariam Hassan Noor Zainab Mustafa Salma Tariq Huda".split())
SLAVIC = ("Ivanov Petrova Smirnov Kuznetsova Popov Volkova Shevchenko Kovalenko Bondarenko Melnyk Petrov Jovanovic".split(),
          "Ivan Olga Dmitri Natasha Sergei Anastasia Vladimir Oksana Yuri Svetlana Mykola Tetiana Bogdan Milica".split())
RANKS = "Mr. Mrs. Ms. Miss Dr. Prof. Sir Rev. Mr Mrs Ms Dr Professor Senator Captain Sgt. Madam Judge".split()
NICKS = "Mike Bob Liz Kate Tom Jim Sue Joe Meg Dan Nick Steph Jess Matt Ben Sam Alex Chris Pat Max Zoe Mia Leo Ivy".split()
PLACES = ("the Eiffel Tower|Lake Geneva|Central Park|Mount Fuji|the Alps|Silicon Valley|Bavaria|the Golden Gate Bridge|Hyde Park|"
          "the Thames|Normandy|Tuscany|the Rhine|Heathrow|Brooklyn|Manhattan|Soho|Catalonia|Scotland|the Midwest|Siberia|Punjab|"
          "Kerala|Lower Saxony|Northern Ireland|the West Bank|Gaza|Crimea|Kashmir|Lake Tahoe|Yosemite|the Sahara|the Black Sea|"
          "Gatwick|Union Square|Times Square|Bondi Beach|the Louvre|Red Square|the Bronx|Queens|Bay Area|Long Island|Tibet|"
          "Patagonia|the Balkans|Waterloo Station|Western Africa|South Asia|the Middle East|Europe|Latin America").split("|")
SPOTS = "{l} Park|{l} Lake|Mount {l}|{l} Bridge|{l} Valley|Port {l}|{l} County|{l} Beach|{c} Airport|{c} Central Station|{l} Hill".split("|")
FIRMS = ("{l} & {l}|{l} Group|{l} Ltd|{l} Inc.|{l} GmbH|{l} Brothers|{l} and Sons|{c} General Hospital|University of {c}|{c} University|"
         "{c} High School|{l} Elementary School|Bank of {c}|{c} City Council|{c} Police Department|{c} United|FC {c}|{c} Tigers|"
         "{l} Consulting|{l} Law Firm|{l} Pharmaceuticals|{c} Times|{l} Foundation|Institute of {c}|St. {f} Hospital|{w} Labs|{w}{x}|"
         "{w} Systems|{w} Technologies|{w} {w}|{w} Media|Ministry of {w}|{c} Symphony Orchestra|Church of {f}|{w} Airlines|"
         "{w} Software|Radio {c}|{l} {l} LLP|{w} Bank|{w} Insurance|{l}, {l} and {l}").split("|")
WORDS = ("Blue Nova Green Star Apex Delta Solar Quantum River Stone Silver Bright Cloud Iron Pioneer Summit Global Urban Vertex "
         "Horizon Atlas Orbit Pixel North Ocean Falcon Cedar Polar Prime Health Trade Energy Justice Culture Unity").split()
ENDS = "ly ify soft tech ware works base hub labs net pay mart flow gen".split()
KNOWN = ("Google|Microsoft|Apple|Amazon|Facebook|Twitter|Netflix|IBM|Intel|NASA|FBI|CIA|UN|NATO|WHO|UNICEF|Red Cross|BBC|CNN|Reuters|"
         "New York Times|Toyota|BMW|Siemens|Volkswagen|Samsung|Sony|Nike|Adidas|Walmart|Target|Starbucks|McDonald's|Harvard|MIT|"
         "Stanford University|Real Madrid|Manchester United|Lakers|Yankees|Congress|Parliament|Supreme Court|European Union|"
         "Greenpeace|Uber|Airbnb|PayPal|Chase|HSBC|Barclays|Deutsche Bank|OpenAI|YouTube|Enron|Al Qaeda|Hamas|Taliban").split("|")
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
KIND_OF = dict(p="PERSON", f="PERSON", l="PERSON", c="LOCATION", n="LOCATION", r="LOCATION", o="ORGANISATION", a="ADDRESS",
               z="ADDRESS", d="DATE", t="DATE", y="DATE", h="TITLE", j="TITLE", g="GROUP", i=None, e=None)
FIELD = re.compile(r"\{(\w)\}")


class Pools:
    """Values of many countries, drawn once so that sentences are quick to make."""

    def __init__(self, seed, size=250):
        self.source = random.Random(seed)
        self.people, self.cities, self.countries, self.firms, self.streets = [], [], [], [], []
        for place, locale in enumerate(LOCALES):
            try:
                fake = Faker(locale)
            except AttributeError:
                continue
            fake.seed_instance(seed + place)
            self.people.append(([fake.first_name() for _ in range(size)], [fake.last_name() for _ in range(size)]))
            self.cities.append([fake.city() for _ in range(60)])
            self.countries.append([fake.country() for _ in range(30)] if locale.startswith("en") else self.countries[0])
            self.firms.append([fake.company() for _ in range(40)])
            self.streets.append([(fake.street_address().replace("\n", ", "), fake.postcode()) for _ in range(100)])
        for family, given in (CHINESE, KOREAN, JAPANESE, ARABIC, SLAVIC):
            self.people.append((given, family))

    def name(self):
        given, family = self.source.choice(self.people)
        return self.source.choice(given), self.source.choice(family)

    def person(self):
        pick = self.source.random()
        first, last = self.name()
        if pick < 0.62:
            return f"{first} {last}"
        if pick < 0.72:
            return f"{first} {self.source.choice('ABCDEFGHJKLMNPRSTW')}. {last}"
        if pick < 0.78:
            return f"{first[0]}. {last}"
        if pick < 0.83:
            return f"{last}, {first}"
        if pick < 0.89:
            return f"{first} {self.name()[0]} {last}"
        if pick < 0.93:
            return f"{first} {last}-{self.name()[1]}"
        return first

    def given(self):
        return self.source.choice(NICKS) if self.source.random() < 0.15 else self.name()[0]

    def city(self):
        return self.source.choice(self.source.choice(self.cities))

    def firm(self):
        pick = self.source.random()
        if pick < 0.25:
            return self.source.choice(KNOWN)
        if pick < 0.5:
            return self.source.choice(self.source.choice(self.firms))
        shape = self.source.choice(FIRMS)
        values = dict(l=lambda: self.name()[1], f=lambda: self.name()[0], c=self.city, w=lambda: self.source.choice(WORDS),
                      x=lambda: self.source.choice(ENDS))
        return FIELD.sub(lambda found: values[found[1]](), shape)

    def place(self):
        if self.source.random() < 0.5:
            return self.source.choice(PLACES)
        return FIELD.sub(lambda found: self.city() if found[1] == "c" else self.name()[1], self.source.choice(SPOTS))

    def date(self):
        source, month = self.source, self.source.randrange(12)
        day, year = source.randint(1, 28), source.randint(1930, 2029)
        name = MONTHS[month]
        return source.choice((
            f"{name} {day}, {year}", f"{day} {name} {year}", f"{name} {day}", f"{day} {name}", f"{day}/{month + 1}/{year}",
            f"{month + 1:02}/{day:02}/{year}", f"{year}-{month + 1:02}-{day:02}", f"{day}.{month + 1}.{year}", f"{name} {year}",
            f"{name[:3]} {day}, {year}", f"{day}-{name[:3]}-{year}", f"{day:02} {name[:3]} {year % 100:02}",
            f"{name} {day}{'th' if day > 3 else ['st', 'nd', 'rd'][day - 1]}, {year}", source.choice(DAYS),
            f"{source.choice(DAYS)}, {name} {day}", f"the {day}{'th' if 3 < day < 21 else 'th'} of {name}", name,
            f"{month + 1}/{day}/{year % 100:02}"))

    def time(self):
        hour, minute = self.source.randint(1, 12), self.source.choice((0, 15, 30, 45, self.source.randrange(60)))
        return self.source.choice((f"{hour}:{minute:02}", f"{hour}:{minute:02} pm", f"{hour}am", f"{hour} PM", f"{hour + 11}:{minute:02}",
                                   f"{hour}:{minute:02}am", f"{hour} o'clock"))

    def value(self, field):
        source = self.source
        if field in "az":
            street, code = source.choice(source.choice(self.streets))
            return street if field == "a" else code
        return {"p": self.person, "f": self.given, "l": lambda: self.name()[1], "c": self.city,
                "n": lambda: source.choice(self.countries[0]), "r": self.place, "o": self.firm, "d": self.date, "t": self.time,
                "y": lambda: str(source.randint(1800, 2030)), "h": lambda: source.choice(RANKS),
                "j": lambda: source.choice(OCCUPATIONS),
                "g": lambda: source.choice(source.choice((NATIONALITIES, NATIONALITIES, CREEDS, PARTIES))),
                "i": lambda: source.choice((str(source.randrange(10**source.randint(1, 9))), f"{source.randrange(9)}.{source.randrange(30)}.{source.randrange(9)}")),
                "e": lambda: f"{self.name()[0].lower()}{source.randrange(99)}@example.org"}[field]()

    def sentence(self):
        """One template filled, as words with labels; parts glued in the template are words of their own."""
        words, allowed = [], []
        template = self.source.choice(TEMPLATES)
        if self.source.random() < 0.2:
            template += " " + self.source.choice(TEMPLATES)
        for place, part in enumerate(FIELD.split(template)):
            kind = KIND_OF[part] if place % 2 else None
            text = self.value(part).replace("\xa0", " ") if place % 2 else part
            for number, word in enumerate(text.split()):
                words.append(word)
                allowed.append(1 << INDEX[("I-" if number else "B-") + kind] if kind else 1)
        for place in range(len(words) - 1):
            spoken = words[place].strip(".").lower() in HONORIFICS and words[place][0].isupper()
            if spoken and allowed[place] == 1 and allowed[place + 1] == 1 << INDEX["B-PERSON"]:
                allowed[place] = 1 << INDEX["B-TITLE"]
        return Sentence(words, allowed, "generated")

    def renamed(self, sentence):
        """The sentence with its people renamed, each name by one of as many words."""
        words, place = list(sentence.words), 0
        person, inside = 1 << INDEX["B-PERSON"], 1 << INDEX["I-PERSON"]
        while place < len(words):
            if sentence.allowed[place] != person:
                place += 1
                continue
            end = place + 1
            while end < len(words) and sentence.allowed[end] == inside:
                end += 1
            if end - place <= 2 and all(len(pieces.tokens_of(word)) == 1 and len(word) > 1 for word in words[place:end]):
                first, last = self.name()
                fresh = [self.source.choice((first, first, last))] if end - place == 1 else [first, last]
                if all(" " not in word for word in fresh):
                    words[place:end] = [cased(new, old) for new, old in zip(fresh, words[place:end])]
            place = end
        return Sentence(words, sentence.allowed, sentence.source)


def cased(new, like):
    if like.islower():
        return new.lower()
    return new.upper() if like.isupper() and len(like) > 1 else new
