//! Ramps that a guard holds, and what people do about that.

use serde_json::json;
use waft_commands::delivery::guarded::Outcome;
use waft_commands::delivery::{propose, rollback};
use waft_commands::host::Host as _;
use waft_commands::ramp::{self, Known};

use super::{
    RULES, alone, approve, approved, done, edit, held, proposal, proposed, reject, release, rules, stands, state,
    version,
};

/// An edit between what is compared and what is signed would go out with nobody's limits, and without a look.
#[test]
fn edit_while_a_ramp_is_held_is_never_signed() {
    let host = alone();
    release(&host);
    let edited = RULES.replace("default: on }", "default: off }");
    host.meanwhile("no rule tests", "rules/a.yaml", edited.as_str());
    let error = held(&host).unwrap_err();
    assert!(error.contains("rules/a.yaml: somebody changed it meanwhile"), "{error}");
    assert_eq!((version(&host), rules(&host)), (json!(1), edited));
    // Nor is one that comes once the pause is written.
    host.put("rules/a.yaml", RULES);
    let known = Known { ramp: Some("header".to_owned()), ruleset: "rules".to_owned(), ..Known::default() };
    done(&host, ramp::run(&ramp::Change::Pause, &known, &host));
    let paused = rules(&host);
    host.put("rules/a.yaml", RULES);
    assert!(matches!(held(&host), Ok(Outcome::Published { version: 2, .. })));
    assert_eq!(rules(&host).lines().count(), paused.lines().count());
}

#[test]
fn hold_takes_the_place_of_nothing_that_people_proposed() {
    for host in [alone(), approved()] {
        release(&host);
        edit(&host, "default: on }", "default: off }");
        release(&host);
        // A roll-back that waits for its publication, or a change.
        let is_back = state(&host)["waitsFor"] == json!([]);
        if is_back {
            let options = propose::Options { ruleset: String::new(), ..proposal(&host) };
            done(&host, rollback::run(&options, None, &host));
        } else {
            edit(&host, "default: off }", "default: on }");
            proposed(&host);
            edit(&host, "default: on }", "default: off }");
        }
        let before = (state(&host), rules(&host));
        let outcome = held(&host).unwrap();
        assert!(stands(&outcome).contains("version 3 is proposed (releases/"), "{outcome:?}");
        assert_eq!((state(&host), rules(&host)), before);
    }
}

#[test]
fn hold_that_was_rejected_or_resumed_is_not_repeated() {
    let host = approved();
    release(&host);
    let outcome = held(&host).unwrap();
    assert!(matches!(outcome, Outcome::Waits { version: 2, .. }), "{outcome:?}");
    // In another checkout it is not proposed again.
    host.put("rules/a.yaml", RULES);
    assert!(matches!(held(&host), Ok(Outcome::Waits { version: 2, .. })));
    assert_eq!(rules(&host), RULES);
    reject(&host, "it is the collector");
    let outcome = held(&host).unwrap();
    assert!(stands(&outcome).ends_with(": it is the collector"), "{outcome:?}");
    // Nor once something else was proposed and rejected.
    edit(&host, "default: on }", "default: off }");
    proposed(&host);
    reject(&host, "no");
    host.put("rules/a.yaml", RULES);
    assert!(stands(&held(&host).unwrap()).contains("another proposal took its place"));
    assert_eq!((version(&host), rules(&host).as_str()), (json!(1), RULES));

    let host = alone();
    release(&host);
    assert!(matches!(held(&host), Ok(Outcome::Published { version: 2, .. })));
    // A checkout without the pause is told of it.
    host.put("rules/a.yaml", RULES);
    assert!(matches!(held(&host), Ok(Outcome::Published { version: 2, .. })));
    assert_eq!(version(&host), 2);
    // Nor does one that never had it end the pause: an unattended run there is nobody's decision.
    release(&host);
    assert_eq!((version(&host), rules(&host).as_str()), (json!(3), RULES));
    assert!(matches!(held(&host), Ok(Outcome::Published { version: 4, .. })));
    // The rules have the pause already, and pages have not.
    let paused = rules(&host);
    host.put("rules/a.yaml", RULES);
    release(&host);
    host.put("rules/a.yaml", &paused);
    assert!(matches!(held(&host), Ok(Outcome::Published { version: 6, .. })));
    assert_eq!(rules(&host), paused);
    // Who resumes it has seen the harm, until the next step.
    let known = Known { ramp: Some("header".to_owned()), ruleset: "rules".to_owned(), ..Known::default() };
    done(&host, ramp::run(&ramp::Change::Resume, &known, &host));
    release(&host);
    let outcome = held(&host).unwrap();
    assert!(stands(&outcome).contains("version 6 paused the ramp before this step"), "{outcome:?}");
    host.wait(27 * 86_400);
    let end = rules(&host).lines().last().unwrap().to_owned() + "\n";
    edit(&host, &end, &format!("{end}          - {{ to: 50%, at: 2027-01-20 }}\n"));
    release(&host);
    assert!(matches!(held(&host), Ok(Outcome::Published { version: 9, .. })));
}

/// The file that a guard wrote is read by its next look, which has to bring the hold to pages all the same.
#[test]
fn hold_that_waited_for_an_approval_is_published_by_a_later_look() {
    let host = approved();
    release(&host);
    assert!(matches!(held(&host), Ok(Outcome::Waits { version: 2, .. })));
    let paused = rules(&host);
    assert!(paused.contains("paused: "), "{paused}");
    assert!(matches!(held(&host), Ok(Outcome::Waits { version: 2, .. })));
    approve(&host);
    for _ in 0..2 {
        let outcome = held(&host).unwrap();
        assert!(matches!(outcome, Outcome::Published { version: 2, .. }), "{outcome:?}");
    }
    assert_eq!((version(&host), rules(&host)), (json!(2), paused));
}

/// A pause that people made is not claimed before pages have it, and needs nothing once they do.
#[test]
fn pause_that_people_made_is_held_once_pages_have_it() {
    let host = alone();
    release(&host);
    let known = Known { ramp: Some("header".to_owned()), ruleset: "rules".to_owned(), ..Known::default() };
    done(&host, ramp::run(&ramp::Change::Pause, &known, &host));
    edit(&host, "default: on }", "default: off }");
    let error = held(&host).unwrap_err();
    assert!(
        error.contains("differs from version 1, which is live") && error.contains("release these rules"),
        "{error}"
    );
    release(&host);
    for later in [0, 60 * 86_400] {
        host.wait(later);
        assert_eq!(held(&host), Ok(Outcome::Paused { version: 2 }));
    }
}

/// A proposal with all signatures that is no hold is for whoever made it.
#[test]
fn hold_publishes_nothing_that_people_proposed() {
    let host = alone();
    release(&host);
    edit(&host, "default: on }", "default: off }");
    proposed(&host);
    let outcome = held(&host).unwrap();
    assert!(stands(&outcome).contains("version 2 is proposed"), "{outcome:?}");
    assert_eq!(version(&host), 1);
}

/// A run that ends between publishing and its record leaves what no later look could explain.
#[test]
fn publication_that_was_not_recorded_is_recorded_by_the_next_look() {
    let host = alone();
    release(&host);
    assert!(matches!(held(&host), Ok(Outcome::Published { version: 2, .. })));
    host.take("releases/0004.yaml");
    let outcome = held(&host).unwrap();
    assert!(matches!(outcome, Outcome::Published { version: 2, .. }), "{outcome:?}");
    assert!(host.read("releases/0004.yaml").is_ok());
}
