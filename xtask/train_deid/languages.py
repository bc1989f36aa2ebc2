"""Templates in languages other than English, and English ones about what people do for a living.

Slots are those of `generated.py`. `{job}` is an occupation of `JOBS`; lines without a slot hold nothing to find.
"""

OCCUPATIONS = r"""
I'm the only {title_lower} there, so everybody would know that it is me.
I'm {a_title} btw, at {org}
i work as {a_title_lower} for {org_lower}, is that normal
Signed, {person}, {title_lower}, {org}
I have been {a_title} since 2015 and I am tired of it.
I trained as {a_title} in {place}.
Retired {title_lower}, two kids, living in {place}.
Our {title_lower}, {given}, quit without notice.
The new {title_lower} is called {given}.
Write a reference letter for {given}, who was my {title_lower} for three years.
Hired as {title_lower}, fired after a month.
as {title_lower} of {org} I sign everything
My title is {title}. My boss is the {title2_lower}.
I, {person}, {title_lower} at {org}, confirm that this is true.
Current role: {title} at {org}
CV\n{person}\n{title}\n{org}, {place}\n{street}
My {kin} is the {title_lower} of {org}.
She went from {title_lower} to {title2_lower} within a year.
With ten years of experience as {a_title}, I am applying for the job of {title2_lower}.
Staff: {given} ({title_lower}), {given2} ({title2_lower})
Present: {person}, {title}; {person2}, {title2}
Best wishes,\n{given} {surname}\n{title_lower}
{given} {surname}, {title_lower}
Being {a_title} in a small town like {place} is hard.
You are {a_title}. Answer like one.
Interview with {person}, {title_lower} and mother of two
Applying for: {title}
the {title_lower} from {org} called again
my {kin} works nights as {a_title_lower}
former {title_lower} at {org}, now {title2_lower}
please sign it with {initials}
Initials: {initials}
regards, {initials}
van {surname}, {initials}
{initials} {surname} will chair the meeting.
"""

GERMAN = r"""
Ich heiße {person} und wohne in {place}.
Meine Adresse ist {street}, {postal} {place}.
Sehr geehrte Frau {surname},\n\nvielen Dank für Ihre Nachricht.\n\nMit freundlichen Grüßen\n{person}\n{org}
Lieber {given}, ich komme am {weekday} nach {place}.
Mein Chef {person} hat mir gekündigt. Was soll ich tun?
Ich arbeite bei {org} in {place} und mein Kollege {given} auch.
Meine Schwester {given} hat {person} geheiratet.
Schreibe eine E-Mail an Herrn {surname} von {org}.
{person}\n{street}\n{postal} {place}
Vielleicht weiß {given} mehr, ich glaube nicht.
Ich glaube, dass die Rechnung falsch ist. Können Sie das prüfen?
Wie funktioniert eine Wärmepumpe im Winter?
Was ist der Unterschied zwischen Aktien und Anleihen?
Bitte fasse den folgenden Text zusammen und erkläre die Aussagen.
Der Arzt hat gesagt, dass die Behandlung einige Wochen dauert.
Ich bin {job} bei {org} in {place}.
Als {job} verdiene ich zu wenig.
Meine Frau arbeitet als {job}.
{person}, {job}, {place}
Mit freundlichen Grüßen\n\n{person}\n{job}\n{org}
Viele Grüße\n{given}
LG {given}
Liebe {given}, lieber {given2},
Sehr geehrter Herr {surname},
Sehr geehrte Damen und Herren,\n\nhiermit kündige ich meinen Vertrag.\n\n{person}\n{street}\n{postal} {place}
ich heisse {given_lower} und komme aus {place_lower}
kannst du {given_lower} sagen dass ich später komme
wohne in der {street}
Ich wohne seit Mai in der {street} in {place}.
Lieferadresse: {person}, {street}, {postal} {place}
Mein Vermieter {person} will die Kaution nicht zurückzahlen.
Mein Arzt, Dr. {surname}, sagt, ich soll mehr schlafen.
Mein Sohn {given} geht in {place} zur Schule.
Frau {surname} und Herr {surname2} haben sich gestritten.
{org} hat mir eine Rechnung geschickt.
Der Vertrag zwischen {org} und {person} endet im März.
Ich habe bei {org} bestellt, Sitz in {place}.
{given} hat gestern angerufen. {given} ist krank.
Wer ist {person}?
Von: {person}\nAn: {person2}\nBetreff: Termin am Freitag
Name: {person}\nStraße: {street}\nOrt: {place}\nPLZ: {postal}
Ansprechpartner: {person}
Protokoll\nAnwesend: {person}, {person2}\nEntschuldigt: {given}
Wie weit ist es von {place} nach {place2}?
Das Wetter in {place} ist schlecht.
Kannst du mir bei der Steuererklärung helfen?
Schreib mir bitte ein Gedicht über den Frühling.
Warum ist der Himmel blau und das Meer salzig?
Die Katze liegt auf dem Sofa und der Hund im Garten.
Welche Vorteile hat eine Lebensversicherung gegenüber einem Sparbuch?
Erstelle eine Tabelle mit Einnahmen und Ausgaben für jeden Monat.
Meine Bestellung ist nicht angekommen, die Sendungsnummer ist falsch.
Bitte korrigiere Rechtschreibung und Grammatik im folgenden Absatz.
Wir brauchen für das Rezept Mehl, Zucker, Butter und Eier.
Der Server zeigt einen Fehler beim Laden der Datenbank.
Ich hätte gerne eine Zusammenfassung des Kapitels über Photosynthese.
Zuerst die Zwiebeln schneiden, dann das Öl in der Pfanne erhitzen.
Im Gegensatz zur Theorie ist die Praxis kompliziert.
Natürlich kann ich Ihnen dabei helfen! Hier sind einige Tipps:
Vielen Dank für die schnelle Antwort.
"""
FRENCH = r"""
Je m'appelle {person} et j'habite à {place}.
Bonjour, je suis {given}, j'habite au {street}, {postal} {place}.
Mon voisin {person} fait trop de bruit.
Cher Monsieur {surname},\nMerci pour votre message.\nCordialement,\n{person}
Ma sœur {given} travaille chez {org} à {place}.
{person}\n{street}\n{postal} {place}
Peux-tu écrire une lettre à {person} de {org} ?
Je voudrais savoir comment fonctionne une pompe à chaleur.
Quelle est la différence entre une action et une obligation ?
Le médecin a dit que le traitement dure quelques semaines.
Je suis {job} chez {org} à {place}.
Je travaille comme {job} et je gagne trop peu.
Ma femme est {job}.
{person}, {job}, {place}
Cordialement,\n\n{person}\n{job}\n{org}
Bises, {given}
Chère {given}, cher {given2},
Madame {surname},
Madame, Monsieur,\n\nPar la présente, je résilie mon contrat.\n\n{person}\n{street}\n{postal} {place}
je m'appelle {given_lower} et je viens de {place_lower}
tu peux dire à {given_lower} que j'arrive
J'habite depuis mai au {street} à {place}.
Adresse de livraison : {person}, {street}, {postal} {place}
Mon propriétaire, {person}, refuse de rendre la caution.
Mon médecin, le Dr {surname}, me dit de dormir.
Mon fils {given} va à l'école à {place}.
Mme {surname} et M. {surname2} se sont disputés.
{org} m'a envoyé une facture.
Le contrat entre {org} et {person} se termine en mars.
J'ai commandé chez {org}, dont le siège est à {place}.
{given} a téléphoné hier. {given} est malade.
Qui est {person} ?
De : {person}\nÀ : {person2}\nObjet : rendez-vous de vendredi
Nom : {person}\nRue : {street}\nVille : {place}\nCode postal : {postal}
Présents : {person}, {person2}
Quelle est la distance entre {place} et {place2} ?
Il fait mauvais à {place}.
Peux-tu m'aider à remplir ma déclaration d'impôts ?
Écris-moi un poème sur le printemps.
Pourquoi le ciel est-il bleu et la mer salée ?
Le chat dort sur le canapé et le chien dans le jardin.
Crée un tableau avec les recettes et les dépenses de chaque mois.
Ma commande n'est pas arrivée, le numéro de suivi est faux.
Corrige l'orthographe et la grammaire du paragraphe suivant.
Il faut de la farine, du sucre, du beurre et des œufs.
Le serveur affiche une erreur au chargement de la base.
Bien sûr, je peux vous aider ! Voici quelques conseils :
Merci beaucoup pour votre réponse rapide.
"""
SPANISH = r"""
Me llamo {person} y vivo en {place}.
Mi dirección es {street}, {postal} {place}.
Mi hermano {given} trabaja en {org}.
Estimado señor {surname}:\nGracias por su mensaje.\nUn saludo,\n{person}
Ayer vi a {person} en {place}.
¿Puedes escribir un correo a {person} de {org}?
{person}\n{street}\n{postal} {place}
Quiero saber cómo funciona una bomba de calor.
¿Cuál es la diferencia entre una acción y un bono?
El médico dijo que el tratamiento dura varias semanas.
Soy {job} en {org}, en {place}.
Trabajo como {job} y gano poco.
Mi mujer es {job}.
{person}, {job}, {place}
Atentamente,\n\n{person}\n{job}\n{org}
Besos, {given}
Querida {given}, querido {given2}:
Sra. {surname}:
Por la presente doy de baja mi contrato.\n\n{person}\n{street}\n{postal} {place}
me llamo {given_lower} y soy de {place_lower}
puedes decirle a {given_lower} que llego tarde
Vivo desde mayo en {street}, {place}.
Dirección de entrega: {person}, {street}, {postal} {place}
Mi casero, {person}, no me devuelve la fianza.
Mi médico, el Dr. {surname}, dice que duerma más.
Mi hijo {given} va al colegio en {place}.
La señora {surname} y el señor {surname2} discutieron.
{org} me ha mandado una factura.
El contrato entre {org} y {person} termina en marzo.
{given} llamó ayer. {given} está enferma.
¿Quién es {person}?
De: {person}\nPara: {person2}\nAsunto: reunión del viernes
Nombre: {person}\nCalle: {street}\nCiudad: {place}\nCódigo postal: {postal}
Asistentes: {person}, {person2}
¿Qué distancia hay de {place} a {place2}?
Hace mal tiempo en {place}.
¿Me ayudas con la declaración de la renta?
Escribe un poema sobre la primavera.
¿Por qué el cielo es azul y el mar salado?
El gato duerme en el sofá y el perro en el jardín.
Haz una tabla con los ingresos y los gastos de cada mes.
Mi pedido no ha llegado, el número de seguimiento está mal.
Corrige la ortografía y la gramática del párrafo siguiente.
Hacen falta harina, azúcar, mantequilla y huevos.
El servidor da un error al cargar la base de datos.
¡Claro que puedo ayudarte! Aquí tienes algunos consejos:
Muchas gracias por la respuesta tan rápida.
"""
ITALIAN = r"""
Mi chiamo {person} e abito a {place}.
Il mio indirizzo è {street}, {postal} {place}.
Mia sorella {given} lavora per {org}.
Gentile signor {surname},\ngrazie per il suo messaggio.\nCordiali saluti,\n{person}
Puoi scrivere una mail a {person} di {org}?
Vorrei sapere come funziona una pompa di calore.
Qual è la differenza tra azioni e obbligazioni?
Sono {job} presso {org} a {place}.
Lavoro come {job} e guadagno poco.
Mia moglie fa la {job}.
{person}, {job}, {place}
Cordiali saluti,\n\n{person}\n{job}\n{org}
Baci, {given}
Cara {given}, caro {given2},
Gentile dott. {surname},
Con la presente disdico il contratto.\n\n{person}\n{street}\n{postal} {place}
mi chiamo {given_lower} e vengo da {place_lower}
puoi dire a {given_lower} che arrivo tardi
Abito da maggio in {street}, {place}.
Indirizzo di consegna: {person}, {street}, {postal} {place}
Il mio padrone di casa, {person}, non restituisce la cauzione.
Il mio medico, il dottor {surname}, dice di dormire.
Mio figlio {given} va a scuola a {place}.
La signora {surname} e il signor {surname2} hanno litigato.
{org} mi ha mandato una fattura.
Il contratto tra {org} e {person} finisce a marzo.
{given} ha chiamato ieri. {given} sta male.
Chi è {person}?
Da: {person}\nA: {person2}\nOggetto: riunione di venerdì
Nome: {person}\nVia: {street}\nCittà: {place}\nCAP: {postal}
Presenti: {person}, {person2}
Quanto dista {place} da {place2}?
Mi aiuti con la dichiarazione dei redditi?
Scrivimi una poesia sulla primavera.
Perché il cielo è blu e il mare è salato?
Il gatto dorme sul divano e il cane in giardino.
Fai una tabella con le entrate e le uscite di ogni mese.
Il mio ordine non è arrivato, il numero di spedizione è sbagliato.
Correggi ortografia e grammatica del paragrafo seguente.
Servono farina, zucchero, burro e uova.
Certo, posso aiutarti! Ecco alcuni consigli:
Grazie mille per la risposta.
"""
DUTCH = r"""
Ik heet {person} en woon in {place}.
Mijn adres is {street}, {postal} {place}.
Mijn broer {given} werkt bij {org}.
Beste {given}, ik kom op vrijdag naar {place}.
Kun je een mail schrijven aan {person} van {org}?
Ik wil graag weten hoe een warmtepomp werkt.
Wat is het verschil tussen aandelen en obligaties?
Ik ben {job} bij {org} in {place}.
Ik werk als {job} en verdien te weinig.
Mijn vrouw is {job}.
{person}, {job}, {place}
Met vriendelijke groet,\n\n{person}\n{job}\n{org}
Groetjes, {given}
Lieve {given}, beste {given2},
Geachte mevrouw {surname},
Hierbij zeg ik mijn contract op.\n\n{person}\n{street}\n{postal} {place}
ik heet {given_lower} en kom uit {place_lower}
kun je tegen {given_lower} zeggen dat ik later kom
Ik woon sinds mei aan de {street} in {place}.
Afleveradres: {person}, {street}, {postal} {place}
Mijn huisbaas, {person}, betaalt de borg niet terug.
Mijn arts, dr. {surname}, zegt dat ik meer moet slapen.
Mijn zoon {given} gaat naar school in {place}.
Mevrouw {surname} en meneer {surname2} kregen ruzie.
{org} heeft me een rekening gestuurd.
Het contract tussen {org} en {person} loopt af in maart.
{given} belde gisteren. {given} is ziek.
Wie is {person}?
Van: {person}\nAan: {person2}\nOnderwerp: afspraak vrijdag
Naam: {person}\nStraat: {street}\nPlaats: {place}\nPostcode: {postal}
Aanwezig: {person}, {person2}
Hoe ver is het van {place} naar {place2}?
Kun je me helpen met mijn belastingaangifte?
Schrijf een gedicht over de lente.
Waarom is de lucht blauw en de zee zout?
De kat ligt op de bank en de hond in de tuin.
Maak een tabel met inkomsten en uitgaven per maand.
Mijn bestelling is niet aangekomen, het nummer klopt niet.
Verbeter de spelling en grammatica van de volgende alinea.
Natuurlijk kan ik je helpen! Hier zijn een paar tips:
Bedankt voor het snelle antwoord.
"""
PORTUGUESE = r"""
Meu nome é {person} e moro em {place}.
Meu endereço é {street}, {postal} {place}.
Meu irmão {given} trabalha na {org}.
Prezado senhor {surname},\nObrigado pela mensagem.\nAtenciosamente,\n{person}
Você pode escrever um e-mail para {person} da {org}?
Quero saber como funciona uma bomba de calor.
Qual é a diferença entre ações e títulos?
Sou {job} na {org}, em {place}.
Trabalho como {job} e ganho pouco.
Minha mulher é {job}.
{person}, {job}, {place}
Atenciosamente,\n\n{person}\n{job}\n{org}
Beijos, {given}
Querida {given}, caro {given2},
Sra. {surname},
Venho por este meio cancelar o contrato.\n\n{person}\n{street}\n{postal} {place}
me chamo {given_lower} e sou de {place_lower}
pode dizer a {given_lower} que vou chegar tarde
Moro desde maio na {street}, {place}.
Endereço de entrega: {person}, {street}, {postal} {place}
O dono do apartamento, {person}, não devolve a caução.
Meu médico, o Dr. {surname}, diz para dormir mais.
Meu filho {given} estuda em {place}.
A dona {surname} e o senhor {surname2} brigaram.
A {org} me mandou uma fatura.
O contrato entre {org} e {person} termina em março.
{given} ligou ontem. {given} está doente.
Quem é {person}?
De: {person}\nPara: {person2}\nAssunto: reunião de sexta
Nome: {person}\nRua: {street}\nCidade: {place}\nCEP: {postal}
Presentes: {person}, {person2}
Qual é a distância de {place} a {place2}?
Pode me ajudar com o imposto de renda?
Escreva um poema sobre a primavera.
Por que o céu é azul e o mar salgado?
O gato dorme no sofá e o cachorro no jardim.
Faça uma tabela com as receitas e as despesas de cada mês.
Meu pedido não chegou, o código de rastreio está errado.
Corrija a ortografia e a gramática do parágrafo seguinte.
Claro que posso ajudar! Aqui estão algumas dicas:
Muito obrigado pela resposta rápida.
"""
POLISH = r"""
Nazywam się {person} i mieszkam w mieście {place}.
Jestem {given}, pracuję w {org}.
Mój adres to {street}, {postal} {place}.
Jestem {job} w firmie {org}.
{person}, {job}, {place}
Z poważaniem,\n\n{person}\n{job}\n{org}
Pozdrawiam, {given}
Szanowna Pani {surname},
Szanowny Panie {surname},\ndziękuję za wiadomość.\n{person}
Niniejszym wypowiadam umowę.\n\n{person}\n{street}\n{postal} {place}
Adres dostawy: {person}, {street}, {postal} {place}
{org} wysłała mi fakturę.
{given} dzwonił wczoraj. {given} jest chory.
Kim jest {person}?
Od: {person}\nDo: {person2}\nTemat: spotkanie w piątek
Imię i nazwisko: {person}\nUlica: {street}\nMiasto: {place}\nKod pocztowy: {postal}
Obecni: {person}, {person2}
Jak daleko jest z miasta {place} do miasta {place2}?
Czy możesz mi pomóc z zeznaniem podatkowym?
Napisz wiersz o wiośnie.
Dlaczego niebo jest niebieskie, a morze słone?
Kot leży na kanapie, a pies w ogrodzie.
Zrób tabelę z przychodami i wydatkami na każdy miesiąc.
Moje zamówienie nie dotarło, numer przesyłki jest błędny.
Popraw ortografię i gramatykę w następnym akapicie.
Oczywiście, mogę pomóc! Oto kilka wskazówek:
Dziękuję za szybką odpowiedź.
"""

# What occupations are made of in English: what it is about, and who does it.
FIELDS = """Dairy|Laboratory|Booking|Local transit|Dining room|Power|Rolling machine|Data entry|Network|Court|Payroll|Claims|Warehouse|Loan|Tax|Fire
Crane|Forklift|Library|Animal|Childcare|Home health|Dental|X-ray|Night shift|Front desk|Gift shop|Parking lot|Billing|Insurance|Medical records|Web
Quality|Safety|Food|Forest|Fish and game|Soil|Water plant|Gas|Boiler|Elevator|Tool|Textile|Shoe|Paper goods|Glass|Concrete|Drywall|Carpet|Roof|Cable
Radio|Sound|Film|Stage|Music|Swimming|Driving|Ski|Flight|Postal|Mail|Ticket|Baggage|Bus|Taxi|Truck|School|Kindergarten|Chemistry|History|Physics|Math
Human resources|Public relations|Sales|Marketing|Purchasing|Budget|Credit|Mortgage|Real estate|Farm|Ranch|Greenhouse|Tree|Pest|Window|Pool|Security|Prison""".replace("\n", "|").split("|")
AGENTS = """clerk|operator|technician|scientist|attendant|driver|inspector|installer|repairer|worker|supervisor|specialist|analyst|officer|examiner
planner|tester|mechanic|cook|server|agent|broker|instructor|coach|designer|editor|assembler|cutter|setter|tender|keeper|teller|aide|helper|therapist
assistant|manager|engineer|teacher|representative|dispatcher|cleaner|guard|counselor|administrator|coordinator|advisor|distributor|librarian|coroner|headteacher|warden|sheriff|registrar|surgeon|midwife|nurse|pilot|judge|treasurer
priest|principal|professor|lecturer|curator|physician|psychologist|veterinarian|chef|detective|commander|captain|consultant|developer|accountant|lawyer""".replace("\n", "|").split("|")

# Occupations with what they are about behind them.
LEADERS = "head|director|chief|vice president|professor|minister|secretary|chair|dean|superintendent|commissioner|manager".split("|")

JOBS = {
    "de": "Lehrer|Lehrerin|Ärztin|Arzt|Krankenschwester|Pfleger|Ingenieur|Ingenieurin|Elektriker|Buchhalterin|Polizist|Anwalt|Anwältin|Verkäufer|Köchin|Koch|Busfahrer|Architekt|Apothekerin|Erzieherin|Geschäftsführer|Abteilungsleiterin|Softwareentwickler|Hausmeister|Pfarrer|Friseurin|Landwirt|Steuerberater|Hebamme|Pilot",
    "fr": "professeur|infirmière|infirmier|médecin|ingénieur|électricien|comptable|policier|avocat|avocate|vendeuse|cuisinier|chauffeur de bus|architecte|pharmacienne|directeur général|cheffe de projet|développeur|gardien|coiffeuse|agriculteur|notaire|sage-femme|pilote|secrétaire médicale|boulanger",
    "es": "profesor|profesora|enfermera|médico|médica|ingeniero|electricista|contable|policía|abogado|abogada|vendedora|cocinero|conductor de autobús|arquitecta|farmacéutica|director general|jefa de proyecto|programador|conserje|peluquera|agricultor|notario|comadrona|piloto|camarero",
    "it": "insegnante|infermiera|infermiere|medico|ingegnere|elettricista|ragioniere|poliziotto|avvocato|avvocata|commessa|cuoco|autista di autobus|architetto|farmacista|amministratore delegato|responsabile vendite|programmatore|custode|parrucchiera|agricoltore|notaio|ostetrica|pilota|cameriere",
    "nl": "leraar|lerares|verpleegkundige|huisarts|ingenieur|elektricien|boekhouder|politieagent|advocaat|verkoopster|kok|buschauffeur|architect|apotheker|directeur|projectleider|programmeur|conciërge|kapster|boer|notaris|verloskundige|piloot|magazijnmedewerker",
    "pt": "professor|professora|enfermeira|médico|médica|engenheiro|eletricista|contador|policial|advogado|advogada|vendedora|cozinheiro|motorista de ônibus|arquiteta|farmacêutica|diretor geral|gerente de projetos|programador|porteiro|cabeleireira|agricultor|tabelião|parteira|piloto|garçom",
    "pl": "nauczycielem|nauczycielką|pielęgniarką|lekarzem|lekarką|inżynierem|elektrykiem|księgową|policjantem|prawnikiem|sprzedawczynią|kucharzem|kierowcą autobusu|architektem|farmaceutką|dyrektorem|kierownikiem projektu|programistą|fryzjerką|rolnikiem|notariuszem|położną|pilotem",
}
JOBS = {language: jobs.split("|") for language, jobs in JOBS.items()}

# How companies are called at the end of their names, by language.
LEGAL_FORMS = {
    "de": "GmbH|AG|KG|GmbH & Co. KG|e.K.|OHG|UG|e.V.|SE",
    "fr": "SARL|SA|SAS|S.A.|SNC|EURL|et Fils|SA Suisse",
    "es": "S.L.|S.A.|SL|SA|S.L.U.|S.A. de C.V.|e Hijos",
    "it": "S.p.A.|S.r.l.|SpA|Srl|s.n.c.|& Figli",
    "nl": "B.V.|BV|N.V.|NV|VOF|& Zonen",
    "pt": "Ltda.|S.A.|Ltda|Lda.|ME|- ME|EIRELI|e Filhos",
    "pl": "sp. z o.o.|S.A.|sp. j.|sp. k.",
}
LEGAL_FORMS = {language: forms.split("|") for language, forms in LEGAL_FORMS.items()}
