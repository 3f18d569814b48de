-- Why a file is taken, in the words of whoever sends it.
ALTER TABLE import ADD COLUMN reason TEXT CHECK (length(reason) BETWEEN 1 AND 200);

-- What the headings and names of a sender's files mean, JSON, beside what their marks mean.
ALTER TABLE profile ADD COLUMN headings TEXT NOT NULL DEFAULT '{}' CHECK (length(headings) BETWEEN 2 AND 20000);
ALTER TABLE profile ADD COLUMN names TEXT NOT NULL DEFAULT '{}' CHECK (length(names) BETWEEN 2 AND 20000);
