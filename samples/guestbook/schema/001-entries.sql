-- The book. AUTOINCREMENT: a key is never given twice, so that nobody inherits the
-- right to take back an entry from somebody who took back the last one.
CREATE TABLE entries (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	written INTEGER NOT NULL, -- unix time
	name    TEXT NOT NULL,
	message TEXT NOT NULL
);
