//! The tables as they are made, and the steps to them from earlier schemas.

/// The number of the schema. A later one adds a step to each store's `prepare`.
pub(super) const SCHEMA: i32 = 6;

/// Brings a database of schema 2 to 3.
pub(super) const FROM_2_TO_3: &str = include_str!("2-to-3.sql");

/// And one of schema 3 to 4, in SQLite's words.
pub(super) const FROM_3_TO_4: &str = include_str!("3-to-4.sql");

/// And one of schema 4 to 5.
pub(super) const FROM_4_TO_5: &str = include_str!("4-to-5.sql");

/// And one of schema 5 to 6.
pub(super) const FROM_5_TO_6: &str = include_str!("5-to-6.sql");

/// The tables as schema.sql makes them, in SQLite's words.
pub(super) const TABLES: &str = include_str!("schema.sql");
