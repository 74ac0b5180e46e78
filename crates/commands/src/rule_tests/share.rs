//! How many people of a table get which variant.

use waft::program::UnitKind;
use waft::{NoTrace, Program, Session, evaluate};

use super::outcome::Failure;
use waft_explain::decision;
use waft_explain::population::Rows;
use waft_ruleset::cases::{Shares, Within};
use waft_ruleset::{Share, counted};

/// How a flag was decided for everybody.
#[derive(Default)]
struct Count {
    /// By variant.
    of: Vec<u64>,
    /// The units that were asked for and that somebody lacks, a bit each.
    missing: u32,
    /// How many lack one.
    without: u64,
}

/// Counts the people of a CSV. What is not as expected is returned; an error says what is wrong with the table.
pub(super) fn check(program: &Program, csv: &[u8], expected: &[Shares], at: i64) -> Result<Vec<Failure>, String> {
    let mut table = Rows::open(program, csv)?;
    let mut session = Session::new(program);
    let flags: Vec<_> =
        expected.iter().map(|shares| decision::flags(program, Some(&shares.flag)).into_iter().next()).collect();
    let mut counts: Vec<Count> = expected.iter().map(|_| Count::default()).collect();
    let mut rows = 0;
    while table.next(program, &mut session)? {
        rows += 1;
        for (flag, count) in flags.iter().zip(&mut counts) {
            let Some((flag, _)) = flag else { continue };
            let decided = evaluate(program, *flag, &mut session, at, &mut NoTrace);
            count.missing |= decided.missing;
            count.without += u64::from(decided.missing != 0);
            let Ok(variant) = decided.variant else { continue };
            let variant = usize::from(variant);
            if count.of.len() <= variant {
                count.of.resize(variant + 1, 0);
            }
            if let Some(count) = count.of.get_mut(variant) {
                *count += 1;
            }
        }
    }
    if rows == 0 {
        return Err("nobody is in the table".to_owned());
    }
    let mut failures = Vec::new();
    for ((shares, flag), count) in expected.iter().zip(&flags).zip(&counts) {
        let Some((flag, _)) = flag else { continue };
        let Some(flag) = program.flag(*flag) else { continue };
        let named = |variant: usize| {
            let found = program.variant(&flag, u8::try_from(variant).ok()?)?;
            Some(program.str(found.key).to_owned())
        };
        let told: Vec<(String, u64)> =
            (0..count.of.len()).filter_map(|variant| Some((named(variant)?, *count.of.get(variant)?))).collect();
        let of = |name: &str| told.iter().filter(|(key, _)| key == name).map(|(_, count)| count).sum::<u64>();
        failures.extend(shares.within.iter().filter_map(|within| {
            let got = of(&within.variant);
            // Whom a unit is missing was not drawn: shares of them say nothing about a split.
            let is_drawn = count.without < rows;
            (!is_within(within, got, rows) || !is_drawn).then(|| Failure {
                place: within.place,
                flag: shares.flag.clone(),
                expected: format!("{} of {rows} people with variant {}", range(within), within.variant),
                got: format!("{} ({})", counted_of(got, rows), rest(program, &told, rows, count)),
                why: Vec::new(),
            })
        }));
    }
    Ok(failures)
}

/// Both ends are in.
fn is_within(within: &Within, got: u64, rows: u64) -> bool {
    let got = u128::from(got) * u128::from(Share::ALL.0);
    let share = |share: Share| u128::from(share.0) * u128::from(rows);
    (share(within.from)..=share(within.to)).contains(&got)
}

fn range(within: &Within) -> String {
    if within.from == within.to { within.from.to_string() } else { format!("{}-{}", within.from, within.to) }
}

/// `453, 45.3%`.
fn counted_of(got: u64, rows: u64) -> String {
    let millionths = u128::from(got) * u128::from(Share::ALL.0) / u128::from(rows.max(1));
    format!("{got}, {}", Share(u32::try_from(millionths).unwrap_or(u32::MAX)))
}

/// How many got what, and who could not be drawn.
fn rest(program: &Program, told: &[(String, u64)], rows: u64, count: &Count) -> String {
    let mut parts: Vec<String> = told
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| {
            let name = if name.is_empty() { "the caller's default" } else { name };
            format!("{name}: {}", counted_of(*count, rows))
        })
        .collect();
    let unit = u16::try_from(count.missing.trailing_zeros()).ok().and_then(|unit| program.unit(unit));
    if let Some(UnitKind { slot, .. }) = unit.filter(|_| count.missing != 0) {
        let attribute = program.attribute(slot).map_or("", |attribute| program.str(attribute.name));
        let people = counted(usize::try_from(count.without).unwrap_or(usize::MAX), "row");
        parts.push(format!("{people} without `{attribute}`, the unit that is randomised"));
    }
    parts.join(", ")
}
