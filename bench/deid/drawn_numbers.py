"""Numbers with the checks that their issuers publish, keys in their vendors' formats, and things that are neither."""

import base64
import hashlib
import json
import string
import zlib

import phonenumbers

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
LETTERS_AND_DIGITS = string.ascii_letters + string.digits


def digits(chance, count):
    return "".join(chance.choices(string.digits, k=count))


def of(chance, alphabet, count):
    return "".join(chance.choices(alphabet, k=count))


def weighed(number, weights):
    return sum(int(digit) * weight for digit, weight in zip(number, weights))


def luhn(body):
    total = sum(int(d) if at % 2 else sum(divmod(2 * int(d), 10)) for at, d in enumerate(reversed(body)))
    return str(-total % 10)


def until(draw):
    """The first draw that is a number: check digits of 10 are not issued."""
    while (found := draw()) is None:
        pass
    return found


def nino(chance):
    prefix = until(lambda: next((p for p in [of(chance, "ABCEGHJKLMNPRSTWXYZ", 1) + of(chance, "ABCEGHJKLMNPRSTWXYZ", 1)]
                                 if p not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")), None))
    body, last = digits(chance, 6), chance.choice("ABCD")
    return chance.choice([f"{prefix}{body}{last}", f"{prefix} {body[:2]} {body[2:4]} {body[4:]} {last}"])


def nhs(chance):
    def draw():
        body = chance.choice("4679") + digits(chance, 8)
        check = -weighed(body, range(10, 1, -1)) % 11
        return None if check == 10 else f"{body}{check}"
    number = until(draw)
    return chance.choice([number, f"{number[:3]} {number[3:6]} {number[6:]}"])


def german_tax(chance):
    # One digit twice, ten places, then the product check of ISO 7064 MOD 11,10.
    kept = chance.sample(string.digits, 9)
    body = kept + [kept[chance.randrange(9)]]
    chance.shuffle(body)
    if body[0] == "0":
        body[0], body[1] = body[1], body[0]
        if body[0] == "0":
            return german_tax(chance)
    product = 10
    for digit in body:
        total = (int(digit) + product) % 10 or 10
        product = 2 * total % 11
    number = "".join(body) + str((11 - product) % 10)
    return chance.choice([number, f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}"])


def portuguese_tax(chance):
    body = chance.choice("12") + digits(chance, 7)
    check = -weighed(body, range(9, 1, -1)) % 11
    number = f"{body}{0 if check == 10 else check}"
    return chance.choice([number, f"{number[:3]} {number[3:6]} {number[6:]}"])


def australian_tax(chance):
    weights = (1, 4, 3, 7, 5, 8, 6, 9, 10)
    number = until(lambda: next((n for n in [digits(chance, 9)] if weighed(n, weights) % 11 == 0 and n[0] != "0"), None))
    return chance.choice([number, f"{number[:3]} {number[3:6]} {number[6:]}"])


def japanese_number(chance):
    body = digits(chance, 11)
    rest = weighed(body, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    number = f"{body}{0 if rest <= 1 else 11 - rest}"
    return chance.choice([number, f"{number[:4]} {number[4:8]} {number[8:]}"])


def chilean_run(chance):
    body = str(chance.randrange(6_000_000, 26_000_000))
    rest = -weighed(body[::-1], (2, 3, 4, 5, 6, 7, 2, 3)) % 11
    check = {10: "K"}.get(rest, str(rest))
    return f"{body[:-6]}.{body[-6:-3]}.{body[-3:]}-{check}"


def irish_pps(chance):
    body = digits(chance, 7)
    return body + "WABCDEFGHIJKLMNOPQRSTUV"[weighed(body, range(8, 1, -1)) % 23]


def south_african_id(chance):
    body = f"{chance.randrange(50, 99)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}{digits(chance, 4)}08"
    return body + luhn(body)


def social_security(chance):
    area = until(lambda: next((a for a in [chance.randrange(1, 900)] if a != 666), None))
    number = f"{area:03}-{chance.randrange(1, 100):02}-{chance.randrange(1, 10000):04}"
    return chance.choice([number, number, number.replace("-", " ")])


def aadhaar(chance):
    """Verhoeff's check digit: in the dihedral group of the pentagon, by place (UIDAI)."""
    body = chance.choice("23456789") + digits(chance, 10)
    turn = lambda a, b: (a + b) % 5 + 5 * (b > 4) if a < 5 else (a - b) % 5 + 5 * (b < 5)
    moved, check = list(range(10)), 0
    for digit in "0" + body[::-1]:
        check = turn(check, moved[int(digit)])
        moved = [(1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[place] for place in moved]
    number = body + str((5 - check) % 5 if check < 5 else check)
    return chance.choice([number, f"{number[:4]} {number[4:8]} {number[8:]}"])


def brazilian_cpf(faker, chance):
    return chance.choice([faker("pt_BR").cpf(), faker("pt_BR").ssn()])


# What people call a number, in English and at home, and how one is drawn; `f` gives a Faker of a locale.
NATIONAL = {
    "US": (["SSN", "social security number", "social"], ["SSN"], lambda f, c: social_security(c)),
    "GB": (["National Insurance number", "NI number", "NINO"], ["NI number"], lambda f, c: nino(c)),
    "GB-NHS": (["NHS number", "NHS no."], ["NHS number"], lambda f, c: nhs(c)),
    "DE": (["German tax ID", "Steuer-ID"], ["Steuer-ID", "Steueridentifikationsnummer", "IdNr."], lambda f, c: german_tax(c)),
    "FR": (["French social security number"], ["numéro de sécurité sociale", "numéro de sécu"], lambda f, c: f("fr_FR").ssn()),
    "ES": (["Spanish DNI", "NIF"], ["DNI", "NIF"], lambda f, c: f("es_ES").nif()),
    "ES-NIE": (["NIE", "Spanish NIE"], ["NIE"], lambda f, c: f("es_ES").nie()),
    "IT": (["codice fiscale"], ["codice fiscale", "C.F."], lambda f, c: f("it_IT").ssn()),
    "NL": (["BSN", "Dutch citizen service number"], ["BSN", "burgerservicenummer"], lambda f, c: f("nl_NL").ssn()),
    "PL": (["PESEL", "Polish PESEL"], ["PESEL", "numer PESEL"], lambda f, c: f("pl_PL").pesel()),
    "BR": (["CPF", "Brazilian CPF"], ["CPF"], lambda f, c: brazilian_cpf(f, c)),
    "PT": (["NIF", "Portuguese tax number"], ["NIF", "número de contribuinte"], lambda f, c: portuguese_tax(c)),
    "CA": (["SIN", "social insurance number"], ["SIN"], lambda f, c: f("en_CA").ssn()),
    "IN": (["Aadhaar", "Aadhaar number"], ["Aadhaar"], lambda f, c: aadhaar(c)),
    "CN": (["Chinese ID number", "resident identity card number"], ["身份证号"], lambda f, c: f("zh_CN").ssn()),
    "KR": (["Korean resident registration number"], ["주민등록번호"], lambda f, c: f("ko_KR").ssn()),
    "JP": (["My Number", "Japanese individual number"], ["マイナンバー"], lambda f, c: japanese_number(c)),
    "AU": (["TFN", "tax file number"], ["TFN"], lambda f, c: australian_tax(c)),
    "SE": (["personnummer", "Swedish personal number"], ["personnummer"], lambda f, c: f("sv_SE").ssn()),
    "FI": (["henkilötunnus", "Finnish personal identity code"], ["henkilötunnus"], lambda f, c: f("fi_FI").ssn()),
    "NO": (["fødselsnummer", "Norwegian national ID"], ["fødselsnummer"], lambda f, c: f("no_NO").ssn()),
    "CH": (["AHV number", "Swiss AHV number"], ["AHV-Nummer"], lambda f, c: f("de_CH").ssn()),
    "BE": (["Belgian national number"], ["rijksregisternummer"], lambda f, c: f("nl_BE").ssn()),
    "RO": (["CNP", "Romanian CNP"], ["CNP"], lambda f, c: f("ro_RO").ssn()),
    "HR": (["OIB", "Croatian OIB"], ["OIB"], lambda f, c: f("hr_HR").ssn()),
    "EE": (["Estonian isikukood"], ["isikukood"], lambda f, c: f("et_EE").ssn()),
    "TR": (["TC Kimlik No", "Turkish ID number"], ["TC Kimlik No"], lambda f, c: f("tr_TR").ssn()),
    "IL": (["Teudat Zehut", "Israeli ID number"], ["ת.ז."], lambda f, c: f("he_IL").ssn()),
    "CL": (["RUT", "Chilean RUT"], ["RUT"], lambda f, c: chilean_run(c)),
    "IE": (["PPS number", "PPSN"], ["PPS number"], lambda f, c: irish_pps(c)),
    "ZA": (["South African ID number"], ["ID number"], lambda f, c: south_african_id(c)),
    "TH": (["Thai ID number"], ["เลขบัตรประชาชน"], lambda f, c: f("th_TH").ssn()),
    "MX": (["CURP"], ["CURP"], lambda f, c: f("es_MX").curp()),
}


def phone(chance, region):
    """A number that the region's plan allows, in one of the ways people write it."""
    sort = chance.choice([phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE])
    example = phonenumbers.national_significant_number(phonenumbers.example_number_for_type(region, sort))
    code = phonenumbers.country_code_for_region(region)

    def draw():
        national = example[:-6] + digits(chance, 6)
        number = phonenumbers.parse(f"+{code}{national}")
        return number if phonenumbers.is_valid_number(number) else None

    number, formats = until(draw), phonenumbers.PhoneNumberFormat
    at_home = phonenumbers.format_number(number, formats.NATIONAL)
    abroad = phonenumbers.format_number(number, formats.INTERNATIONAL)
    ways = [at_home, abroad, abroad, phonenumbers.format_number(number, formats.E164), abroad.replace(" ", "-")]
    if region == "US":
        ten = str(number.national_number)
        ways += [f"{ten[:3]}-{ten[3:6]}-{ten[6:]}", f"{ten[:3]}.{ten[3:6]}.{ten[6:]}", f"1-{ten[:3]}-{ten[3:6]}-{ten[6:]}"]
    else:
        # The signs that people of a country put where its plan has a blank: between all groups, or behind the first.
        sign, count = {"FR": (".", -1), "PL": ("-", -1), "DE": ("/", 1), "IT": ("/", 1), "NL": ("-", 1)}.get(region, (" ", 1))
        ways += [at_home.replace(" ", ""), abroad.replace("+", "00", 1), at_home.replace(" ", sign, count)]
    return chance.choice(ways)


def card(chance):
    prefix, length = chance.choice([("4", 16), ("4", 16), ("51", 16), ("55", 16), ("37", 15), ("6011", 16), ("2221", 16)])
    body = prefix + digits(chance, length - 1 - len(prefix))
    whole = body + luhn(body)
    fours = [whole[:4], whole[4:10], whole[10:]] if length == 15 else [whole[at : at + 4] for at in range(0, 16, 4)]
    return chance.choice([whole, " ".join(fours), " ".join(fours), "-".join(fours)])


def iban(faker, chance, locale):
    whole = faker(locale).iban()
    return chance.choice([whole, " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))])


def routing(chance):
    def draw():
        body = f"{chance.randrange(1, 13):02}{digits(chance, 6)}"
        return body + str(-weighed(body, (3, 7, 1) * 3) % 10)
    return draw()


def imei(chance):
    body = "35" + digits(chance, 12)
    return chance.choice([body + luhn(body), f"{body[:2]}-{body[2:8]}-{body[8:14]}-{luhn(body)}"])


def base58check(payload):
    payload += hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, text = int.from_bytes(payload, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = BASE58[rest] + text
    return "1" * (len(payload) - len(payload.lstrip(b"\0"))) + text


def bech32(program):
    """A version 0 witness program, as BIP 173 writes it."""
    bits = "".join(f"{byte:08b}" for byte in program)
    values = [0] + [int(bits[at : at + 5].ljust(5, "0"), 2) for at in range(0, len(bits), 5)]

    def polymod(numbers):
        check = 1
        for number in numbers:
            top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ number
            for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
                check ^= generator if top >> bit & 1 else 0
        return check

    check = polymod([3, 3, 0, 2, 3, *values, 0, 0, 0, 0, 0, 0]) ^ 1
    return "bc1" + "".join(BECH32[value] for value in [*values, *(check >> 5 * (5 - at) & 31 for at in range(6))])


def crypto(chance):
    return chance.choice([
        base58check(bytes([chance.choice([0, 5])]) + chance.randbytes(20)),
        bech32(chance.randbytes(20)),
        "0x" + chance.randbytes(20).hex(),
    ])


def github_token(chance):
    body = of(chance, LETTERS_AND_DIGITS, 30)
    number, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        check = (string.digits + string.ascii_uppercase + string.ascii_lowercase)[rest] + check
    return f"ghp_{body}{check}"


def jwt(chance):
    part = lambda value: base64.urlsafe_b64encode(value).rstrip(b"=").decode()
    claims = {"sub": digits(chance, 10), "iat": chance.randrange(1_700_000_000, 1_790_000_000)}
    return ".".join([part(b'{"alg":"HS256","typ":"JWT"}'), part(json.dumps(claims).encode()), part(chance.randbytes(32))])


def key_block(chance):
    lines = base64.b64encode(chance.randbytes(480)).decode()
    lines = "\n".join(lines[at : at + 64] for at in range(0, len(lines), 64))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----"


TOKENS = {
    "github": github_token,
    "aws": lambda c: "AKIA" + of(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
    "stripe": lambda c: "sk_live_" + of(c, LETTERS_AND_DIGITS, 24),
    "slack": lambda c: f"xoxb-{digits(c, 12)}-{digits(c, 13)}-{of(c, LETTERS_AND_DIGITS, 24)}",
    "google": lambda c: "AIzaSy" + of(c, LETTERS_AND_DIGITS + "-_", 33),
    "jwt": jwt,
    "gitlab": lambda c: "glpat-" + of(c, LETTERS_AND_DIGITS, 20),
    "sendgrid": lambda c: f"SG.{of(c, LETTERS_AND_DIGITS, 22)}.{of(c, LETTERS_AND_DIGITS, 43)}",
}


def token(chance):
    return TOKENS[chance.choice(sorted(TOKENS))](chance)


def password(chance):
    """What a password manager or a person with a habit would make."""
    word = chance.choice("Harbour Tractor Violet Pepper Summit Anchor Walnut Comet".split())
    made = of(chance, LETTERS_AND_DIGITS + "!#%*+-?", 14) + digits(chance, 1) + "a"
    return chance.choice([made, f"{word}{digits(chance, 3)}{chance.choice('!#*?')}{of(chance, LETTERS_AND_DIGITS, 2)}"])


PUBLIC_FIGURES = (
    "Marie Curie|Albert Einstein|William Shakespeare|Frida Kahlo|Nelson Mandela|Jane Austen|Isaac Newton|Beethoven|"
    "Angela Merkel|Barack Obama|Leonardo da Vinci|Virginia Woolf|Charles Darwin|Ada Lovelace|Pablo Picasso"
).split("|")
WORKS = (
    "Pride and Prejudice|Hamlet|The Great Gatsby|Don Quixote|War and Peace|Moby-Dick|The Odyssey|Mona Lisa|"
    "One Hundred Years of Solitude|The Magic Flute|Crime and Punishment|The Lord of the Rings"
).split("|")

DECOYS = {
    "order": lambda c: c.choice([f"{digits(c, 4)}-{digits(c, 4)}-{digits(c, 2)}", f"#{digits(c, 7)}", f"ORD-{digits(c, 8)}"]),
    "version": lambda c: f"{c.randrange(1, 30)}.{c.randrange(20)}.{c.randrange(20)}",
    "guid": lambda c: "-".join(of(c, "0123456789abcdef", n) for n in (8, 4, 4, 4, 12)),
    "stamp": lambda c: f"2026-{c.randrange(1, 13):02}-{c.randrange(1, 29):02}T{c.randrange(24):02}:{c.randrange(60):02}:{c.randrange(60):02}.{digits(c, 3)}Z",
    "price": lambda c: c.choice([f"${c.randrange(10, 9000):,}.{digits(c, 2)}", f"{c.randrange(10, 900)},{digits(c, 2)} EUR"]),
    "isbn": lambda c: f"978-{c.randrange(10)}-{digits(c, 2)}-{digits(c, 6)}-{digits(c, 1)}",
    "sha": lambda c: of(c, "0123456789abcdef", c.choice([7, 12, 40])),
    "tracking": lambda c: f"1Z{of(c, string.ascii_uppercase + string.digits, 6)}{digits(c, 10)}",
    "error": lambda c: f"0x{of(c, '0123456789ABCDEF', 8)}",
    "line": lambda c: f"main.rs:{c.randrange(10, 900)}:{c.randrange(1, 80)}",
    "figure": lambda c: c.choice(PUBLIC_FIGURES),
    "work": lambda c: c.choice(WORKS),
}
