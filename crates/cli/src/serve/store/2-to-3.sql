-- From schema 2 to 3, in both databases: which browser it was.
ALTER TABLE exposures ADD COLUMN browser TEXT;
