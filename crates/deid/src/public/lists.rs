//! Countries, large cities and well-known organisations, written for this crate; entries stand apart by semicolons.

/// States and how people call them.
pub(crate) const COUNTRIES: &str = "Afghanistan;Albania;Algeria;Andorra;Angola;Argentina;Armenia;Australia;Austria;\
Azerbaijan;Bahamas;Bahrain;Bangladesh;Barbados;Belarus;Belgium;Belize;Benin;Bhutan;Bolivia;Bosnia;Botswana;Brazil;\
Brunei;Bulgaria;Burkina Faso;Burundi;Cambodia;Cameroon;Canada;Cape Verde;Chad;Chile;China;Colombia;Costa Rica;Croatia;\
Cuba;Cyprus;Czechia;Czech Republic;Denmark;Djibouti;Dominican Republic;Ecuador;Egypt;El Salvador;Eritrea;Estonia;\
Eswatini;Ethiopia;Fiji;Finland;France;Gabon;Gambia;Germany;Ghana;Greece;Grenada;Guatemala;Guinea;Guyana;Haiti;Honduras;\
Hungary;Iceland;India;Indonesia;Iran;Iraq;Ireland;Israel;Italy;Ivory Coast;Jamaica;Japan;Kazakhstan;Kenya;Kuwait;\
Kyrgyzstan;Laos;Latvia;Lebanon;Lesotho;Liberia;Libya;Liechtenstein;Lithuania;Luxembourg;Madagascar;Malawi;Malaysia;\
Maldives;Mali;Malta;Mauritania;Mauritius;Mexico;Moldova;Monaco;Mongolia;Montenegro;Morocco;Mozambique;Myanmar;Namibia;\
Nepal;Netherlands;New Zealand;Nicaragua;Niger;Nigeria;North Korea;North Macedonia;Norway;Oman;Pakistan;Panama;\
Papua New Guinea;Paraguay;Peru;Philippines;Poland;Portugal;Qatar;Romania;Russia;Rwanda;Samoa;San Marino;Saudi Arabia;\
Senegal;Serbia;Seychelles;Sierra Leone;Singapore;Slovakia;Slovenia;Somalia;South Africa;South Korea;South Sudan;Spain;\
Sri Lanka;Sudan;Suriname;Sweden;Switzerland;Syria;Taiwan;Tajikistan;Tanzania;Thailand;Togo;Tonga;Tunisia;Turkey;\
Turkmenistan;Uganda;Ukraine;United Arab Emirates;United Kingdom;United States;Uruguay;Uzbekistan;Vatican City;\
Venezuela;Vietnam;Yemen;Zambia;Zimbabwe;UK;USA;U.S.;US;England;Scotland;Wales;Great Britain;Britain;America;\
Deutschland;Österreich;Schweiz;Frankreich;Italien;Spanien;Allemagne;Espagne;Suisse;Italie;España;Alemania;Francia";

/// Cities of more than about a million people, and capitals of large states.
pub(crate) const CITIES: &str = "New York;New York City;NYC;Los Angeles;Chicago;Houston;Phoenix;Philadelphia;San Antonio;\
San Diego;Dallas;San Francisco;Seattle;Denver;Boston;Atlanta;Miami;Detroit;Las Vegas;Austin;San Jose;Minneapolis;\
Toronto;Montreal;Vancouver;Calgary;Ottawa;Mexico City;Guadalajara;Monterrey;Havana;Bogotá;Medellín;Lima;Quito;Caracas;\
Santiago;Buenos Aires;Montevideo;São Paulo;Rio de Janeiro;Brasília;Salvador;London;Birmingham;Manchester;Glasgow;\
Edinburgh;Dublin;Paris;Marseille;Lyon;Berlin;Hamburg;Munich;München;Cologne;Köln;Frankfurt;Stuttgart;Vienna;Wien;\
Zurich;Zürich;Geneva;Bern;Brussels;Antwerp;Amsterdam;Rotterdam;The Hague;Luxembourg City;Madrid;Barcelona;Valencia;\
Seville;Lisbon;Porto;Rome;Roma;Milan;Milano;Naples;Turin;Athens;Istanbul;Ankara;Izmir;Warsaw;Kraków;Prague;Budapest;\
Bucharest;Sofia;Belgrade;Zagreb;Copenhagen;Stockholm;Gothenburg;Oslo;Helsinki;Riga;Vilnius;Tallinn;Kyiv;Kharkiv;Odesa;\
Minsk;Moscow;Saint Petersburg;St. Petersburg;Novosibirsk;Yekaterinburg;Kazan;Tbilisi;Yerevan;Baku;Tehran;Mashhad;\
Baghdad;Basra;Damascus;Aleppo;Beirut;Amman;Jerusalem;Tel Aviv;Riyadh;Jeddah;Mecca;Dubai;Abu Dhabi;Doha;Kuwait City;\
Muscat;Sanaa;Cairo;Alexandria;Giza;Tripoli;Tunis;Algiers;Casablanca;Rabat;Marrakesh;Khartoum;Addis Ababa;Nairobi;\
Mombasa;Kampala;Kigali;Dar es Salaam;Lusaka;Harare;Johannesburg;Cape Town;Durban;Pretoria;Luanda;Kinshasa;Lagos;Abuja;\
Kano;Ibadan;Accra;Abidjan;Dakar;Bamako;Mumbai;Delhi;New Delhi;Bangalore;Bengaluru;Hyderabad;Chennai;Kolkata;Pune;\
Ahmedabad;Jaipur;Lucknow;Karachi;Lahore;Islamabad;Rawalpindi;Dhaka;Chittagong;Colombo;Kathmandu;Kabul;Tashkent;Almaty;\
Beijing;Shanghai;Guangzhou;Shenzhen;Tianjin;Wuhan;Chongqing;Chengdu;Nanjing;Xi'an;Hangzhou;Hong Kong;Macau;Taipei;\
Seoul;Busan;Incheon;Pyongyang;Tokyo;Osaka;Kyoto;Yokohama;Nagoya;Sapporo;Fukuoka;Kobe;Hiroshima;Ulaanbaatar;Hanoi;\
Ho Chi Minh City;Saigon;Phnom Penh;Vientiane;Bangkok;Yangon;Kuala Lumpur;Jakarta;Surabaya;Bandung;Manila;Quezon City;\
Sydney;Melbourne;Brisbane;Perth;Adelaide;Canberra;Auckland;Wellington;Washington;Washington D.C.;Washington, D.C.";

/// Companies, agencies, universities and bodies that are widely written about.
pub(crate) const ORGANISATIONS: &str = "Microsoft;Apple;Google;Alphabet;Amazon;Meta;Facebook;Instagram;WhatsApp;Twitter;\
X Corp;Netflix;Tesla;SpaceX;OpenAI;Anthropic;DeepMind;Google DeepMind;Nvidia;NVIDIA;Intel;AMD;IBM;Oracle;SAP;Salesforce;\
Adobe;Cisco;Dell;HP;Hewlett-Packard;Lenovo;Samsung;Sony;LG;Panasonic;Nintendo;Toshiba;Huawei;Xiaomi;Alibaba;Tencent;\
Baidu;ByteDance;TikTok;YouTube;LinkedIn;Reddit;Wikipedia;Wikimedia;Wikimedia Foundation;Mozilla;GitHub;GitLab;Docker;\
Red Hat;Canonical;Hugging Face;Stability AI;PayPal;Stripe;Visa;Mastercard;American Express;Goldman Sachs;JPMorgan;\
JPMorgan Chase;Morgan Stanley;Bank of America;Wells Fargo;Citigroup;HSBC;Barclays;Deutsche Bank;UBS;Credit Suisse;BNP \
Paribas;Santander;ING;Toyota;Honda;Nissan;Mazda;Hyundai;Kia;Volkswagen;BMW;Mercedes;Mercedes-Benz;Audi;Porsche;Ford;\
General Motors;Chrysler;Ferrari;Fiat;Renault;Peugeot;Volvo;Boeing;Airbus;Lockheed Martin;Rolls-Royce;Siemens;Bosch;\
General Electric;Philips;ABB;3M;BASF;Bayer;Pfizer;Moderna;BioNTech;AstraZeneca;Novartis;Roche;Merck;Johnson & Johnson;\
Sanofi;GlaxoSmithKline;Nestlé;Nestle;Unilever;Procter & Gamble;Coca-Cola;Pepsi;PepsiCo;McDonald's;Starbucks;Burger King;\
KFC;Walmart;Target;Costco;IKEA;Ikea;Lidl;Aldi;Carrefour;Tesco;H&M;Zara;Nike;Adidas;Puma;Gucci;Louis Vuitton;L'Oréal;\
Disney;Walt Disney;Pixar;Warner Bros;Universal Pictures;Paramount;Marvel;DC Comics;HBO;BBC;CNN;Fox News;NBC;ABC News;\
CBS;Reuters;Associated Press;Bloomberg;The New York Times;New York Times;The Washington Post;Washington Post;The \
Guardian;The Economist;Wall Street Journal;Le Monde;Der Spiegel;Time Magazine;Shell;BP;Exxon;ExxonMobil;Chevron;Total;\
Gazprom;Saudi Aramco;Uber;Lyft;Airbnb;Booking.com;Expedia;Spotify;Zoom;Slack;Dropbox;Twitch;Steam;Valve;Electronic \
Arts;Ubisoft;Blizzard;Epic Games;UPS;FedEx;DHL;Deutsche Bahn;Lufthansa;Air France;British Airways;Delta Air Lines;\
United Nations;UN;UNESCO;UNICEF;WHO;World Health Organization;World Bank;IMF;International Monetary Fund;WTO;NATO;\
European Union;EU;European Commission;European Parliament;European Central Bank;OPEC;Red Cross;Greenpeace;Amnesty \
International;NASA;ESA;CERN;FBI;CIA;NSA;IRS;FDA;CDC;EPA;SEC;FAA;NHS;MI5;MI6;Interpol;Europol;Supreme Court;Congress;\
Senate;House of Representatives;Pentagon;Federal Reserve;Bundestag;Harvard;Harvard University;Yale;Yale University;\
Princeton;Princeton University;Stanford;Stanford University;MIT;Massachusetts Institute of Technology;Caltech;Columbia \
University;Cornell University;UC Berkeley;University of California;Oxford University;University of Oxford;Cambridge \
University;University of Cambridge;Imperial College;ETH Zurich;Sorbonne;Max Planck Society;FIFA;UEFA;NBA;NFL;MLB;NHL;\
Olympics;Real Madrid;FC Barcelona;Manchester United;Liverpool FC;Arsenal;Chelsea;Bayern Munich;Juventus;Nobel Committee;\
IEEE;ACM;W3C;IETF;ISO;Linux Foundation;Apache Software Foundation;Free Software Foundation;Tata;Infosys;Wipro;Reliance";

/// Surnames that so many people have that a full name with one says little.
pub(crate) const COMMON_SURNAMES: &str = "smith;johnson;williams;brown;jones;miller;davis;wilson;anderson;taylor;thomas;\
moore;jackson;thompson;white;harris;martin;clark;lewis;robinson;walker;young;hall;allen;king;wright;scott;hill;green;\
adams;baker;nelson;carter;mitchell;roberts;turner;phillips;campbell;parker;evans;edwards;collins;stewart;morris;rogers;\
reed;cook;morgan;bell;murphy;bailey;cooper;richardson;cox;ward;peterson;watson;brooks;bennett;gray;hughes;price;myers;\
foster;sullivan;russell;james;kelly;howard;long;ross;wood;barnes;henderson;coleman;jenkins;perry;powell;patterson;\
simmons;graham;wallace;woods;cole;west;owens;reynolds;fisher;ellis;harrison;gibson;mcdonald;marshall;murray;freeman;\
wells;webb;simpson;stevens;tucker;porter;hunter;hicks;crawford;henry;boyd;mason;kennedy;warren;dixon;burns;gordon;shaw;\
holmes;rice;robertson;hunt;black;daniels;palmer;mills;nichols;grant;knight;ferguson;rose;stone;dunn;perkins;hudson;\
spencer;gardner;payne;pierce;berry;matthews;arnold;wagner;willis;ray;watkins;olson;carroll;duncan;snyder;hart;\
cunningham;bradley;lane;andrews;ruiz;harper;fox;riley;armstrong;carpenter;weaver;greene;lawrence;elliott;chavez;sims;\
austin;peters;kelley;franklin;lawson;fields;ryan;schmidt;carr;vasquez;wheeler;chapman;oliver;montgomery;richards;\
williamson;johnston;banks;meyer;bishop;mccoy;howell;morrison;hansen;fernandez;garza;harvey;little;burton;stanley;\
nguyen;george;jacobs;reid;kim;fuller;lynch;dean;gilbert;garrett;romero;welch;larson;frazier;burke;hanson;day;mendoza;\
moreno;bowman;medina;fowler;brewer;hoffman;carlson;silva;pearson;holland;douglas;fleming;jensen;vargas;byrd;davidson;\
hopkins;may;terry;herrera;wade;soto;walters;curtis;neal;caldwell;lowe;jennings;barnett;graves;jimenez;horton;shelton;\
barrett;obrien;castro;sutton;gregory;mckinney;lucas;miles;craig;rodriquez;chambers;holt;lambert;fletcher;watts;bates;\
hale;rhodes;pena;beck;newman;haynes;mcdaniel;mendez;bush;vaughn;parks;dawson;santiago;norris;hardy;love;steele;curry;\
powers;schultz;barker;guzman;page;munoz;ball;keller;chandler;weber;leonard;walsh;lyons;ramsey;wolfe;schneider;mullins;\
benson;sharp;bowen;daniel;barber;cummings;hines;baldwin;griffith;valdez;hubbard;salazar;reeves;warner;stevenson;\
burgess;santos;tate;cross;garner;mann;mack;moss;thornton;dennis;mcgee;farmer;delgado;aguilar;vega;glover;manning;cohen;\
harmon;rodgers;robbins;newton;todd;blair;higgins;ingram;reese;cannon;strickland;townsend;potter;goodwin;walton;rowe;\
hampton;ortega;patton;swanson;joseph;francis;goodman;maldonado;yates;becker;erickson;hodges;rios;conner;adkins;webster;\
norman;malone;hammond;flowers;cobb;moody;quinn;blake;maxwell;pope;floyd;osborne;paul;mccarthy;guerrero;lindsey;estrada";

/// The entries of a list.
pub(crate) fn entries(list: &'static str) -> impl Iterator<Item = &'static str> + Clone {
    list.split(';').map(str::trim).filter(|entry| !entry.is_empty())
}
