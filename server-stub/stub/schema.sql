-- Times are ISO 8601 UTC with milliseconds, as in the vendor's API; an empty text is "never". They sort as text.
CREATE TABLE IF NOT EXISTS organization (
  id        TEXT PRIMARY KEY,
  name      TEXT NOT NULL,
  enrollment_allowed INTEGER NOT NULL DEFAULT 0, -- settings.enableUserPortalAgentInstall
  announced TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE IF NOT EXISTS admins (
  id        TEXT PRIMARY KEY,
  email     TEXT NOT NULL UNIQUE COLLATE NOCASE,
  name      TEXT NOT NULL,
  role      TEXT NOT NULL CHECK (role IN ('administrator', 'help desk', 'read only')),
  connect_key TEXT NOT NULL,
  password  TEXT NOT NULL,                       -- argon2id
  bad_tries INTEGER NOT NULL DEFAULT 0,
  locked_until TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE IF NOT EXISTS users (
  id        TEXT PRIMARY KEY,
  username  TEXT NOT NULL UNIQUE,
  email     TEXT NOT NULL UNIQUE COLLATE NOCASE,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  password  TEXT NOT NULL,                       -- argon2id
  totp_secret TEXT NOT NULL DEFAULT '',          -- base32
  totp_step INTEGER NOT NULL DEFAULT 0,          -- the last time step whose code was used
  bad_tries INTEGER NOT NULL DEFAULT 0,
  locked_until TEXT NOT NULL DEFAULT ''
) STRICT;

-- Connect keys of admins and users. value is the bare form of 40 hexadecimal digits, also of a tenant key.
CREATE TABLE IF NOT EXISTS connect_keys (
  value     TEXT PRIMARY KEY,
  owner_type TEXT NOT NULL CHECK (owner_type IN ('administrator', 'user')),
  owner_id  TEXT NOT NULL,
  created   TEXT NOT NULL,
  expires   TEXT NOT NULL DEFAULT '',
  used      TEXT NOT NULL DEFAULT ''             -- when a certificate was last signed with it
) STRICT;

CREATE TABLE IF NOT EXISTS systems (
  id        TEXT PRIMARY KEY,                    -- the systemKey
  hostname  TEXT NOT NULL,
  display_name TEXT NOT NULL,
  os        TEXT NOT NULL,
  os_family TEXT NOT NULL,
  version   TEXT NOT NULL,
  arch      TEXT NOT NULL,
  agent_version TEXT NOT NULL,
  serial_number TEXT NOT NULL,
  remote_ip TEXT NOT NULL,
  template_name TEXT NOT NULL,
  cert_uuid TEXT NOT NULL UNIQUE,
  created   TEXT NOT NULL,
  last_contact TEXT NOT NULL DEFAULT '',
  provisioner_type TEXT NOT NULL,
  provisioner_id TEXT NOT NULL,
  deleted   TEXT NOT NULL DEFAULT ''             -- deleted by an admin; the agent is told at its next poll
) STRICT;

-- Client certificates that were signed.
CREATE TABLE IF NOT EXISTS certificates (
  uuid      TEXT PRIMARY KEY,                    -- the common name
  public_key TEXT NOT NULL,                      -- SHA-256 of the SubjectPublicKeyInfo, hexadecimal
  owner_type TEXT NOT NULL,                      -- whose connect key paid for it
  owner_id  TEXT NOT NULL,
  template  TEXT NOT NULL DEFAULT '',            -- of the last GetAgentInstall
  created   TEXT NOT NULL,
  system_id TEXT NOT NULL DEFAULT '',
  revoked   TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE IF NOT EXISTS associations (
  system_id TEXT NOT NULL REFERENCES systems (id),
  user_id   TEXT NOT NULL REFERENCES users (id),
  created   TEXT NOT NULL,
  PRIMARY KEY (system_id, user_id)
) STRICT;

CREATE TABLE IF NOT EXISTS mails (
  id        INTEGER PRIMARY KEY,
  recipient TEXT NOT NULL,
  sender    TEXT NOT NULL,
  subject   TEXT NOT NULL,
  text      TEXT NOT NULL,
  sent      TEXT NOT NULL,
  system_id TEXT NOT NULL DEFAULT '',
  user_id   TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE IF NOT EXISTS events (
  seq       INTEGER PRIMARY KEY,
  id        TEXT NOT NULL UNIQUE,
  type      TEXT NOT NULL,
  time      TEXT NOT NULL,
  actor_id  TEXT NOT NULL,
  system_id TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  detail    TEXT NOT NULL,
  success   INTEGER NOT NULL
) STRICT;

-- Keys of the public API. An admin of an older database gets one here.
CREATE TABLE IF NOT EXISTS api_keys (
  admin_id  TEXT PRIMARY KEY REFERENCES admins (id),
  value     TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO api_keys SELECT id, lower(hex(randomblob(20))) FROM admins WHERE id NOT IN (SELECT admin_id FROM api_keys);

-- What the public API changed of a system; a system without a row has the defaults.
CREATE TABLE IF NOT EXISTS system_options (
  system_id TEXT PRIMARY KEY REFERENCES systems (id),
  ssh_root  INTEGER NOT NULL,
  ssh_password INTEGER NOT NULL,
  public_key INTEGER NOT NULL,
  multi_factor INTEGER NOT NULL
) STRICT;

-- What the agent told of its computer besides what stands in systems, in the API's own names, and the recovery key of
-- its disk. A system without a row told nothing.
CREATE TABLE IF NOT EXISTS system_reports (
  system_id TEXT PRIMARY KEY REFERENCES systems (id),
  body      TEXT NOT NULL,                       -- JSON
  fde_key   TEXT NOT NULL DEFAULT ''
) STRICT;

-- What the public API noted on a system, as JSON.
CREATE TABLE IF NOT EXISTS system_labels (
  system_id TEXT PRIMARY KEY REFERENCES systems (id),
  attributes TEXT NOT NULL,
  tags      TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS system_groups (
  id        TEXT PRIMARY KEY,
  name      TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL DEFAULT '',
  email     TEXT NOT NULL DEFAULT '',
  attributes TEXT NOT NULL DEFAULT 'null'        -- JSON
) STRICT;

CREATE TABLE IF NOT EXISTS system_group_members (
  group_id  TEXT NOT NULL REFERENCES system_groups (id),
  system_id TEXT NOT NULL REFERENCES systems (id),
  PRIMARY KEY (group_id, system_id)
) STRICT;

-- What the public API changed of a user; a user without a row has the defaults.
CREATE TABLE IF NOT EXISTS user_options (
  user_id   TEXT PRIMARY KEY REFERENCES users (id),
  state     TEXT NOT NULL CHECK (state IN ('STAGED', 'ACTIVATED', 'SUSPENDED')),
  system_username TEXT NOT NULL DEFAULT '',      -- of the account on devices, where it is another
  body      TEXT NOT NULL                        -- JSON, in the API's own names
) STRICT;

-- When a user was asked to install the agent.
CREATE TABLE IF NOT EXISTS asks (
  user_id   TEXT NOT NULL REFERENCES users (id),
  os        TEXT NOT NULL,
  asked     TEXT NOT NULL,
  PRIMARY KEY (user_id, asked)
) STRICT;

-- What became of the mails that a relay was asked to take. failed is empty for those it took.
CREATE TABLE IF NOT EXISTS relays (
  mail_id   INTEGER PRIMARY KEY REFERENCES mails (id),
  tries     INTEGER NOT NULL,
  failed    TEXT NOT NULL,
  time      TEXT NOT NULL
) STRICT;

-- What computers told of enrollments that failed or were given up; the vendor has nothing like it. seq is the order in
-- which they came.
CREATE TABLE IF NOT EXISTS reports (
  seq       INTEGER PRIMARY KEY,
  id        TEXT NOT NULL UNIQUE,                -- made by the computer
  device    TEXT NOT NULL,
  received  TEXT NOT NULL,
  step      TEXT NOT NULL,
  code      TEXT NOT NULL,
  outcome   TEXT NOT NULL,
  body      TEXT NOT NULL                        -- JSON, as it came
) STRICT;
CREATE INDEX IF NOT EXISTS reports_cause ON reports (step, code, received);
CREATE INDEX IF NOT EXISTS reports_device ON reports (device, received);
CREATE INDEX IF NOT EXISTS reports_received ON reports (received);

-- Of which failures the admins were told; it stays when the reports are deleted.
CREATE TABLE IF NOT EXISTS reports_told (
  device    TEXT NOT NULL,
  step      TEXT NOT NULL,
  code      TEXT NOT NULL,
  PRIMARY KEY (device, step, code)
) STRICT;

-- What a computer shows to be allowed to report: one token, made when it is first asked for.
CREATE TABLE IF NOT EXISTS report_token (
  value     TEXT PRIMARY KEY
) STRICT;

-- One for every field that the public API sorts and filters by.
CREATE INDEX IF NOT EXISTS systems_hostname ON systems (hostname, id) WHERE deleted = '';
CREATE INDEX IF NOT EXISTS systems_display_name ON systems (display_name, id) WHERE deleted = '';
CREATE INDEX IF NOT EXISTS systems_os ON systems (os, id) WHERE deleted = '';
CREATE INDEX IF NOT EXISTS systems_os_family ON systems (os_family, id) WHERE deleted = '';
CREATE INDEX IF NOT EXISTS systems_version ON systems (version, id) WHERE deleted = '';
CREATE INDEX IF NOT EXISTS systems_agent_version ON systems (agent_version, id) WHERE deleted = '';
CREATE INDEX IF NOT EXISTS systems_serial_number ON systems (serial_number, id) WHERE deleted = '';
CREATE INDEX IF NOT EXISTS systems_created ON systems (created, id) WHERE deleted = '';
CREATE INDEX IF NOT EXISTS systems_last_contact ON systems (last_contact, id) WHERE deleted = '';
CREATE INDEX IF NOT EXISTS users_first_name ON users (first_name, id);
CREATE INDEX IF NOT EXISTS users_last_name ON users (last_name, id);
CREATE INDEX IF NOT EXISTS system_group_members_system ON system_group_members (system_id, group_id);
CREATE INDEX IF NOT EXISTS associations_user ON associations (user_id, system_id);
CREATE INDEX IF NOT EXISTS events_time ON events (time, seq);

-- The text of systems by runs of three characters, which a search looks in first: https://www.sqlite.org/fts5.html#the_trigram_tokenizer
CREATE VIRTUAL TABLE IF NOT EXISTS systems_text USING fts5(hostname, display_name, serial_number, os, version, content = 'systems', tokenize = 'trigram');
CREATE TRIGGER IF NOT EXISTS systems_text_new AFTER INSERT ON systems BEGIN
  INSERT INTO systems_text (rowid, hostname, display_name, serial_number, os, version)
    VALUES (new.rowid, new.hostname, new.display_name, new.serial_number, new.os, new.version);
END;
CREATE TRIGGER IF NOT EXISTS systems_text_gone AFTER DELETE ON systems BEGIN
  INSERT INTO systems_text (systems_text, rowid, hostname, display_name, serial_number, os, version)
    VALUES ('delete', old.rowid, old.hostname, old.display_name, old.serial_number, old.os, old.version);
END;
CREATE TRIGGER IF NOT EXISTS systems_text_other AFTER UPDATE OF hostname, display_name, serial_number, os, version ON systems
WHEN (old.hostname, old.display_name, old.serial_number, old.os, old.version) IS NOT (new.hostname, new.display_name, new.serial_number, new.os, new.version) BEGIN
  INSERT INTO systems_text (systems_text, rowid, hostname, display_name, serial_number, os, version)
    VALUES ('delete', old.rowid, old.hostname, old.display_name, old.serial_number, old.os, old.version);
  INSERT INTO systems_text (rowid, hostname, display_name, serial_number, os, version)
    VALUES (new.rowid, new.hostname, new.display_name, new.serial_number, new.os, new.version);
END;
-- A database of before has systems whose text is not there yet.
INSERT INTO systems_text (systems_text) SELECT 'rebuild' WHERE (SELECT count(*) FROM systems) <> (SELECT count(*) FROM systems_text_docsize);
