//! ARCHITECTURE.md is a tour that fits on two screens: its arrows are those that are held, its trips open eight files each.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fs;

use waft_tidy::root;

mod order;

/// The fewest and the most lines of the tour.
const LINES: (usize, usize) = (80, 120);
/// The most files that a trip through the code opens.
const STOPS: usize = 8;
/// The trips, by their headings.
const TRIPS: [&str; 2] =
    ["## One attribute, from `setContext` to a decision", "## One exposure, from a getter to a report"];

fn tour() -> String {
    fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()
}

#[test]
fn the_tour_is_short() {
    let lines = tour().lines().count();
    assert!(LINES.0 <= lines && lines <= LINES.1, "ARCHITECTURE.md has {lines} lines");
}

#[test]
fn a_trip_opens_eight_files() {
    let tour = tour();
    for heading in TRIPS {
        let (_, trip) = tour.split_once(heading).unwrap_or_else(|| panic!("{heading} is missing"));
        let trip = trip.split("\n## ").next().unwrap();
        let stops: Vec<&str> =
            trip.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit())).collect();
        // Each stop begins with its one file: `1. `path`: what is found there`.
        let files: BTreeSet<&str> = stops
            .iter()
            .map(|stop| {
                stop.split('`').nth(1).filter(|file| file.contains('/')).unwrap_or_else(|| panic!("{stop}: no file"))
            })
            .collect();
        assert_eq!(files.len(), stops.len(), "{heading}: a file is opened twice");
        assert!((4..=STOPS).contains(&files.len()), "{heading}: {} files", files.len());
    }
}

/// The names of a line of the tour's arrows: `src/  limits, error | snapshot`.
fn named<'t>(tour: &'t str, folder: &str) -> Vec<&'t str> {
    let line = tour.lines().find_map(|line| line.strip_prefix(folder)?.strip_prefix("  ")).expect(folder);
    line.split(['|', ',']).map(str::trim).collect()
}

#[test]
fn its_arrows_are_those_that_are_held() {
    let tour = tour();
    let core: Vec<&str> = order::CORE.iter().copied().filter(|name| *name != "lib").collect();
    assert_eq!(named(&tour, "src/    "), core);
    // Entries whose parts are in the folder of another are not drawn.
    let drawn = named(&tour, "pkg/src/");
    let held: Vec<&str> = order::PACKAGE.iter().copied().filter(|name| drawn.contains(name)).collect();
    assert_eq!(drawn, held);
    let left: Vec<&&str> = order::PACKAGE.iter().filter(|name| !drawn.contains(name)).collect();
    assert_eq!(left, [&"openfeature-server", &"openfeature-react", &"explanation", &"counted"]);
}
