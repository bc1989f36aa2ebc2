//! Questions about programs.

use super::{Thread, Topic, Words};

pub(crate) const CODE: Topic = Topic {
    words: &[
        Words("lang", &["Python", "Rust", "Go", "TypeScript", "Java", "Ruby", "Kotlin", "C#"]),
        Words(
            "column",
            &[
                "order_date",
                "customer_no",
                "amount",
                "postcode",
                "status",
                "created_on",
                "unit_price",
                "batch_no",
            ],
        ),
        Words("table", &["orders", "readings", "members", "invoices", "shipments", "tickets", "loans"]),
        Words(
            "file",
            &[
                "report.csv",
                "readings.json",
                "main.log",
                "prices.xlsx",
                "members.txt",
                "config.toml",
                "export.xml",
            ],
        ),
        Words(
            "program",
            &[
                "web shop",
                "weather station",
                "club website",
                "time sheet tool",
                "photo sorter",
                "stock list",
                "quiz game",
                "alarm script",
            ],
        ),
        Words(
            "error",
            &[
                "index out of range",
                "connection refused",
                "permission denied",
                "undefined is not a function",
                "out of memory",
                "no such column",
                "invalid byte sequence",
                "deadlock detected",
            ],
        ),
    ],
    details: &[
        "Write a test with {rows:3-9} rows first, so that you see it fail and then pass.",
        "Print the length of the input before the loop; in my experience that finds it within minutes.",
        "Commit before you change anything, then you can go back.",
        "The message `{error}` is honest here: it means exactly what it says.",
        "On {lines:10-90} thousand lines that takes about {seconds:2-40} seconds, which is fine for a nightly run.",
        "Give the variable a better name and half of the confusion goes away.",
        "Do not catch the error unless you can do something about it.",
        "Check that `{file}` is UTF-8; a stray byte in line {line:12-980} is enough.",
        "Use a small copy of the data while you try things out.",
        "Once it works, delete what you no longer need.",
        "The version matters, so pin it to {major:1-6}.{minor:0-19} until you have tested the next one.",
        "Read it aloud to {firstname}, even if {firstname} does not write programs.",
    ],
    threads: &[
        Thread {
            asks: &[
                "How can I read `{file}` in {lang} and sum up `{column}`?",
                "I get `{error}` in line {line:12-980} when my {program} reads `{file}`, what does it mean?",
                "My {lang} script needs {minutes:3-50} minutes for `{file}`, how do I make it faster?",
                "Is {lang} a sensible choice for a {program}, or should I use something else?",
            ],
            contexts: &[
                "The file has about {lines:10-90} thousand lines.",
                "It runs on an old laptop with {gigabytes:2-8} GB of memory.",
                "It worked until I updated it in {month}.",
                "The {program} was written by {firstname2}, who has left.",
                "I have been learning {lang} for {weeks:2-30} weeks.",
            ],
            answers: &[
                "Read it line by line and add up as you go, so that memory stays small:\n\n```python\ntotal = 0.0\nwith open(\"{file}\") as lines:\n    for line in lines:\n        total += float(line.split(\";\")[{index:1-6}])\n```\n\nAdapt the index to your columns.",
                "The error `{error}` says that your {program} expects more than it gets, most likely after an empty line.",
                "Measure before you change anything: in {lang}, nine times out of ten the time goes into opening `{file}` again in every round.",
                "{lang} is fine for a {program}; what matters more is that you keep reading and computing apart.",
            ],
            details: &[
                "Skip the header, or `{column}` itself will be parsed as a number.",
                "A decimal comma in `{column}` breaks the parser, so replace it by a point first.",
                "Read in blocks of {kb:16-256} KB if single lines are too slow.",
                "Use the standard reader for such files; quotes inside quotes are harder than they look.",
                "Log the number of lines you skipped, {skipped:2-60} of them would be suspicious.",
                "Keep the original of `{file}` untouched and write to a new one.",
                "If `{error}` comes back, look at the line before the one it names.",
                "In {lang} a dictionary from key to sum does this in a single pass.",
            ],
            follow_ups: &[
                (
                    "What if `{file}` does not exist?",
                    "Then stop with a clear message that names `{file}`; an empty result would hide the problem.",
                ),
                (
                    "How would I do that in parallel?",
                    "Split it into {parts:2-8} parts at line ends and add up the partial sums; but measure first whether the disk is the limit.",
                ),
                (
                    "Where do I put the password for the database?",
                    "Never into the code: read it from a file that only your {program} may open.",
                ),
                (
                    "Can you explain the line with the index?",
                    "It splits the line at each semicolon and takes field number {index:1-6}, counting from zero.",
                ),
                (
                    "Should I write a test for that?",
                    "Yes, one with {rows:3-9} lines, one empty file, and one with a broken line.",
                ),
            ],
        },
        Thread {
            asks: &[
                "How do I write a query that gives the latest row of `{table}` for each `{column}`?",
                "My query on `{table}` takes {seconds:4-90} seconds, do I need an index on `{column}`?",
                "What is the difference between an inner and a left join, for `{table}` and `{table2}`?",
                "How do I delete duplicates in `{table}` without losing the newest?",
            ],
            contexts: &[
                "`{table}` has {millions:2-80} million rows.",
                "It runs every {weekday} at {hour:1-6} in the morning.",
                "I may not change the tables, only read them.",
                "The `{column}` is sometimes empty.",
            ],
            answers: &[
                "Number the rows inside each group and keep the first:\n\n```sql\nSELECT * FROM (\n  SELECT *, row_number() OVER (PARTITION BY {column} ORDER BY id DESC) AS place\n  FROM {table}\n) AS ranked WHERE place = 1;\n```",
                "An index on `{column}` helps if the query returns less than about {percent:3-15} percent of `{table}`.",
                "An inner join drops the rows of `{table}` that have no partner in `{table2}`; a left join keeps them with empty fields.",
                "Find them first with a count for each `{column}`, look at {rows:5-20} of them by eye, and delete only then.",
            ],
            details: &[
                "Look at the plan: if it says sequential scan on `{table}`, the index is not used.",
                "Empty values sort last in some databases and first in others.",
                "Wrap it in a transaction and check the number of changed rows before you commit.",
                "Run it on {lines:10-90} thousand rows before you run it on everything.",
                "An index on `{column}` costs you about {percent:5-20} percent on every insert.",
                "Name the columns you need instead of using the star.",
                "A function around `{column}` in the condition keeps the index from being used.",
                "Do the heavy part at {hour:1-5} at night, when nobody is waiting for `{table2}`.",
            ],
            follow_ups: &[
                (
                    "And for the last {days:7-90} days only?",
                    "Add a condition on the date inside the inner query, so that fewer rows are sorted.",
                ),
                (
                    "Is a view good for that?",
                    "Yes, a view keeps the query in one place and costs nothing by itself.",
                ),
                (
                    "Why is it slow only on {weekday}?",
                    "Probably the backup of `{table}` runs then; compare the start times.",
                ),
                (
                    "How large will the index be?",
                    "For {millions:2-80} million rows, reckon with about {mb:90-900} MB.",
                ),
            ],
        },
        Thread {
            asks: &[
                "How do I undo my last commit in git? I changed {count:2-30} files by accident.",
                "I want to put my {program} on a small server, what do I need?",
                "Should I use threads or async in {lang} for {count:20-900} connections?",
                "How would you structure a {program} in {lang}? Right now it is one file of {lines:400-3000} lines.",
            ],
            contexts: &[
                "Nobody else works on it.",
                "I have already pushed it.",
                "It has to run for {months:2-18} months without me.",
                "{firstname} will review it on {weekday}.",
            ],
            answers: &[
                "If it is not pushed, `git reset --soft HEAD~1` takes the commit back and keeps your {count:2-30} files as they are.",
                "You need three things: a service file that restarts the {program}, a place for its logs, and a backup that you have restored once.",
                "For {count:20-900} connections that mostly wait, async is the better fit; if they compute, use threads.",
                "Begin by splitting what decides from what reads and writes, and let the tests of the {program} follow that line.",
            ],
            details: &[
                "If it is pushed already, use `git revert`, which adds a commit that takes the change back.",
                "Set a limit of {mb:128-900} MB, so that a leak hurts the {program} and not the whole server.",
                "Move one function at a time, and run the tests after each.",
                "A file of {lines:150-400} lines is a good size for a reader.",
                "Do not expose the port; put a proxy in front of it.",
                "Write down in {lines:5-12} lines how to start it again.",
                "Rotate the logs every {days:7-30} days.",
                "The compiler of {lang} will point out the rest.",
            ],
            follow_ups: &[
                (
                    "What if somebody has pulled it meanwhile?",
                    "Then leave history alone and revert, or {firstname} will have to merge twice.",
                ),
                (
                    "How do I know that it is still running?",
                    "Have it report once every {minutes:5-60} minutes, and get a message when the report is missing.",
                ),
                (
                    "Which part would you split off first?",
                    "The one that reads `{file}`, because everything else can then be tested without it.",
                ),
                (
                    "Is {megabytes:256-900} MB of memory enough?",
                    "For a {program} like that it is, as long as you stream `{file}`.",
                ),
            ],
        },
    ],
};
