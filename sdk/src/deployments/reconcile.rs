//! What makes the schedules that a deployment has those that it is to have. No I/O.
//!
//! The server knows the runs of a schedule by its id: a schedule that is made anew makes all its runs once more. So those that are
//! there are kept, and changed in their place.

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound as _, Utc};
use prefect_client::Patch;
use prefect_client::models::{
    DeploymentSchedule, DeploymentScheduleCreate, DeploymentScheduleUpdate, Schedule,
};
use uuid::Uuid;

use super::RunSchedule;
use crate::Error;

/// Says when a rule of iCalendar begins.
const START: &str = "DTSTART";

/// The longest interval, in seconds: a billion days, as Python's `timedelta` has it.
const LONGEST: f64 = 86_400e9 - 1.0;

/// What is done with one schedule.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    Remove(Uuid),
    Change(Uuid, Box<DeploymentScheduleUpdate>),
    Make(Box<DeploymentScheduleCreate>),
}

/// The slug of each schedule: those that none was given to get the name of their kind.
fn slugs(wanted: &[RunSchedule]) -> Result<Vec<String>, Error> {
    let mut taken = BTreeSet::new();
    for slug in wanted.iter().filter_map(|schedule| schedule.slug.as_ref()) {
        if slug.is_empty() || !taken.insert(slug.clone()) {
            let text = format!("`{slug}` can't be the slug of a schedule: each has one of its own");
            return Err(Error::invalid(text));
        }
    }
    let mut slug = |schedule: &RunSchedule| {
        if let Some(slug) = &schedule.slug {
            return slug.clone();
        }
        let kind = schedule.kind();
        let numbered = (2_usize..).map(|number| format!("{kind}-{number}"));
        let mut names = std::iter::once(kind.to_owned()).chain(numbered);
        let free = names.find(|name| taken.insert(name.clone()));
        free.unwrap_or_default()
    };
    Ok(wanted.iter().map(&mut slug).collect())
}

/// The schedules of a deployment that is not there yet.
pub(super) fn made(
    wanted: &[RunSchedule],
    now: DateTime<Utc>,
) -> Result<Vec<DeploymentScheduleCreate>, Error> {
    let slugs = slugs(wanted)?;
    let each = wanted.iter().zip(slugs);
    each.map(|(schedule, slug)| {
        check(schedule)?;
        Ok(create(schedule, slug, now))
    })
    .collect()
}

/// What is to be done, in this order.
pub(super) fn steps(
    wanted: &[RunSchedule],
    known: &[DeploymentSchedule],
    now: DateTime<Utc>,
) -> Result<Vec<Step>, Error> {
    let slugs = slugs(wanted)?;
    let mut left: Vec<&DeploymentSchedule> = known.iter().collect();
    let mut changed = Vec::new();
    let mut new = Vec::new();
    for (schedule, slug) in wanted.iter().zip(&slugs) {
        check(schedule)?;
        let by_slug = |slug: &str| {
            left.iter()
                .position(|known| known.slug.as_deref() == Some(slug))
        };
        let place = by_slug(slug).or_else(|| by_slug(schedule.replaces.as_deref()?));
        match place {
            Some(place) => {
                let known = left.remove(place);
                changed.extend(change(schedule, slug, known).map(|body| (known.id, body)));
            }
            None => new.push((schedule, slug)),
        }
    }
    let mut made = Vec::new();
    for (schedule, slug) in new {
        // One that others have made without a slug is the same one if it says the same.
        let place = left
            .iter()
            .position(|known| known.slug.is_none() && is_same_rule(schedule, known));
        match place {
            Some(place) => {
                let known = left.remove(place);
                changed.extend(change(schedule, slug, known).map(|body| (known.id, body)));
            }
            None => made.push(create(schedule, slug.clone(), now)),
        }
    }
    // A slug that is given back is free for another one.
    let removed = left.iter().map(|known| Step::Remove(known.id));
    let changed = changed.into_iter();
    let changed = changed.map(|(id, body)| Step::Change(id, Box::new(body)));
    let made = made.into_iter().map(|body| Step::Make(Box::new(body)));
    Ok(removed.chain(changed).chain(made).collect())
}

fn check(schedule: &RunSchedule) -> Result<(), Error> {
    match &schedule.rule {
        Schedule::IntervalSchedule(rule) if !is_interval(rule.interval) => Err(Error::invalid(
            "the interval of a schedule is longer than nothing, and comes to an end",
        )),
        _ => Ok(()),
    }
}

/// What the server takes, which keeps microseconds, as Python's `timedelta` does.
fn is_interval(seconds: f64) -> bool {
    in_microseconds(seconds) > 0.0 && seconds <= LONGEST
}

fn in_microseconds(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

fn create(schedule: &RunSchedule, slug: String, now: DateTime<Utc>) -> DeploymentScheduleCreate {
    let mut rule = filled_in(&schedule.rule);
    if let Schedule::IntervalSchedule(rule) = &mut rule {
        rule.anchor_date.get_or_insert(now.trunc_subsecs(6));
    }
    let mut body = DeploymentScheduleCreate::new(rule)
        .slug(slug)
        .active(schedule.active.unwrap_or(true))
        .parameters(schedule.parameters.clone());
    body.max_scheduled_runs = schedule.max_scheduled_runs;
    body
}

/// What is changed of one that is there; `None` where it is as it is to be.
fn change(
    schedule: &RunSchedule,
    slug: &str,
    known: &DeploymentSchedule,
) -> Option<DeploymentScheduleUpdate> {
    let mut body = DeploymentScheduleUpdate::new();
    if !is_same_rule(schedule, known) {
        body.schedule = Patch::Value(rule(schedule, known));
    }
    if known.slug.as_deref() != Some(slug) {
        body.slug = Patch::Value(slug.to_owned());
    }
    if let Some(active) = schedule.active.filter(|active| *active != known.active) {
        body.active = Patch::Value(active);
    }
    if schedule.parameters != known.parameters {
        body.parameters = Some(schedule.parameters.clone());
    }
    if schedule.max_scheduled_runs != known.max_scheduled_runs {
        body.max_scheduled_runs = schedule
            .max_scheduled_runs
            .map_or(Patch::Null, Patch::Value);
    }
    (body != DeploymentScheduleUpdate::new()).then_some(body)
}

fn is_same_rule(schedule: &RunSchedule, known: &DeploymentSchedule) -> bool {
    let wanted = rule(schedule, known);
    let mut known = filled_in(&known.schedule);
    if let (Schedule::RRuleSchedule(wanted), Schedule::RRuleSchedule(known)) = (&wanted, &mut known)
        && !wanted.rrule.contains(START)
    {
        // The server says when it begins, where nobody else does.
        let lines = known.rrule.lines().filter(|line| !line.starts_with(START));
        known.rrule = lines.collect::<Vec<_>>().join("\n");
    }
    wanted == known
}

/// The rule of one that is there: an interval that does not say where it begins goes on as it is.
fn rule(schedule: &RunSchedule, known: &DeploymentSchedule) -> Schedule {
    let mut rule = filled_in(&schedule.rule);
    if let (Schedule::IntervalSchedule(rule), Schedule::IntervalSchedule(known)) =
        (&mut rule, &known.schedule)
    {
        rule.anchor_date = rule.anchor_date.or(known.anchor_date);
    }
    rule
}

/// With what the server would fill in.
fn filled_in(rule: &Schedule) -> Schedule {
    let mut rule = rule.clone();
    let utc = || "UTC".to_owned();
    match &mut rule {
        Schedule::IntervalSchedule(rule) => {
            rule.timezone.get_or_insert_with(utc);
            // The server keeps no more of them, and what it gives would differ each time.
            rule.interval = in_microseconds(rule.interval);
            rule.anchor_date = rule.anchor_date.map(|anchor| anchor.trunc_subsecs(6));
        }
        Schedule::CronSchedule(rule) => {
            rule.day_or.get_or_insert(true);
            rule.timezone.get_or_insert_with(utc);
        }
        Schedule::RRuleSchedule(rule) => drop(rule.timezone.get_or_insert_with(utc)),
        _ => {}
    }
    rule
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;

    fn now() -> DateTime<Utc> {
        "2030-01-02T03:04:05Z".parse().unwrap()
    }

    /// What the server has after the steps.
    fn done(known: Vec<DeploymentSchedule>, steps: Vec<Step>) -> Vec<DeploymentSchedule> {
        let mut known = known;
        for step in steps {
            match step {
                Step::Remove(id) => known.retain(|schedule| schedule.id != id),
                Step::Change(id, body) => {
                    let schedule = known.iter_mut().find(|schedule| schedule.id == id);
                    let schedule = schedule.unwrap();
                    if let Patch::Value(rule) = body.schedule {
                        schedule.schedule = rule;
                    }
                    if let Patch::Value(slug) = body.slug {
                        schedule.slug = Some(slug);
                    }
                    if let Patch::Value(active) = body.active {
                        schedule.active = active;
                    }
                    if let Some(parameters) = body.parameters {
                        schedule.parameters = parameters;
                    }
                }
                Step::Make(body) => known.push(stored(known.len() as u128 + 100, &body)),
            }
        }
        known
    }

    fn stored(id: u128, body: &DeploymentScheduleCreate) -> DeploymentSchedule {
        let mut value = serde_json::to_value(body).unwrap();
        value["id"] = json!(Uuid::from_u128(id));
        value["created"] = Value::Null;
        value["updated"] = Value::Null;
        serde_json::from_value(value).unwrap()
    }

    fn known_slugs(known: &[DeploymentSchedule]) -> Vec<(u128, &str)> {
        let slug = |known: &DeploymentSchedule| known.id.as_u128();
        known
            .iter()
            .map(|known| (slug(known), known.slug.as_deref().unwrap_or_default()))
            .collect()
    }

    fn three() -> Vec<RunSchedule> {
        vec![
            RunSchedule::cron("0 5 * * *"),
            RunSchedule::interval(Duration::from_mins(10)),
            RunSchedule::cron("0 6 * * *").timezone("Europe/Berlin"),
        ]
    }

    #[test]
    fn what_is_applied_again_changes_nothing() {
        let first = done(Vec::new(), steps(&three(), &[], now()).unwrap());
        let slugs = [(100, "cron"), (101, "interval"), (102, "cron-2")];
        assert_eq!(known_slugs(&first), slugs);
        let later = now() + chrono::TimeDelta::days(1);
        assert_eq!(steps(&three(), &first, later).unwrap(), []);
        assert_eq!(made(&three(), now()).unwrap().len(), 3);
    }

    #[test]
    fn what_is_changed_keeps_its_id_and_what_is_not_wanted_is_removed() {
        let first = done(Vec::new(), steps(&three(), &[], now()).unwrap());
        let wanted = [
            RunSchedule::cron("30 5 * * *"),
            RunSchedule::interval(Duration::from_mins(10))
                .slug("often")
                .replaces("interval"),
        ];
        let steps = steps(&wanted, &first, now()).unwrap();
        assert!(matches!(steps[0], Step::Remove(id) if id.as_u128() == 102));
        let second = done(first, steps);
        assert_eq!(known_slugs(&second), [(100, "cron"), (101, "often")]);
        let none = super::steps(&[], &second, now()).unwrap();
        assert_eq!(done(second, none), []);
    }

    #[test]
    fn one_that_somebody_paused_stays_so_unless_it_is_said_otherwise() {
        let cron = || RunSchedule::cron("0 5 * * *");
        let mut known = done(Vec::new(), steps(&[cron()], &[], now()).unwrap());
        known[0].active = false;
        assert_eq!(steps(&[cron()], &known, now()).unwrap(), []);
        let on = steps(&[cron().active(true)], &known, now()).unwrap();
        assert!(done(known, on)[0].active);
    }

    #[test]
    fn one_of_others_without_a_slug_is_the_same_if_it_says_the_same() {
        let mut known = done(Vec::new(), steps(&three(), &[], now()).unwrap());
        for schedule in &mut known {
            schedule.slug = None;
        }
        let wanted = &three()[1..];
        let after = done(known.clone(), steps(wanted, &known, now()).unwrap());
        assert_eq!(known_slugs(&after), [(101, "interval"), (102, "cron")]);
    }

    #[test]
    fn a_rule_that_the_server_gave_a_beginning_is_the_same() {
        let weekly = |text: &str| RunSchedule::rrule(text).slug("weekly");
        let rule = "DTSTART:20200101T000000\nFREQ=WEEKLY;BYDAY=MO";
        let known = done(Vec::new(), steps(&[weekly(rule)], &[], now()).unwrap());
        for same in [rule, "FREQ=WEEKLY;BYDAY=MO"] {
            assert_eq!(steps(&[weekly(same)], &known, now()).unwrap(), []);
        }
        let others = [
            "FREQ=WEEKLY;BYDAY=TU",
            "DTSTART:20210101T000000\nFREQ=WEEKLY;BYDAY=MO",
        ];
        for other in others {
            assert_eq!(steps(&[weekly(other)], &known, now()).unwrap().len(), 1);
        }
    }

    #[test]
    fn what_is_finer_than_the_server_keeps_is_no_difference() {
        let fine = now() + chrono::TimeDelta::nanoseconds(123_456_789);
        let wanted = RunSchedule::interval(Duration::from_nanos(1_234_567_899)).anchor_date(fine);
        let mut known = done(
            Vec::new(),
            steps(std::slice::from_ref(&wanted), &[], now()).unwrap(),
        );
        let Schedule::IntervalSchedule(rule) = &mut known[0].schedule else {
            panic!("an interval")
        };
        let kept = now() + chrono::TimeDelta::microseconds(123_456);
        assert_eq!((rule.interval, rule.anchor_date), (1.234_568, Some(kept)));
        assert_eq!(steps(&[wanted], &known, now()).unwrap(), []);
    }

    #[test]
    fn what_can_not_be_is_refused() {
        let twice = ["a", "a"].map(|slug| RunSchedule::cron("0 5 * * *").slug(slug));
        assert!(steps(&twice, &[], now()).unwrap_err().is_invalid());
        let refused = |interval: f64| {
            let rule = prefect_client::models::IntervalSchedule::new(interval);
            let schedules = [RunSchedule::new(rule)];
            made(&schedules, now()).unwrap_err().is_invalid()
        };
        assert!(
            [0.0, -1.0, 1e-9, f64::NAN, f64::INFINITY, 1e300]
                .map(refused)
                .iter()
                .all(|&is| is)
        );
        // A name that somebody chose is not given again.
        let chosen = [
            RunSchedule::cron("0 5 * * *"),
            RunSchedule::cron("0 6 * * *").slug("cron"),
        ];
        let made = made(&chosen, now()).unwrap();
        assert_eq!(made[0].slug.as_deref(), Some("cron-2"));
    }
}
