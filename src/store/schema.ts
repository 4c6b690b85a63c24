/** Raised whenever a table changes; a store of a higher version is left alone. */
export const schemaVersion = 2;

/** "cxpc", SQLite's mark of whose file it is. */
export const applicationId = 0x63787063;

/** What version 2 added: how responses were made, event by event, and which are being made. */
const scripts = `
CREATE TABLE scripts (
  object INTEGER NOT NULL,
  piece INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (object, piece)
) STRICT, WITHOUT ROWID;
CREATE TABLE runs (
  object INTEGER PRIMARY KEY,
  runner TEXT NOT NULL,
  cancelled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TRIGGER object_removed AFTER DELETE ON objects BEGIN
  DELETE FROM object_texts WHERE object = OLD.object;
  DELETE FROM scripts WHERE object = OLD.object;
  DELETE FROM runs WHERE object = OLD.object;
END;`;

/**
 * Objects are what clients can name: responses, conversations, chat completions. What was said is in segments: a turn's
 * input and output, or the items that were added to a conversation in one request. A segment points at the one before,
 * so that a conversation is stored once however many responses follow on it; it stays as long as an object or another
 * segment points at it. Texts are cut into pieces, so that no row takes long to write or read. A run is a response that
 * is being made, and who makes it.
 */
export const schema = `
CREATE TABLE objects (
  object INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('response', 'conversation', 'completion')),
  id TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  segment INTEGER REFERENCES segments,
  model TEXT,
  metadata TEXT
) STRICT;
CREATE INDEX objects_by_kind ON objects (kind);
CREATE INDEX objects_by_use ON objects (used_at);
CREATE INDEX objects_by_segment ON objects (segment);

CREATE TABLE object_texts (
  object INTEGER NOT NULL,
  piece INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (object, piece)
) STRICT, WITHOUT ROWID;
${scripts}

CREATE TABLE segments (
  segment INTEGER PRIMARY KEY AUTOINCREMENT,
  parent INTEGER REFERENCES segments,
  conversation_key TEXT
) STRICT;
CREATE INDEX segments_by_parent ON segments (parent);

CREATE TABLE items (
  item INTEGER PRIMARY KEY AUTOINCREMENT,
  segment INTEGER NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('input', 'output')),
  id TEXT NOT NULL
) STRICT;
CREATE INDEX items_by_segment ON items (segment);
CREATE INDEX items_by_id ON items (id);

CREATE TABLE item_texts (
  segment INTEGER NOT NULL,
  item INTEGER NOT NULL,
  piece INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (segment, item, piece)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER segment_removed AFTER DELETE ON segments BEGIN
  DELETE FROM items WHERE segment = OLD.segment;
  DELETE FROM item_texts WHERE segment = OLD.segment;
END;

PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${schemaVersion};
`;

/** SQL that makes the tables of an older version those of the next, by the older version's number. */
export const upgrades: { readonly [version: number]: string } = {
  1: `DROP TRIGGER object_removed;\n${scripts}\nPRAGMA user_version = 2;`,
};

/**
 * SQL that removes objects, and the segments that nothing points at any more. The numbers are the database's own, so
 * they can stand in the text, and the whole of it runs away from the event loop.
 */
export function removal(victims: readonly { readonly object: number; readonly segment: number | null }[]): string {
  return victims
    .map(({ object, segment }) => {
      const statement = `DELETE FROM objects WHERE object = ${object};`;
      return segment === null ? statement : `${statement}\n${removeUnused(segment)}`;
    })
    .join('\n');
}

/** From a segment without a use, back to the first that has another. */
const removeUnused = (segment: number) => `
WITH RECURSIVE unused (segment, parent) AS (
  SELECT segment, parent FROM segments WHERE segment = ${segment}
    AND NOT EXISTS (SELECT 1 FROM objects WHERE objects.segment = segments.segment)
    AND NOT EXISTS (SELECT 1 FROM segments AS next WHERE next.parent = segments.segment)
  UNION ALL
  SELECT segments.segment, segments.parent FROM unused JOIN segments ON segments.segment = unused.parent
    WHERE NOT EXISTS (SELECT 1 FROM objects WHERE objects.segment = segments.segment)
    AND (SELECT count(*) FROM segments AS next WHERE next.parent = segments.segment) = 1
)
DELETE FROM segments WHERE segment IN (SELECT segment FROM unused);`;
