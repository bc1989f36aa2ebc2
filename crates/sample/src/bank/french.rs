//! French.

use super::{Language, Thread, Topic, Words};

pub(crate) const FRENCH: Language = Language {
    words: &[
        Words("proche", &["sœur", "mère", "tante", "voisine", "cousine", "collègue", "grand-mère"]),
        Words(
            "prenom",
            &[
                "Agathe",
                "Bérénice",
                "Céline",
                "Delphine",
                "Élodie",
                "Fatou",
                "Gaëlle",
                "Hélène",
                "Inès",
                "Jeanne",
                "Khadija",
                "Louise",
            ],
        ),
        Words(
            "ville",
            &["Rennes", "Dijon", "Nîmes", "Lille", "Pau", "Metz", "Annecy", "Brest", "Namur", "Lausanne"],
        ),
        Words(
            "mois",
            &[
                "janvier",
                "février",
                "mars",
                "avril",
                "mai",
                "juin",
                "juillet",
                "août",
                "septembre",
                "octobre",
                "novembre",
                "décembre",
            ],
        ),
        Words("jour", &["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]),
    ],
    greetings: &["Bonjour,", "Bonsoir !", "Salut,"],
    thanks: &["Merci !", "Merci d'avance.", "Merci beaucoup pour votre aide."],
    contexts: &[
        "C'est ma {proche} {prenom} qui m'a dit de demander.",
        "J'ai seulement jusqu'à {jour}.",
        "Nous habitons près de {ville}.",
        "J'y pense depuis le mois de {mois}.",
        "J'ai déjà essayé {fois:2-6} fois.",
        "Je ne veux pas dépenser plus de {euros:20-200} euros.",
        "J'ai {ans:19-78} ans et c'est la première fois.",
        "Expliquez-moi {simplement|pas à pas|en quelques mots}, s'il vous plaît.",
    ],
    joins: &[
        "Ici {prenom2}, nous partageons ce compte.",
        "C'est {prenom2} qui écrit maintenant, j'ai tout lu.",
    ],
    follow_ups: &[
        (
            "Pouvez-vous résumer ?",
            "En bref : commencez petit, attendez {jours:2-9} jours, puis changez une seule chose.",
        ),
        ("Quelle est l'erreur la plus fréquente ?", "La plupart des gens changent trop de choses à la fois."),
        ("Et si ça ne marche pas ?", "Revenez à la dernière étape qui marchait et notez ce que vous voyez."),
    ],
    systems: &["Tu es un assistant aimable. Réponds brièvement et dis quand tu n'es pas sûr."],
    topics: &[&QUOTIDIEN],
};

const QUOTIDIEN: Topic = Topic {
    words: &[
        Words(
            "plat",
            &[
                "une soupe de lentilles",
                "un gratin dauphinois",
                "une quiche aux poireaux",
                "une tarte aux pommes",
                "un risotto",
                "une ratatouille",
                "un pot-au-feu",
            ],
        ),
        Words("courrier", &["facture", "lettre du propriétaire", "résiliation", "réclamation"]),
        Words("voyage", &["Porto", "Gênes", "Séville", "Gand", "Édimbourg", "Naples", "Québec"]),
    ],
    details: &[
        "Essayez d'abord avec la moitié.",
        "Au bout de {minutes:5-20} minutes, vous verrez déjà si cela convient.",
        "Notez ce que vous changez, vous en serez content en {mois}.",
        "Gardez une copie de tout pendant {annees:2-5} ans.",
        "Demandez à {prenom} ce qu'elle en pense, un autre regard aide souvent.",
        "Le {jour} matin, il y a moins de monde.",
        "Comparez au moins {offres:2-4} prix avant de choisir.",
        "Si le doute reste, demandez conseil à quelqu'un du métier.",
    ],
    threads: &[
        Thread {
            asks: &[
                "Comment préparer {plat} pour {invites:3-12} personnes ?",
                "Est-ce que je peux faire {plat} la veille ?",
                "Avec quoi servir {plat} {jour} soir ?",
            ],
            contexts: &[
                "{prenom} ne mange pas de viande.",
                "Mon four est petit et chauffe mal.",
                "Il me reste aussi {grammes:200-800} grammes de carottes.",
            ],
            answers: &[
                "Pour {invites:3-12} personnes, comptez environ {minutes:45-95} minutes, dont la moitié sans rien faire.",
                "Oui, et c'est même meilleur réchauffé doucement le lendemain.",
                "Une salade verte et du bon pain suffisent largement.",
            ],
            details: &[
                "Salez peu et souvent.",
                "Laissez reposer {minutes:8-18} minutes avant de servir.",
                "Une pincée de muscade change tout.",
                "Au frigo, cela se garde {jours:2-4} jours.",
            ],
            follow_ups: &[
                ("Peut-on le congeler ?", "Oui, {moismax:2-4} mois, en petites portions."),
                ("Et sans beurre ?", "Avec de l'huile d'olive, le goût change un peu mais c'est très bon."),
                ("Quel vin avec ça ?", "Un blanc sec et simple, ou de l'eau pétillante avec du citron."),
            ],
        },
        Thread {
            asks: &[
                "Pouvez-vous m'aider à écrire au sujet d'une {courrier} de {somme:60-900} euros ?",
                "J'ai reçu une {courrier} datée du {date:2-28} {mois}, que dois-je vérifier ?",
                "Combien de temps ai-je pour répondre à une {courrier} ?",
            ],
            contexts: &[
                "C'est la {fois:2-5}e fois cette année.",
                "Au téléphone, on m'a promis une réponse pour {jour}.",
                "Je voudrais rester poli.",
            ],
            answers: &[
                "Je propose : « Madame, Monsieur, je conteste la {courrier} de {somme:60-900} euros et vous prie de me répondre avant le {date:2-28}. »",
                "Vérifiez la période, le total et le délai de réponse, dans cet ordre.",
                "En général vous avez {semaines:4-8} semaines à partir de la réception.",
            ],
            details: &[
                "Envoyez le courrier en recommandé.",
                "Indiquez votre numéro de client en haut à droite.",
                "Restez bref : dix lignes suffisent.",
                "Joignez {photos:2-4} photos si vous en avez.",
            ],
            follow_ups: &[
                ("Et s'ils refusent ?", "Demandez la raison par écrit et donnez-leur {jours:8-15} jours."),
                ("Comment finir la lettre ?", "Par une formule courte et votre nom complet."),
                ("Faut-il un avocat ?", "Pas pour {somme:60-900} euros, commencez par la lettre."),
            ],
        },
        Thread {
            asks: &[
                "Que voir à {voyage} en {jours:3-7} jours ?",
                "Comment aller de {ville} à {voyage} en train ?",
                "Est-ce que {mois} est un bon mois pour {voyage} ?",
            ],
            contexts: &[
                "Nous serons {personnes:2-6} avec une poussette.",
                "Je marche lentement.",
                "Le budget est de {euros:50-160} euros par jour.",
            ],
            answers: &[
                "Le premier jour, montez voir {voyage} d'en haut, ensuite le marché et le port.",
                "Comptez {heures:6-13} heures avec {changements:1-3} changements.",
                "Oui, en {mois} il y a peu de monde et les chambres coûtent un tiers de moins.",
            ],
            details: &[
                "Le musée est gratuit le premier {jour} du mois.",
                "Réservez le train {semaines:4-9} semaines avant.",
                "Mangez là où la carte tient sur une page.",
                "Prenez de bonnes chaussures, les rues montent.",
            ],
            follow_ups: &[
                ("Où dormir ?", "À {minutes:10-25} minutes du centre, près d'une ligne de tram."),
                ("Et s'il pleut ?", "Le marché couvert, puis un café, puis le musée."),
                ("Combien de pourboire ?", "Arrondissez, personne n'attend plus."),
            ],
        },
    ],
};
