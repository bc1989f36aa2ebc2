//! Words of each sensitive class, in English and, fewer, in German, French and Spanish.
//!
//! Entries stand apart by semicolons, without accents; `*` at the end takes any ending; an entry may have two words.

use crate::sensitive::Class;

pub(super) const LEXICON: [(Class, &str); 13] = [
    (
        Class::Health,
        "diagnos*;cancer;tumor;tumour;leukemia;leukaemia;lymphoma;chemo;chemotherapy;diabet*;asthma*;epilep*;\
seizure*;stroke;heart attack;blood pressure;hypertension;migraine*;depress*;anxiety;bipolar;schizophren*;ptsd;adhd;autis*;\
asperger*;ocd;panic attack*;suicid*;self-harm;anorexi*;bulimi*;eating disorder;therapist;therapy;psychiatr*;antidepress*;\
prozac;zoloft;sertraline;insulin;metformin;medication;meds;prescribed;prescription;surgery;operation;biopsy;mri;scan;\
hospital*;icu;symptom*;chronic;arthritis;fibromyalgia;lupus;crohn*;ibs;hiv;aids;hepatitis;herpes;sti;chlamydia;\
miscarr*;abortion;pregnan*;ivf;infertil*;menopause;endometriosis;pcos;dementia;alzheimer*;parkinson*;sclerosis;als;\
kidney;liver;transplant;dialysis;allerg*;eczema;psoriasis;insomnia;addict*;alcoholic;rehab;relapse*;overdos*;sober;\
disabled;disability;wheelchair;blood test;test results;tested positive;injur*;fractur*;concussion;ulcer;pneumonia;covid;\
doctor;oncolog*;cardiolog*;neurolog*;urolog*;gynecolog*;gynaecolog*;dentist;cholesterol;statins;malignant;benign;lump;bruise*;\
panic attacks;killing myself;kill myself;end my;hurt myself;cut myself;throw up;throwing up;vomit*;fever;rash;pills;pill;\
painkiller*;opioid*;heroin;cocaine;meth;drunk;drink too;drinking;hangover;overweight;obese;bmi;weight loss;period;ovulat*;\
hormone*;thyroid;gallbladder;appendix;appendectomy;lung;lungs;stomach;spine;leg;arm;knee;hip;breast;prostate;bladder;bowel;\
chest;ache;aches;pain;hurts;numb;dizzy;bleeding;swollen;infect*;vaccin*;blind;deaf;paralys*;paralyz*;died of;passed away;\
darmkrebs;brustkrebs;krebs;diabetes;depression*;angststoerung;angststorung;krankheit;krankgeschrieben;therapeut*;schwanger;fehlgeburt;\
bluthochdruck;medikament*;krankenhaus;reha;cancer du;diabete;depression;enceinte;hopital;maladie;medicament*;fausse couche;\
traitement;cancer de;embarazada;depresion;ansiedad;diabetico;hospital;medicacion;enfermedad;aborto",
    ),
    (
        Class::Money,
        "salary;wage;wages;paycheck;payslip;earn;earns;earned;income;debt;debts;owe;owes;owed;loan;loans;mortgage;\
overdraft;overdrawn;bankrupt*;credit score;credit card;savings;net worth;inherit*;pension;unemployment;benefits;food stamps;\
welfare;evict*;rent;behind on;foreclos*;repossess*;collections;tax return;back taxes;irs;bank account;broke;\
gambl*;casino;euros a;dollars a;pounds a;a month;a year;an hour;pay cut;pays me;pay me;paid;can't pay;cannot pay;minimum payment;financ*;wealth*;poor;poverty;payday;invested;portfolio;401k;stock options;alimony;child support;bonus;raise;afford;gehalt;verdien*;schulden;\
kredit;insolven*;konto;arbeitslos*;hartz;buergergeld;burgergeld;miete;erb*;salaire;dette*;endett*;decouvert;chomage;\
heritage;credit;gagne;salario;sueldo;deuda*;hipoteca;paro;gano;herencia;prestamo",
    ),
    (
        Class::Sexuality,
        "gay;lesbian;bisexual;bi;homosexual;heterosexual;straight;queer;asexual;pansexual;transgender;trans;\
nonbinary;non-binary;transitioning;transitioned;hormones;coming out;came out;come out;closeted;closet;outed;sex life;sexual;sexually;\
libido;erectile;impoten*;affair;cheat*;one-night;hookup;hooked up;slept with;virgin;virginity;porn;fetish;kink*;escort;\
had sex;have sex;having sex;sex with;sleeping with;slept together;make love;naked;nudes;erection;testosterone;estrogen;gender;married man;married woman;mistress;lover;polyamor*;open marriage;orgasm;condom;schwul;lesbisch;bisexuell;trans frau;geoutet;fremdgegangen;affare;\
homosexuel*;lesbienne;bisexuel*;trompe;amant;maitresse;bisexual;lesbiana;infiel;amante",
    ),
    (
        Class::Religion,
        "christian;catholic;protestant;baptist;methodist;mormon;lutheran;evangelical;orthodox;jehovah*;muslim;\
islam;sunni;shia;jewish;jew;hindu;buddhist;sikh;atheist;agnostic;pagan;wiccan;converted to;convert to islam;baptis*;baptiz*;church;mosque;\
synagogue;temple;pray;prays;prayed;prayer;bible;quran;torah;ramadan;fasting;hijab;communion;confession;confirmation;\
bar mitzvah;bat mitzvah;sabbath;mass;faith;lost my faith;believe in god;religious;kosher;halal;hindus;muslims;jews;christians;god;allah;jesus;prophet;monastery;nun;monk;priest;pastor;imam;rabbi;kirche;moschee;\
katholisch;evangelisch;muslimisch;juedisch;judisch;glaeubig;glaubig;getauft;ausgetreten;eglise;mosquee;catholique;\
musulman*;juif;juive;croyant*;baptise;iglesia;mezquita;catolic*;judi*;creyente;bautiza*",
    ),
    (
        Class::Politics,
        "republican;democrat;conservative;liberal;socialist;communist;libertarian;labour;tory;green party;voted;\
vote for;voting;voter;ballot;campaigned;canvass*;candidate;campaign;bernie;politic*;government;leaflets;city council;parliament;senator;councillor;party member;member of the;donated;rally;protest;protested;demonstration;\
activist;left-wing;right-wing;leftist;trump;biden;brexit;maga;marxist;anarchist;afd;cdu;spd;gruene;grune;linke;gewaehlt;\
gewahlt;partei;demonstr*;manifest*;melenchon;macron;le pen;vote pour;parti;syndic*;votado;vote por;partido;vox;psoe;podemos",
    ),
    (
        Class::Union,
        "union;unions;unionize*;unionis*;union rep;union member;shop steward;steward;picket;picketed;strike;striking;\
on strike;collective bargaining;organizing;teamsters;uaw;seiu;unison;works council;dues;scab;walkout;walked out;gewerkschaft*;\
betriebsrat;betriebsraetin;streik*;gestreikt;ver.di;verdi;ig metall;tarif*;syndicat;syndique*;greve;cgt;cfdt;delegue;\
sindicat*;huelga;ugt;ccoo;enlace",
    ),
    (
        Class::Ethnicity,
        "black;white;asian;latino;latina;latinx;hispanic;african american;african-american;native american;\
indigenous;aboriginal;maori;roma;romani;gypsy;sinti;kurdish;kurd;arab;arabic;jewish descent;mixed race;mixed-race;biracial;\
half-*;half;korean;chinese;japanese;vietnamese;indian;pakistani;nigerian;somali;ethiopian;eritrean;mexican;turkish;armenian;sami;inuit;ashkenazi;sephardi*;swedish;slur;skin;ethnic*;ethnicity;race;racial;racist;descent;ancestry;ancestors;immigrant*;refugee;asylum;tribe;cherokee;navajo;\
brown skin;skin color;skin colour;dark-skinned;first-generation;undocumented;heritage;schwarz*;migrationshintergrund;\
afrodeutsch*;tuerkisch*;turkisch*;kurdisch*;roma;herkunft;noir;noire;arabe;maghrebin*;kabyle;origine*;negro;negra;gitan*;\
mestiz*;indigena;raices",
    ),
    (
        Class::Biometrics,
        "fingerprint*;retina;iris scan;face scan;facial recognition;face id;faceprint;voiceprint;voice sample;\
facial;palm;scans my;iris;dna;genome;23andme;ancestrydna;genetic;brca*;gene;mutation;blood type;palm print;handprint;gait;biometric*;heart rate data;\
ekg;ecg;fingerabdruck*;fingerabdruecke;gesichtsscan;erbgut;blutgruppe;gentest;empreinte*;adn;groupe sanguin;reconnaissance \
faciale;huella*;grupo sanguineo;reconocimiento facial",
    ),
    (
        Class::Minors,
        "year-old;year old;years old;month-old;months old;toddler;baby;newborn;twins;little boy;little girl;infant;kid;kids;child;children;son;\
daughter;niece;nephew;grandson;granddaughter;stepson;stepdaughter;kindergarten;preschool;daycare;elementary;grade;grader;\
middle school;high school;freshman;sophomore;teen;teenager;teenage;student;pupil;underage;custody;playground;bullied;\
i'm 9;i'm 10;i'm 11;i'm 12;i'm 13;i'm 14;i'm 15;i'm 16;i'm 17;i am 12;i am 13;i am 14;i am 15;i am 16;tochter;sohn;kind;\
kinder;jahre alt;jaehrig*;jahrig*;kita;grundschule;klasse;fille;fils;enfant*;0 ans;ecole;creche;hija;hijo;nino;nina;0 anos;\
colegio;guarderia",
    ),
    (
        Class::Criminal,
        "arrested;arrest;jail;prison;convicted;conviction*;felon;felony;misdemeanor;probation;parole;charged with;\
charges;indicted;sentenced;criminal record;police record;dui;dwi;drunk driving;shoplift*;stole;stealing;theft;assault*;\
robbery;burglary;fraud;embezzl*;drug dealing;dealing drugs;drugs;deals drugs;sells drugs;dealer;police;cops;lawsuit;sued;possession;warrant;bail;court;plea;pleaded;guilty;restraining order;\
domestic violence;trafficking;expunge*;custody;juvenile;inmate;locked up;served time;vorbestraft;verhaftet;gefaengnis;\
gefangnis;verurteilt;bewaehrung;bewahrung;anzeige;gestohlen;fuehrerschein;prison;arrete;condamn*;sursis;casier;garde a;\
vole;carcel;detenid*;condenad*;antecedentes;robo;robe",
    ),
    (
        Class::CustomerData,
        "customer;customers;client;clients;client's;patient;patient's;account holder;subscriber*;crm;account \
number;order history;purchase history;their order;delivery address;complaint;ticket;case number;policyholder;tenant;tenants;\
guest;guests;buyer;buyers;applicant;applicants;interviewed;my client;candidate;candidates;claimant;caller;user records;customer list;spreadsheet;kunde;kunden;kundin;\
mandant*;patientin;kundenliste;bewerber*;cliente;clientes;client;clients;patiente;paciente;candidat;locataire;inquilino",
    ),
    (
        Class::Business,
        "revenue;profit;margin;margins;quarter;q1;q2;q3;q4;forecast;earnings;announced;let go;told yet;drop the;product line;unreleased;unannounced;unpublished;\
launch;launching;roadmap;acquire;acquisition;acquiring;merger;merging;term sheet;due diligence;nda;confidential;internal;\
internal only;not public;not announced;before the announcement;layoff*;laying off;restructur*;pricing;price list;supplier;\
vendor;contract;deal;bid;tender;board;investor*;funding round;series a;series b;valuation;runway;burn rate;pipeline;\
trade secret;prototype;patent;source code;strategy;our competitor*;churn;embargo*;umsatz;gewinn;quartal;uebernahme;ubernahme;\
entlass*;geheim;vertraulich;strategie;vertrag;chiffre;trimestre;rachat;licenci*;confidentiel*;contrat;facturacion;\
adquisicion;despid*;confidencial;contrato",
    ),
    (
        Class::Confidence,
        "in confidence;secret;secretly;secrets;confided;confide;don't tell;dont tell;do not tell;nobody knows;\
no one knows;noone knows;nobody else knows;no one else knows;between us;between you;swore me;swore to;promised not;\
promised i;it secret;it private;it between;it quiet;this secret;this private;this between;keep quiet;to myself;to yourself;never told;told me;admitted;confessed;hasn't told;haven't told;has not told;\
doesn't know;don't know about;off the record;hush;not supposed;must not know;can't know;anvertraut;geheimnis;niemand;\
weiss niemand;weitersagen;heimlich;unter uns;verraten;confie;secret;personne ne;entre nous;ne dis;en cachette;confeso;\
nadie sabe;secreto;no se lo;entre nosotros;a escondidas",
    ),
];

/// Kin and others whom one speaks of with `my`.
pub(super) const PEOPLE: &str = "mother;mom;mum;father;dad;parents;brother;sister;son;daughter;baby;kid;kids;child;children;\
wife;husband;spouse;partner;girlfriend;boyfriend;fiance;fiancee;ex;uncle;aunt;cousin;nephew;niece;grandmother;grandma;\
grandfather;grandpa;friend;friends;roommate;flatmate;neighbour;neighbor;colleague;coworker;boss;manager;employee;client;\
customer;patient;tenant;landlord;teacher;student;doctor;family;stepson;stepdaughter;son-in-law;bestie;mate;mutter;vater;\
bruder;schwester;sohn;tochter;frau;mann;freund;freundin;nachbar;nachbarin;kollege;kollegin;chef;chefin;tante;onkel;oma;opa;\
mere;pere;frere;soeur;fils;fille;femme;mari;ami;amie;voisin;voisine;collegue;patron;tante;oncle;madre;padre;hermano;\
hermana;hijo;hija;esposa;marido;amigo;amiga;vecino;vecina;jefe;jefa;primo;prima;tia;tio;abuela;abuelo";

/// What makes a sentence one of general knowledge, or a request.
pub(super) const GENERAL: &str = "what;how;why;which;explain;define;describe;list;write;summarize;summarise;translate;generate;\
create;give;compare;people;patients;usually;generally;typically;often;example;examples;definition;history;causes;types;common;\
according;studies;research;article;story;novel;essay;poem;character;fictional;imagine;suppose;if;can;should;could;may;might;\
was ist;wie;erklaere;erklare;schreibe;qu'est-ce;comment;ecris;explique;que es;como;escribe;explica";

/// Words of machines, where all others mean something else.
pub(super) const MACHINES: &str = "endpoint;server;api;function;code;class;method;variable;database;table;column;query;json;xml;\
html;css;python;java;javascript;rust;script;file;files;thread;process;kernel;cluster;node;container;docker;kubernetes;git;\
branch;merge;commit;repo;repository;library;framework;test;tests;unit;build;deploy;deployment;config;parameter;array;string;\
sql;django;react;http;url;login;session;token;cache;log;logs;error;exception;stack;plugin;browser;app;game;software;model";
