-- From schema 5 to 6, in both databases: what an experiment's results are told apart by.
ALTER TABLE exposures ADD COLUMN breakdown TEXT;
