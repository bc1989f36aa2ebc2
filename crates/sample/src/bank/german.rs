//! German.

use super::{Language, Thread, Topic, Words};

pub(crate) const GERMAN: Language = Language {
    words: &[
        Words("verwandte", &["Schwester", "Mutter", "Tante", "Nachbarin", "Oma", "Cousine", "Kollegin"]),
        Words(
            "vorname",
            &[
                "Antje", "Britta", "Carla", "Dörte", "Elif", "Frieda", "Gesa", "Heike", "Ilse", "Jutta",
                "Katrin", "Leyla", "Meral", "Nele",
            ],
        ),
        Words(
            "ort",
            &["Kassel", "Bremen", "Passau", "Jena", "Trier", "Graz", "Ulm", "Rostock", "Siegen", "Görlitz"],
        ),
        Words(
            "monat",
            &[
                "Januar",
                "Februar",
                "März",
                "April",
                "Mai",
                "Juni",
                "Juli",
                "August",
                "September",
                "Oktober",
                "November",
                "Dezember",
            ],
        ),
        Words(
            "wochentag",
            &["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
        ),
    ],
    greetings: &["Hallo!", "Guten Tag,", "Moin,", "Guten Abend!"],
    thanks: &["Danke!", "Vielen Dank im Voraus.", "Besten Dank für die Hilfe."],
    contexts: &[
        "Meine {verwandte} {vorname} meinte, ich soll dich fragen.",
        "Ich habe nur bis {wochentag} Zeit.",
        "Wir wohnen in der Nähe von {ort}.",
        "Das schiebe ich schon seit {monat} vor mir her.",
        "Bitte {kurz und einfach|Schritt für Schritt|ohne Fachwörter}.",
        "Ich habe es schon {mal:2-6} Mal versucht.",
        "Mehr als {euro:20-200} Euro will ich nicht ausgeben.",
        "Ich bin {jahre:19-78} und mache das zum ersten Mal.",
    ],
    joins: &[
        "Hier ist {vorname2}, wir benutzen das Konto zusammen.",
        "Jetzt schreibt {vorname2}, ich habe alles mitgelesen.",
    ],
    follow_ups: &[
        (
            "Kannst du das kürzer sagen?",
            "Kurz gesagt: klein anfangen, {tage:2-9} Tage warten, dann erst das Nächste ändern.",
        ),
        (
            "Was ist der häufigste Fehler?",
            "Die meisten ändern zu viel auf einmal und wissen dann nicht, woran es lag.",
        ),
        ("Und wenn es nicht klappt?", "Dann geh einen Schritt zurück und schreib auf, was du siehst."),
    ],
    systems: &["Du bist ein freundlicher Assistent. Antworte knapp und sag, wenn du unsicher bist."],
    topics: &[&HAUSHALT, &AMT],
};

const HAUSHALT: Topic = Topic {
    words: &[
        Words(
            "gericht",
            &[
                "Linsensuppe",
                "Kartoffelgratin",
                "Apfelkuchen",
                "Gulasch",
                "Käsespätzle",
                "Kürbissuppe",
                "Pflaumenkuchen",
            ],
        ),
        Words(
            "pflanze",
            &["Tomaten", "Rosen", "der Basilikum", "die Hortensie", "Zucchini", "der Zitronenbaum"],
        ),
    ],
    details: &[
        "Probier es erst mit der halben Menge.",
        "Nach {minuten:5-20} Minuten siehst du schon, ob es passt.",
        "Schreib dir auf, was du geändert hast, dann weißt du es im {monat} noch.",
        "Zu viel schadet meist mehr als zu wenig.",
        "Nimm dir am {wochentag} eine halbe Stunde Zeit dafür.",
        "Warte {tage:2-5} Tage, bevor du etwas anderes probierst.",
        "Wenn es nach {wochen:2-4} Wochen nicht besser ist, frag im Fachgeschäft nach.",
        "Die Nachbarn haben vermutlich das gleiche Problem, also sprich sie ruhig an.",
    ],
    threads: &[
        Thread {
            asks: &[
                "Wie koche ich {gericht} für {gaeste:3-12} Personen?",
                "Kann ich {gericht} am Abend vorher machen?",
                "Warum wird {gericht} bei mir immer {zu trocken|zu fad|zu dunkel}?",
            ],
            contexts: &[
                "{vorname} isst kein Fleisch.",
                "Der Ofen ist alt und wird nur {grad:160-200} Grad heiß.",
                "Am {wochentag} kommen Gäste.",
            ],
            answers: &[
                "Für {gaeste:3-12} Personen brauchst du ungefähr {gramm:400-1500} Gramm von der Hauptzutat und gut {minuten:40-90} Minuten.",
                "Ja, {gericht} schmeckt am nächsten Tag sogar besser, wenn es über Nacht gut zugedeckt kalt steht.",
                "Meist liegt es an der Hitze: geh um {grad:10-30} Grad herunter und lass dir mehr Zeit.",
            ],
            details: &[
                "Salz von Anfang an in kleinen Mengen.",
                "Lass {gericht} vor dem Anschneiden {minuten:10-20} Minuten ruhen.",
                "Dazu passt ein einfacher Salat mit Essig und Öl.",
                "Wer es schärfer mag, würzt am Tisch nach.",
            ],
            follow_ups: &[
                ("Kann man das einfrieren?", "Ja, etwa {monate:2-4} Monate, am besten in flachen Portionen."),
                (
                    "Was mache ich mit den Resten?",
                    "Am {wochentag2} mit einem Ei in die Pfanne, fertig ist das Mittagessen.",
                ),
                ("Geht das auch ohne Sahne?", "Ja, nimm etwas Kochwasser und einen Löffel Senf."),
            ],
        },
        Thread {
            asks: &[
                "Warum bekommen {pflanze} auf dem Balkon gelbe Blätter?",
                "Wann kann ich {pflanze} nach draußen stellen?",
                "Wie oft muss ich {pflanze} gießen, wenn es {grad:28-37} Grad hat?",
            ],
            contexts: &[
                "Der Balkon geht nach {Norden|Süden|Westen}.",
                "Ich gieße alle {tage:2-5} Tage.",
                "Umgetopft habe ich im {monat}.",
            ],
            answers: &[
                "Gelbe Blätter kommen meist von zu viel Wasser; warte, bis die Erde {cm:2-5} cm tief trocken ist.",
                "Nach den Eisheiligen, also etwa ab dem {tag:15-20}. Mai, und die ersten Tage nur in den Schatten.",
                "Lieber seltener und dafür durchdringend, bei großer Hitze morgens und abends.",
            ],
            details: &[
                "Ein Topf mit {liter:10-30} Litern trocknet nicht so schnell aus.",
                "Unter den Blättern sitzen gern kleine Läuse, also schau nach.",
                "Dünge nur bis Ende {monat2}.",
                "Wind ist schlimmer als Sonne.",
            ],
            follow_ups: &[
                (
                    "Kann ich sie noch retten?",
                    "Ja, schneide alles Braune weg und gib ihnen {wochen:3-5} Wochen.",
                ),
                ("Hilft Kaffeesatz?", "Ein Löffel im Monat schadet nicht, mehr macht die Erde sauer."),
                ("Welche Erde nehme ich?", "Torffreie, mit einem Drittel Kompost."),
            ],
        },
    ],
};

const AMT: Topic = Topic {
    words: &[
        Words("schreiben", &["Mieterhöhung", "Nebenkostenabrechnung", "Rechnung", "Mahnung", "Kündigung"]),
        Words("ziel", &["Lissabon", "Krakau", "Bologna", "Kopenhagen", "Prag", "Marseille"]),
    ],
    details: &[
        "Heb alle Unterlagen mindestens {jahre:3-10} Jahre auf.",
        "Setz immer eine Frist mit Datum, zum Beispiel den {tag:10-28}. {monat}.",
        "Lass dir am Telefon den Namen geben und notier die Uhrzeit.",
        "Das ist keine Rechtsberatung; im Zweifel hilft der Mieterverein oder die Verbraucherzentrale.",
        "Mach eine Kopie, bevor du etwas abschickst.",
        "Wer freundlich bleibt, kommt meistens weiter.",
        "Vergleich mindestens {angebote:2-4} Angebote.",
        "Früh am {wochentag} ist dort am wenigsten los.",
    ],
    threads: &[
        Thread {
            asks: &[
                "Ich habe eine {schreiben} über {betrag:80-900} Euro bekommen, was muss ich prüfen?",
                "Wie widerspreche ich einer {schreiben} richtig?",
                "Bis wann muss ich auf die {schreiben} vom {tag:1-28}. {monat} antworten?",
            ],
            contexts: &[
                "Die Wohnung hat {qm:38-120} Quadratmeter.",
                "Letztes Jahr waren es {prozent:10-40} Prozent weniger.",
                "{vorname} meint, ich soll einfach zahlen.",
            ],
            answers: &[
                "Schau zuerst auf den Zeitraum, die Summe von {betrag:80-900} Euro und die Frist.",
                "Schriftlich, mit Datum und ohne lange Begründung: \"Hiermit widerspreche ich der {schreiben} und bitte um Einsicht in die Belege.\"",
                "Meist hast du {wochen:4-8} Wochen, gerechnet ab dem Tag, an dem der Brief da war.",
            ],
            details: &[
                "Zahl den unstrittigen Teil unter Vorbehalt.",
                "Du darfst die Belege ansehen.",
                "Ein Einschreiben kostet rund {euro:3-6} Euro und spart viel Ärger.",
                "Bei einer {schreiben} sind Zahlendreher gar nicht so selten.",
            ],
            follow_ups: &[
                (
                    "Brauche ich dafür einen Anwalt?",
                    "Bei {betrag:80-900} Euro erst einmal nicht, ein Brief genügt.",
                ),
                (
                    "Und wenn sie nicht antworten?",
                    "Nach {tage:14-28} Tagen erinnern und eine letzte Frist setzen.",
                ),
                ("Kann ich in Raten zahlen?", "Meistens ja, wenn du fragst, bevor es fällig ist."),
            ],
        },
        Thread {
            asks: &[
                "Wie komme ich mit dem Zug von {ort} nach {ziel}?",
                "Lohnen sich {tage:3-7} Tage in {ziel} im {monat}?",
                "Was packe ich für {tage:4-12} Tage {ziel} ein?",
            ],
            contexts: &[
                "Wir sind {personen:2-6} Personen, ein Kinderwagen ist auch dabei.",
                "Abfahrt soll am {wochentag} sein.",
                "Ich laufe nicht mehr so gut.",
            ],
            answers: &[
                "Mit {umstiege:1-3} Umstiegen bist du in etwa {stunden:6-14} Stunden dort; der Nachtzug ist am bequemsten.",
                "Ja, {ziel} ist im {monat} angenehm leer, und die Zimmer kosten ein Drittel weniger.",
                "Kleidung für {tage:3-5} Tage, bequeme Schuhe und eine dünne Regenjacke genügen.",
            ],
            details: &[
                "Der Umstieg in {ort2} ist mit {minuten:6-14} Minuten knapp.",
                "Am ersten {wochentag} im Monat kostet das Museum keinen Eintritt.",
                "Kauf die Fahrkarte etwa {wochen:4-9} Wochen vorher.",
                "Iss dort, wo keine Fotos auf der Karte sind.",
            ],
            follow_ups: &[
                (
                    "Wo übernachtet man am besten?",
                    "Etwas außerhalb an einer Straßenbahnlinie, da ist es ruhig und günstiger.",
                ),
                ("Was mache ich bei Regen?", "Markthalle, Museum, Café, in dieser Reihenfolge."),
                (
                    "Was kostet das ungefähr?",
                    "Zu zweit rund {euro:80-160} Euro am Tag, wenn ihr mittags kocht.",
                ),
            ],
        },
    ],
};
