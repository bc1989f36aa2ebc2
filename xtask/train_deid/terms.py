"""Words that are written with a capital and name nobody: techniques, products of everyone, feasts, languages."""

TERMS = """
AI API APIs ASCII ATM AWS Ajax Android Angular Ansible Apache Arduino Assembly BIOS Bash Bayesian Bitcoin Blockchain Bluetooth
Boolean CAPTCHA CD CEO CFO CLI CMS CNN CPU CPUs CRM CRUD CSS CSV CTO CUDA CV Celsius Chrome Cobol Conda Cython DAN DFA DIY DNA DNS
DOM DVD Dart Debian Django Docker ELO EOF ESP Earth Easter Ethereum Excel Express FAQ FBI FFT FPGA FTP Fahrenheit Fedora Fibonacci
Firefox Flask Flutter Fortran Fourier GAN GDP GDPR GIF GIMP GPIO GPL GPS GPT GPU GPUs GUI Gaussian Git GitHub Go God Godot Golang Gradle
Groovy HDMI HR HTML HTTP HTTPS Hadoop Halloween Haskell Homebrew ID IDE IDs IO IP IQ ISBN ISO IT JPEG JSON JSX JVM Java JavaScript Jenkins
Julia Jupyter KPI Kafka Keras Kotlin Kubernetes LAION LAN LLC LLM LLMs LSTM LaTeX Lambda Lego Linux Lisp Lua MIDI MIT ML MRI MVC MVP
MacOS Markdown Markov Mars Matlab Maven MySQL NASA NFT NGO NLP NaN Newtonian Nginx NoSQL Node NumPy OCR OK OOP ORM OS OpenGL
Oracle PC PCR PDF PDFs PHP PNG PIN PR PS PTSD Pandas Pascal Perl Photoshop PostgreSQL PowerPoint PowerShell Prolog Pandas PyTorch
Python QA QR Qt RAM REST RGB RNA RNN ROI ROM RPG Rails React Redis Redux Regex Ruby Rust SAT SDK SEO SMS SQL SQLite SSD SSH SSL SSN Sass
Scala Scratch Shakespearean Sudoku Swift TCP TLS TPU TV TensorFlow Terraform Thanksgiving Tetris Turing TypeScript UDP UI UNIX URL URLs USB UTC UTF UUID UX
Ubuntu Unicode Unity Unreal VAT VBA VPN VR Valentine Vim Visual Vue WWII WiFi Windows Word Wordpress XML XSS YAML YouTube
Christmas Hanukkah Ramadan Diwali Bible Quran Torah Genesis Exodus Psalm Deuteronomy Renaissance Neolithic Internet Moon Sun Jupiter Saturn
Venus Mercury Neptune Pluto Uranus Halloween Olympics Superbowl Minecraft Fortnite Pokemon Monopoly Chess Yoga Pilates Zumba Karate Judo
Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September October November December
Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec AM PM Mom Dad Mum Grandma Grandpa Sir Madam Santa Lord Jesus Christ
User Assistant Human Prompt Step Chapter Figure Table Section Part Question Answer Example Note Tip Warning Error Title Description Summary
Introduction Conclusion Abstract References Appendix Pros Cons Total Price Date Time Name Address Phone Email Website Location Age Gender
""".split()

TEMPLATES = """
How do I install {term} on {term2}?|Write {term} code that reads a {term2} file.|What is the difference between {term} and {term2}?|Explain {term} to a five year old.
I am learning {term} and {term2} at the moment.|{term} is faster than {term2}, isn't it?|My {term} does not start, what can I do?|Is {term} better than {term2} for beginners?
The {term} standard was published by a committee.|Use {term}, {term2} or {term3}.|{term}: see below|- {term}\n- {term2}\n- {term3}|Best {term} books?|Top 10 {term} tips
My {term} has {digits} {term2} cores.|{number} {term} cards|RTX {digits} or {digits} XT?|{number}/{number} tsp {term}|The ratio is {digits}-{digits}.|{term} {number}.{number}|{digits} BC to {digits} AD
pages {digits}-{digits}|{number}. {term}\n{number}. {term2}|{term} costs ${digits} or {digits} EUR.|{{"{term}": {digits}, "id": "{number}"}}|{digits} {digits} {digits}|{term} No. {number}|IBAN: {digits}|ISBN {digits}-{digits}-{number}
What happens on {term}?|Convert this {term} to {term2}.|{term} vs {term2}|In {term}, a variable is declared like this.|{term} stands for something I forgot.|The {term} crashed again.
Act as a {term} terminal.|Create a table with {term}, {term2} and {term3}.|Happy {term}!|{term} is my favourite.|Do I need {term} for that?|{term}?|{term}\n\nThe {term} is easy to use.|# {term}\n\n## {term2}
""".strip().replace("\n", "|").split("|")
