-- Times are milliseconds since 1970-01-01T00:00:00Z. References are 16-byte keyed hashes.

CREATE TABLE tenant (
    name TEXT NOT NULL PRIMARY KEY,
    contract TEXT NOT NULL              -- purposes that its contract allows, separated by spaces
);

CREATE TABLE subject (
    id BLOB NOT NULL PRIMARY KEY,       -- 16 random bytes
    reference BLOB NOT NULL UNIQUE,     -- of tenant and the operator's name for the person
    tag BLOB NOT NULL UNIQUE,           -- of the id; how segments name an author
    tenant TEXT NOT NULL,
    epoch BIGINT NOT NULL,              -- whose key wraps the subject's key
    wrapped_key BLOB NOT NULL,
    sealed_profile BLOB NOT NULL,       -- name, tier, region, age, nonce: under the subject's key
    sealed_enrolment BLOB NOT NULL,     -- record and salt: under the subject's key
    enrolled_at BIGINT NOT NULL,
    log_position BIGINT NOT NULL,
    facts_changed BIGINT NOT NULL DEFAULT 0  -- 1: tier, age, region or contract, since the last retention run
);
CREATE INDEX subject_epoch ON subject (epoch);

-- What is left of an erased person, so that the old logs bring nothing back.
CREATE TABLE tombstone (
    reference BLOB NOT NULL PRIMARY KEY,
    tag BLOB,                           -- which ciphertext to purge; nothing once that is done
    erased_at BIGINT NOT NULL,
    purged_at BIGINT
);

-- Conversations that one of their authors had forgotten, so that the old logs bring nothing of it back.
CREATE TABLE forgotten (
    conversation BLOB NOT NULL,         -- as in `conversation`
    author BLOB NOT NULL,               -- as `tag` in `subject`
    forgotten_at BIGINT NOT NULL,       -- what was said later is kept as anything is
    PRIMARY KEY (conversation, author)
) WITHOUT ROWID;

CREATE TABLE notice (
    id BLOB NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL UNIQUE,
    json TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    log_position BIGINT NOT NULL
);

CREATE TABLE event (
    id BLOB NOT NULL PRIMARY KEY,
    subject BLOB NOT NULL,
    purpose TEXT NOT NULL,
    sequence BIGINT NOT NULL,           -- order within subject and purpose
    state TEXT NOT NULL,
    notice BLOB NOT NULL,
    effective_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    attested BIGINT NOT NULL,           -- 1: somebody vouches for it, and the record says who; 2: for a guardian's
    sealed_record BLOB NOT NULL,        -- record and salt: under the subject's key
    log_position BIGINT NOT NULL,
    UNIQUE (subject, purpose, sequence)
);

-- The log's entries in order, as its bundles have them: 32 bytes that commit to a record, or canonical JSON. The log's
-- files are made from this table.
CREATE TABLE log_entry (
    position BIGINT NOT NULL PRIMARY KEY,
    entry BLOB NOT NULL
);

CREATE TABLE segment (
    path TEXT NOT NULL PRIMARY KEY,
    expires_day BIGINT NOT NULL,        -- day since the epoch on which the whole file may go
    bucket BIGINT NOT NULL,             -- leading bits of the authors' tags
    bucket_bits BIGINT NOT NULL,
    pieces BIGINT NOT NULL,
    joint_pieces BIGINT NOT NULL,       -- pieces with several authors, who may be in other buckets
    turns BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 BLOB NOT NULL,               -- of the file
    files_bytes BIGINT NOT NULL,        -- of the file beside it, with images, recordings and documents; or 0
    files_sha256 BLOB
);

-- Which turns are in the vault, so that importing them again is a duplicate.
CREATE TABLE conversation (
    reference BLOB NOT NULL PRIMARY KEY,
    turns BLOB NOT NULL,                -- 8-byte references, each with a byte of purposes; in order of capture
    expires_day BIGINT                  -- since the epoch: when the first of them goes, where that is known
);

CREATE TABLE import_job (
    source TEXT NOT NULL PRIMARY KEY,   -- keyed hash of the files' fingerprints
    sealed_state BLOB,                  -- position and counts: under a key of the operator; none when finished
    finished BIGINT NOT NULL
);

CREATE TABLE release (
    name TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    as_of BIGINT NOT NULL,
    log_position BIGINT NOT NULL,
    statement TEXT NOT NULL             -- the signed statement, as published
);

-- Rows of releases that must not be used again, and no word of whose they were.
CREATE TABLE recall (
    release TEXT NOT NULL,
    row_number BIGINT NOT NULL,
    cause TEXT NOT NULL,
    recorded_day BIGINT NOT NULL,       -- since the epoch: a finer time would tell which rows were one person's
    PRIMARY KEY (release, row_number)
) WITHOUT ROWID;                        -- nor does the order in which they were written

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- What decides about people changed, in this order: for processes that hold it in memory. The oldest entries go.
CREATE TABLE change (
    sequence BIGINT NOT NULL PRIMARY KEY,
    reference BLOB                      -- whose, as in `subject` and `tombstone`; none: everybody's
);

-- Where everybody's choices stood at one moment, as far as the log tells of it.
CREATE TABLE state_epoch (
    epoch BIGINT NOT NULL PRIMARY KEY,  -- counts up from 1
    log_position BIGINT NOT NULL,
    entry TEXT NOT NULL                 -- the log's public entry
);

-- By which signals a person's programs asked that less is kept, and when: under the subject's key.
CREATE TABLE signal (
    subject BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
);

-- From when to when the key of each epoch wrapped people's keys.
CREATE TABLE key_epoch (
    epoch BIGINT NOT NULL PRIMARY KEY,
    begun_at BIGINT NOT NULL,
    ended_at BIGINT                     -- when the next one took its place and its key was destroyed
);

-- What people ask for about their rights; it goes with the person, or when its time is over.
CREATE TABLE request (
    id BLOB NOT NULL PRIMARY KEY,       -- 16 random bytes
    reference BLOB NOT NULL,            -- whose, as in `subject`, who need not be enrolled
    enrolled BIGINT NOT NULL,           -- 1: sealed under the subject's key; 0: under a key of the operator
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    sealed BLOB NOT NULL                -- all that was said, and how far it is
);
CREATE INDEX request_reference ON request (reference);

-- The steps of a request, each in the log.
CREATE TABLE request_step (
    request BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    sealed_record BLOB NOT NULL,        -- record and salt: under the same key
    log_position BIGINT NOT NULL,
    PRIMARY KEY (request, sequence)
);

-- How many requests were forgotten, and no word of whose they were.
CREATE TABLE request_tally (
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    forgotten BIGINT NOT NULL,
    PRIMARY KEY (kind, state)
);
