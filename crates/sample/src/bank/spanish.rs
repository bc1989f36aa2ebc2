//! Spanish.

use super::{Language, Thread, Topic, Words};

pub(crate) const SPANISH: Language = Language {
    words: &[
        Words("pariente", &["hermana", "madre", "tía", "vecina", "prima", "abuela", "cuñada"]),
        Words(
            "nombre",
            &[
                "Alba", "Belén", "Carmen", "Dolores", "Elvira", "Fátima", "Gloria", "Herminia", "Irene",
                "Julia", "Lola", "Marta",
            ],
        ),
        Words(
            "ciudad",
            &["Burgos", "Cádiz", "Gijón", "Murcia", "Puebla", "Mérida", "Soria", "Huesca", "Toledo", "Vigo"],
        ),
        Words(
            "mes",
            &[
                "enero",
                "febrero",
                "marzo",
                "abril",
                "mayo",
                "junio",
                "julio",
                "agosto",
                "septiembre",
                "octubre",
                "noviembre",
                "diciembre",
            ],
        ),
        Words("dia", &["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]),
    ],
    greetings: &["¡Hola!", "Buenos días,", "Buenas tardes."],
    thanks: &["¡Gracias!", "Gracias de antemano.", "Muchas gracias por la ayuda."],
    contexts: &[
        "Mi {pariente} {nombre} me dijo que preguntara.",
        "Solo tengo tiempo hasta el {dia}.",
        "Vivimos cerca de {ciudad}.",
        "Llevo con esto desde {mes}.",
        "Ya lo he intentado {veces:2-6} veces.",
        "No quiero gastar más de {euros:20-200} euros.",
        "Tengo {edad:19-78} años y es la primera vez.",
        "Por favor, {explícalo paso a paso|sé breve|sin palabras difíciles}.",
    ],
    joins: &["Soy {nombre2}, usamos la misma cuenta.", "Ahora escribe {nombre2}, ya lo he leído todo."],
    follow_ups: &[
        (
            "¿Lo puedes resumir?",
            "En pocas palabras: empieza poco a poco, espera {dias:2-9} días y cambia una sola cosa.",
        ),
        ("¿Cuál es el error más común?", "Casi todos cambian demasiadas cosas a la vez."),
        ("¿Y si no funciona?", "Vuelve al último paso que funcionaba y anota lo que ves."),
    ],
    systems: &["Eres un asistente amable. Responde con brevedad y di cuando no estés seguro."],
    topics: &[&COTIDIANO],
};

const COTIDIANO: Topic = Topic {
    words: &[
        Words(
            "plato",
            &[
                "una sopa de lentejas",
                "una tortilla",
                "un arroz al horno",
                "una empanada",
                "un guiso de garbanzos",
                "un bizcocho de limón",
            ],
        ),
        Words("aparato", &["lavadora", "nevera", "cafetera", "aspiradora", "secadora"]),
        Words("idioma", &["italiano", "portugués", "alemán", "japonés", "inglés", "polaco"]),
    ],
    details: &[
        "Prueba primero con la mitad.",
        "A los {minutos:5-20} minutos ya verás si va bien.",
        "Apunta lo que cambias y en {mes} te alegrarás.",
        "Pregunta también a {nombre}, dos miradas ven más que una.",
        "El {dia} por la mañana hay menos gente.",
        "Compara al menos {precios:2-4} precios.",
        "Con calma sale mejor que con prisa.",
        "Si dentro de {semanas:2-4} semanas sigue igual, consulta a alguien del oficio.",
    ],
    threads: &[
        Thread {
            asks: &[
                "¿Cómo preparo {plato} para {personas:3-12} personas?",
                "¿Puedo hacer {plato} el día antes?",
                "¿Por qué me sale {plato} siempre {muy seco|sin sabor|demasiado salado}?",
            ],
            contexts: &[
                "{nombre} no come carne.",
                "El horno es pequeño.",
                "Me quedan {gramos:200-800} gramos de zanahorias.",
            ],
            answers: &[
                "Para {personas:3-12} personas calcula unos {minutos:45-95} minutos, la mitad sin hacer nada.",
                "Sí, y al día siguiente está incluso mejor si lo calientas despacio.",
                "Suele ser el fuego: bájalo y dale {minutos:10-20} minutos más.",
            ],
            details: &[
                "Echa la sal poco a poco.",
                "Déjalo reposar {minutos:8-18} minutos.",
                "Un chorrito de limón lo cambia todo.",
                "En la nevera aguanta {dias:2-4} días.",
            ],
            follow_ups: &[
                ("¿Se puede congelar?", "Sí, de {meses:2-3} a cuatro meses en porciones pequeñas."),
                ("¿Y sin huevo?", "Con harina de garbanzo queda muy bien."),
                ("¿Con qué lo acompaño?", "Con una ensalada sencilla y buen pan."),
            ],
        },
        Thread {
            asks: &[
                "Mi {aparato} hace ruido desde el {dia}, ¿qué puedo mirar yo?",
                "¿Vale la pena reparar una {aparato} de {anos:4-14} años?",
                "La {aparato} pierde agua, ¿qué será?",
            ],
            contexts: &[
                "La garantía terminó en {mes}.",
                "El técnico pide {euros:60-200} euros.",
                "Solo tengo un destornillador.",
            ],
            answers: &[
                "Empieza por el filtro: en la mitad de los casos es eso.",
                "Con {anos:4-14} años yo gastaría hasta {tope:50-150} euros, no más.",
                "Casi siempre es la goma o el tubo de atrás; sécalo todo y mira {minutos:10-30} minutos.",
            ],
            details: &[
                "Desenchufa antes de tocar nada.",
                "Haz una foto antes de quitar cada tornillo.",
                "La pieza cuesta unos {pieza:8-45} euros.",
                "El número de modelo está en una placa por detrás.",
            ],
            follow_ups: &[
                ("¿Es peligroso?", "Desenchufada no; si huele a quemado, llama a alguien."),
                ("¿Dónde compro la pieza?", "Busca el número de modelo, también las hay usadas."),
                (
                    "Funciona, pero todavía suena un poco.",
                    "Pruébala {veces:2-6} veces en vacío y escucha otra vez.",
                ),
            ],
        },
        Thread {
            asks: &[
                "¿Cuánto se tarda en aprender {idioma} con {minutos:10-60} minutos al día?",
                "¿Cómo practico {idioma} si no conozco a nadie?",
                "¿Es más difícil el {idioma} que el {idioma2}?",
            ],
            contexts: &["Me mudo en {mes}.", "Sé unas {palabras:200-3000} palabras.", "Es por el trabajo."],
            answers: &[
                "Con {minutos:10-60} minutos al día, cuenta con {meses:8-24} meses para hablar de tu vida.",
                "Habla en voz alta {minutos:5-9} minutos al día y busca un intercambio los {dia}.",
                "El {idioma} cuesta más al principio; el {idioma2}, más tarde.",
            ],
            details: &[
                "Aprende frases enteras, unas {frases:5-15} por semana.",
                "Escucha la radio aunque no entiendas todo.",
                "Equivocarse es barato, callarse sale caro.",
                "Repite justo antes de olvidarlo.",
            ],
            follow_ups: &[
                (
                    "¿Necesito profesor?",
                    "Las primeras {semanas:6-12} semanas ayuda, luego basta con alguien paciente.",
                ),
                ("¿Y las películas?", "Con subtítulos en {idioma}, sí."),
                ("¿Cómo sigo motivado?", "Queda con alguien cada {dia2}, así no lo dejas."),
            ],
        },
    ],
};
