"""Closed sets of words that rules and templates share. Written by hand."""

MONTHS = set("""january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec""".split())
WEEKDAYS = set("monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thurs fri sat sun".split())
HONORIFICS = set("mr mrs ms miss mx dr prof professor sir madam rev reverend sgt capt captain lt col gen sen senator "
                 "gov governor president chancellor judge justice officer coach uncle aunt fr".split())

NATIONALITIES = """Afghan Albanian Algerian American Angolan Argentine Argentinian Armenian Australian Austrian Azerbaijani
Bangladeshi Belgian Bolivian Bosnian Brazilian British Bulgarian Burmese Cambodian Cameroonian Canadian Chilean Chinese
Colombian Congolese Croatian Cuban Cypriot Czech Danish Dominican Dutch Ecuadorian Egyptian English Eritrean Estonian
Ethiopian European Filipino Finnish French Georgian German Ghanaian Greek Guatemalan Haitian Honduran Hungarian Icelandic
Indian Indonesian Iranian Iraqi Irish Israeli Italian Jamaican Japanese Jordanian Kazakh Kenyan Korean Kurdish Kuwaiti
Laotian Latvian Lebanese Libyan Lithuanian Macedonian Malaysian Maltese Mexican Moldovan Mongolian Moroccan Nepalese
Nigerian Norwegian Pakistani Palestinian Panamanian Paraguayan Persian Peruvian Polish Portuguese Romanian Russian Rwandan
Salvadoran Saudi Scottish Senegalese Serbian Singaporean Slovak Slovenian Somali Spanish Sudanese Swedish Swiss Syrian
Taiwanese Tanzanian Thai Tibetan Tunisian Turkish Ugandan Ukrainian Uruguayan Uzbek Venezuelan Vietnamese Welsh Yemeni
Zambian Zimbabwean African Asian Arab Arabic Hispanic Latino Latina Catalan Basque Sicilian Bavarian""".split()
CREEDS = """Christian Catholic Protestant Lutheran Methodist Baptist Anglican Orthodox Mormon Evangelical Presbyterian
Muslim Islamic Sunni Shia Jewish Hindu Buddhist Sikh Jain Taoist Quaker Atheist""".split()
PARTIES = """Republican Democrat Democratic Conservative Labour Libertarian Socialist Communist Marxist Tory
Social-Democrat Nationalist""".split()
GROUPS = {word.lower() for word in NATIONALITIES + CREEDS + PARTIES} - {"conservative", "orthodox", "nationalist", "labour"}
GROUPS |= {word.lower() + "s" for word in NATIONALITIES + CREEDS if word.endswith(("n", "i", "w", "b", "t", "c"))}
GROUPS |= {"republicans", "democrats", "jews", "jew", "communists", "socialists"}

OCCUPATIONS = """accountant|actor|actress|architect|baker|barber|bartender|biologist|bookkeeper|bricklayer|bus driver|butcher|
carpenter|cashier|chef|chemist|civil engineer|cleaner|coach|construction worker|cook|copywriter|courier|data analyst|
data scientist|dental hygienist|dentist|designer|dispatcher|doctor|economist|editor|electrician|engineer|farmer|
financial adviser|firefighter|fisherman|flight attendant|florist|forklift operator|gardener|geologist|glazier|goldsmith|
graphic designer|hairdresser|historian|housekeeper|HR manager|illustrator|insurance broker|interpreter|janitor|journalist|
judge|lab technician|landscaper|lawyer|lecturer|librarian|locksmith|machinist|mail carrier|marine biologist|
marketing manager|mason|massage therapist|mathematician|mechanic|midwife|miner|model|museum curator|musician|nanny|
network administrator|notary|nurse|nutritionist|occupational therapist|office clerk|optician|packer|painter|paralegal|
paramedic|personal trainer|pharmacist|photographer|physicist|physiotherapist|pilot|plasterer|plumber|poet|police officer|
primary school teacher|product manager|professor|project manager|proofreader|psychologist|quality inspector|
radiographer|real estate agent|receptionist|research fellow|roofer|sailor|sales assistant|sales manager|scientist|
secretary|security guard|senior software engineer|shop owner|social worker|software developer|soldier|solicitor|
statistician|stonemason|store manager|surgeon|surveyor|tailor|tax adviser|taxi driver|teacher|technician|toolmaker|
tour guide|train conductor|translator|truck driver|upholsterer|veterinarian|waiter|waitress|warehouse worker|
watchmaker|web developer|welder|writer|yoga instructor|zoologist|chief executive officer|CEO|CTO|CFO|vice president|
managing director|head of operations|team lead|board member|treasurer|deputy mayor|press officer|account executive""".replace(
    "\n", "").split("|")
