//! Common given names and surnames by locale, written for this crate, and what they tell of a name.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::plain::plain;

/// Where a name is at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Locale {
    English,
    German,
    French,
    Spanish,
    Italian,
    Portuguese,
    Dutch,
    Nordic,
    Polish,
    Russian,
    Indian,
    Arabic,
    Japanese,
    Chinese,
}

/// What a part of a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Female,
    Male,
    Surname,
}

/// The names of a locale, apart by blanks.
struct Names {
    locale: Locale,
    female: &'static str,
    male: &'static str,
    surnames: &'static str,
}

const NAMES: [Names; 14] = [
    Names {
        locale: Locale::English,
        female: "Emma Olivia Alice Grace Hannah Lucy Chloe Megan Sarah Emily Jessica Rachel Laura Rebecca Amanda \
                 Heather Nicole Natalie Victoria Abigail Hazel Audrey Claire Ruth Joan Susan Karen Linda Jennifer \
                 Mary Elizabeth Margaret Barbara Patricia Ashley Kelly",
        male: "James Oliver Jack Harry George Thomas William Henry Samuel Benjamin Daniel Matthew Andrew Joshua \
               Nathan Ryan Luke Adam Simon Peter Edward Charles Robert Kevin Brian Stephen Gregory Howard Douglas \
               Walter John Michael David Richard Mark Paul",
        surnames: "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Moore Jackson Thompson \
                   White Harris Clark Lewis Robinson Walker Young Hall Allen King Wright Scott Hill Green Adams \
                   Baker Nelson Carter Mitchell Roberts Turner Phillips Campbell Parker Evans Edwards Collins \
                   Stewart Morris Rogers Reed Cook Morgan Bell Murphy Bailey Cooper Richardson Cox Ward Peterson \
                   Watson Brooks Bennett Gray Hughes Price Myers Foster Sullivan Russell",
    },
    Names {
        locale: Locale::German,
        female: "Anna Lena Katharina Julia Sabine Monika Ursula Petra Claudia Birgit Heike Silke Anja Greta Frieda \
                 Johanna Charlotte Luise Marlene Annika Nadine Steffi Renate Ingrid Gisela Helga",
        male: "Lukas Jonas Felix Maximilian Florian Tobias Stefan Jürgen Klaus Wolfgang Dieter Uwe Matthias Andreas \
               Sebastian Moritz Hannes Anton Emil Karl Friedrich Heinrich Günter Rainer Holger Torsten",
        surnames: "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer \
                   Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange \
                   Werner Krause Lehmann Köhler Herrmann König Walter Huber Kaiser Fuchs Peters Lang Vogel \
                   Winkler Lorenz",
    },
    Names {
        locale: Locale::French,
        female: "Camille Manon Amélie Sophie Céline Nathalie Isabelle Sylvie Aurélie Élodie Juliette Margaux Hélène \
                 Brigitte Véronique Delphine Mathilde Solène Pauline Agathe Léa Inès Océane Clémence Françoise",
        male: "Antoine Julien Nicolas Pierre Laurent Philippe Olivier Guillaume Étienne Baptiste Rémi Mathieu \
               Sébastien Thierry Pascal Didier Gérard Luc Benoît Fabien Jacques Michel Hugo Théo Clément François",
        surnames: "Martin Bernard Dubois Petit Durand Leroy Moreau Laurent Lefebvre Fournier Girard Bonnet Dupont \
                   Lambert Fontaine Rousseau Vincent Faure Mercier Blanc Guérin Boyer Garnier Chevalier Legrand \
                   Gauthier Perrin Morin Dumas Marchand Renard Colin Lemaire Picard Roche Barbier Renaud Gaillard",
    },
    Names {
        locale: Locale::Spanish,
        female: "María Elena Carmen Lucía Paula Sofía Marta Cristina Pilar Rosa Alicia Beatriz Raquel Inés Teresa \
                 Mercedes Dolores Gabriela Valeria Ximena Fernanda Daniela Camila Lorena Rocío Montserrat",
        male: "José Carlos Antonio Javier Manuel Francisco Alejandro Pablo Sergio Miguel Diego Rafael Álvaro Andrés \
               Fernando Joaquín Ignacio Ramón Emilio Gonzalo Mateo Santiago Rodrigo Héctor Jorge Ricardo Juan Luis",
        surnames: "García Rodríguez Martínez López González Hernández Pérez Sánchez Ramírez Torres Flores Rivera \
                   Gómez Díaz Cruz Morales Reyes Gutiérrez Ortiz Ramos Vargas Castillo Mendoza Romero Herrera \
                   Delgado Medina Aguilar Vega Castro Fernández Ruiz Navarro Molina Serrano Iglesias Cabrera \
                   Campos Fuentes Carrasco",
    },
    Names {
        locale: Locale::Italian,
        female: "Giulia Chiara Francesca Martina Alessia Giorgia Federica Elisa Silvia Paola Lucia Ilaria Caterina \
                 Bianca Serena Roberta Simona Michela Ginevra Beatrice",
        male: "Marco Andrea Luca Matteo Lorenzo Alessandro Davide Giuseppe Giovanni Stefano Riccardo Federico \
               Simone Paolo Enrico Massimo Fabio Salvatore Leonardo Tommaso",
        surnames: "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti \
                   Mancini Costa Giordano Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso \
                   Ferrara Galli Martini Leone Longo",
    },
    Names {
        locale: Locale::Portuguese,
        female: "Ana Beatriz Mariana Larissa Letícia Juliana Fernanda Patrícia Catarina Joana Inês Vitória Renata \
                 Luiza Débora Sílvia Tatiana Helena Carolina Margarida",
        male: "João Pedro Tiago Gustavo Thiago Bruno Leandro Marcelo Rafael Felipe Vinícius Caio Henrique Eduardo \
               Nuno Rui Gonçalo Duarte Vasco Afonso",
        surnames: "Silva Santos Oliveira Souza Pereira Lima Carvalho Almeida Ribeiro Gomes Barbosa Rocha Dias \
                   Nunes Moreira Cardoso Teixeira Correia Mendes Freitas Vieira Monteiro Araújo Machado Batista \
                   Pinto Tavares Azevedo Antunes Figueiredo",
    },
    Names {
        locale: Locale::Dutch,
        female: "Sanne Fleur Lotte Anouk Femke Marieke Ingeborg Saskia Esther Maaike Jolanda Wilma Roos Tess Lieke \
                 Mirthe Ilse Hanneke Margriet Noortje",
        male: "Daan Sem Bram Thijs Ruben Jeroen Pieter Willem Hendrik Maarten Joost Sander Wouter Gijs Koen Bas \
               Niels Rutger Dirk Cornelis",
        surnames: "Jansen Bakker Visser Smit Meijer Mulder Bos Vos Peeters Hendriks Dekker Brouwer Dijkstra Postma \
                   Kuipers Veenstra Kramer Scholten Willems Hoekstra Verhoeven Koster Prins Huisman Molenaar \
                   Timmermans Groen Jacobs",
    },
    Names {
        locale: Locale::Nordic,
        female: "Ingrid Astrid Freja Karin Maja Elsa Linnea Sigrid Kirsten Solveig Aino Helmi Liv Ebba Tuva Signe \
                 Annika Marit Gunilla Birgitta",
        male: "Erik Lars Anders Magnus Henrik Nils Gustav Oskar Axel Mikkel Rasmus Jesper Søren Eero Juhani Torbjørn \
               Fredrik Håkan Leif Sven",
        surnames: "Johansson Andersson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Hansen Nielsen \
                   Jensen Pedersen Christensen Larsen Sørensen Rasmussen Olsen Berg Haugen Korhonen Virtanen \
                   Mäkinen Nieminen Lindberg Lindqvist Bergström Dahl Holm Lund",
    },
    Names {
        locale: Locale::Polish,
        female: "Agnieszka Katarzyna Małgorzata Joanna Ewa Zofia Magdalena Aleksandra Natalia Barbara Beata Dorota \
                 Halina Wiktoria Kinga Justyna Iwona Paulina Weronika Jadwiga",
        male: "Piotr Krzysztof Andrzej Tomasz Paweł Marcin Michał Jakub Grzegorz Wojciech Mateusz Łukasz Szymon \
               Kacper Bartosz Zbigniew Jerzy Rafał Kamil Dawid",
        surnames: "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak \
                   Dąbrowski Kozłowski Mazur Krawczyk Piotrowski Grabowski Pawłowski Michalski Zając Król \
                   Wieczorek Jabłoński Wróbel Stępień Górski Rutkowski Sikora Baran Duda Szewczyk",
    },
    Names {
        locale: Locale::Russian,
        female: "Olga Natalia Tatiana Svetlana Irina Ekaterina Yulia Marina Ludmila Galina Oksana Ksenia Daria Vera \
                 Nadezhda Polina Alina Larisa Valentina Zoya",
        male: "Sergei Dmitri Alexei Ivan Mikhail Vladimir Nikolai Andrei Pavel Yuri Oleg Boris Viktor Maxim Konstantin \
               Roman Igor Anatoly Kirill Stanislav",
        surnames: "Ivanov Petrov Sidorov Smirnov Kuznetsov Popov Vasiliev Sokolov Mikhailov Novikov Fedorov Morozov \
                   Volkov Alekseev Lebedev Semenov Egorov Pavlov Kozlov Stepanov Nikolaev Orlov Andreev Makarov \
                   Zakharov Zaitsev Solovyov Borisov Kiselev Belov",
    },
    Names {
        locale: Locale::Indian,
        female: "Priya Ananya Kavya Lakshmi Meera Neha Pooja Sunita Divya Shreya Aditi Deepa Anjali Radha Swati \
                 Nandini Isha Rekha Sneha Geeta",
        male: "Rahul Amit Arjun Vikram Rajesh Suresh Anil Sanjay Rohan Aditya Karthik Manish Nikhil Deepak Ravi \
               Vijay Ashok Gaurav Harish Prakash",
        surnames: "Sharma Patel Singh Kumar Gupta Reddy Nair Iyer Mehta Joshi Desai Rao Verma Agarwal Chopra Malhotra \
                   Kapoor Bhatt Pillai Menon Mishra Banerjee Chatterjee Mukherjee Das Ghosh Kulkarni Naidu Saxena \
                   Trivedi",
    },
    Names {
        locale: Locale::Arabic,
        female: "Fatima Aisha Layla Noor Mariam Yasmin Amina Salma Hanan Zainab Rania Dina Huda Samira Farah Nadia \
                 Leila Khadija Rima Lina",
        male: "Mohammed Ahmed Omar Ali Hassan Youssef Khalid Ibrahim Karim Tariq Samir Bilal Hamza Faisal Rashid \
               Nabil Walid Jamal Mustafa Adel",
        surnames: "Haddad Khalil Mansour Nasser Saleh Hamdan Farouk Aziz Rahman Hussein Mahmoud Saad Khoury Najjar \
                   Shaheen Darwish Qasim Sultan Bakri Jaber Awad Habib Amin Zaki Fares Sabbagh Hakim Tamimi \
                   Barakat Ghanem",
    },
    Names {
        locale: Locale::Japanese,
        female: "Yuki Sakura Aiko Haruka Naoko Keiko Yoko Emi Akiko Mai Rin Hina Kaori Michiko Tomoko Ayumi Misaki \
                 Nanami Chiyo Sachiko",
        male: "Hiroshi Kenji Takashi Haruto Ren Daiki Kenta Satoshi Yuto Shota Kazuo Akira Makoto Ryo Taro Ichiro \
               Naoki Shinji Masaru Tetsuya",
        surnames: "Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada Sasaki \
                   Yamaguchi Matsumoto Inoue Kimura Hayashi Shimizu Mori Abe Ikeda Hashimoto Ishikawa Ogawa Goto \
                   Okada Hasegawa Murakami Kondo",
    },
    Names {
        locale: Locale::Chinese,
        female: "Mei Xiaoli Fang Jing Yan Hui Ling Yanyan Xia Lihua Xiaoyan Qing Ning Juan Ying Hong Lan Yun Xue Meiling",
        male: "Wei Jian Ming Qiang Jun Tao Bin Lei Gang Hao Feng Zhiwei Jianguo Yong Peng Kai Xiang Dong Bo Cheng",
        surnames: "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng Liang \
                   Xie Tang Deng Feng Han Cao Peng Zeng",
    },
];

/// The names of a locale that have a role.
pub(super) fn names(locale: Locale, role: Role) -> impl Iterator<Item = &'static str> + Clone {
    let names = NAMES.iter().filter(move |names| names.locale == locale);
    names.flat_map(move |names| names.of(role).split_whitespace())
}

/// Every name of a role, that of the locale first.
pub(super) fn all_names(locale: Locale, role: Role) -> Vec<&'static str> {
    let others = NAMES.iter().filter(|names| names.locale != locale);
    let mut all: Vec<_> = names(locale, role).collect();
    all.extend(others.flat_map(|names| names.of(role).split_whitespace()));
    all
}

/// Where a part of a name is listed, each locale and role once, without regard to case and accents.
pub(crate) fn listed(part: &str) -> &'static [(Locale, Role)] {
    static INDEX: LazyLock<HashMap<String, Vec<(Locale, Role)>>> = LazyLock::new(|| {
        let mut index: HashMap<String, Vec<(Locale, Role)>> = HashMap::new();
        for names in &NAMES {
            for role in [Role::Female, Role::Male, Role::Surname] {
                for name in names.of(role).split_whitespace() {
                    index.entry(plain(name)).or_default().push((names.locale, role));
                }
            }
        }
        index
    });
    INDEX.get(&plain(part)).map_or(&[], Vec::as_slice)
}

impl Names {
    fn of(&self, role: Role) -> &'static str {
        match role {
            Role::Female => self.female,
            Role::Male => self.male,
            Role::Surname => self.surnames,
        }
    }
}

/// Endings of surnames that tell a locale, longest first where one ends in another.
const ENDINGS: [(&str, Locale); 40] = [
    ("escu", Locale::Russian),
    ("ovich", Locale::Russian),
    ("enko", Locale::Russian),
    ("ova", Locale::Russian),
    ("eva", Locale::Russian),
    ("ov", Locale::Russian),
    ("ev", Locale::Russian),
    ("sky", Locale::Russian),
    ("ski", Locale::Polish),
    ("ska", Locale::Polish),
    ("czyk", Locale::Polish),
    ("wicz", Locale::Polish),
    ("ez", Locale::Spanish),
    ("illo", Locale::Spanish),
    ("ado", Locale::Spanish),
    ("eira", Locale::Portuguese),
    ("inho", Locale::Portuguese),
    ("es", Locale::Portuguese),
    ("ini", Locale::Italian),
    ("elli", Locale::Italian),
    ("etti", Locale::Italian),
    ("ucci", Locale::Italian),
    ("sson", Locale::Nordic),
    ("sen", Locale::Nordic),
    ("nen", Locale::Nordic),
    ("qvist", Locale::Nordic),
    ("stra", Locale::Dutch),
    ("sma", Locale::Dutch),
    ("eau", Locale::French),
    ("ier", Locale::French),
    ("oux", Locale::French),
    ("mann", Locale::German),
    ("berger", Locale::German),
    ("meier", Locale::German),
    ("stein", Locale::German),
    ("moto", Locale::Japanese),
    ("mura", Locale::Japanese),
    ("kawa", Locale::Japanese),
    ("zaki", Locale::Japanese),
    ("shi", Locale::Japanese),
];

/// The locale that the ending of a surname speaks for.
pub(super) fn locale_by_ending(part: &str) -> Option<Locale> {
    let part = plain(part);
    ENDINGS.iter().find(|(ending, _)| part.len() > ending.len() + 1 && part.ends_with(ending)).map(|e| e.1)
}
