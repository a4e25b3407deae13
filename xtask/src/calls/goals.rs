//! The goals, and whether they are met.

use super::figures::Figures;
use super::idle::{Held, Idle};
use super::turn::Setting;

/// What one idle connection may hold.
const MOST_KIB: f64 = 64.0;

/// A line for each goal: what it is, what was found, and whether that will do.
pub(super) fn rows(figures: &Figures, idle: Option<&Idle>) -> Vec<[String; 3]> {
    let mut rows = costs(figures);
    rows.extend(sharing(figures));
    match idle {
        Some(idle) => rows.extend(at_rest(idle)),
        None => rows.push(row(
            "memory, threads and wake-ups",
            "only Linux tells".to_owned(),
            false,
        )),
    }
    rows
}

fn costs(figures: &Figures) -> Vec<[String; 3]> {
    let ratios = |name, other| {
        let ratio = |setting| figures.cpu_ratio(name, other, setting);
        let (alone, beside) = (ratio(Setting::ALONE), ratio(Setting::BESIDE));
        (alone, format!("{alone:.2} ({beside:.2} beside the server)"))
    };
    let at_most = |name, other, most: f64| {
        let (ratio, figure) = ratios(name, other);
        let goal = format!("cpu of {name} <= {most:.2} x {other}");
        row(&goal, figure, ratio <= most)
    };
    let at_least = |name, other, least: f64| {
        let (ratio, figure) = ratios(name, other);
        let goal = format!("cpu of {name} >= {least:.0} x {other}");
        row(&goal, figure, ratio >= least)
    };
    vec![
        at_most("blocking", "raw", 1.15),
        at_most("blocking", "reqwest_blocking", 0.75),
        at_most("async", "reqwest", 1.10),
        at_least("python_blocking", "blocking", 10.0),
        at_least("python_async", "async", 10.0),
    ]
}

fn sharing(figures: &Figures) -> [[String; 3]; 2] {
    [
        ("blocking", "blocking_separate"),
        ("async", "async_separate"),
    ]
    .map(|(name, separate)| {
        let ratio = figures.throughput_ratio(name, separate, Setting::MANY);
        let goal = format!("64 callers on one {name} client: calls/s >= 0.9 x 64 clients");
        row(&goal, format!("{ratio:.2}"), ratio >= 0.9)
    })
}

fn at_rest(idle: &Idle) -> [[String; 3]; 4] {
    let held = |face, held: &Held| {
        let goal = format!("heap of an idle {face} connection < {MOST_KIB:.0} KiB");
        let figure = format!(
            "{:.1} KiB ({:.1} resident, {} connections)",
            held.heap_kib, held.resident_kib, held.connections
        );
        row(&goal, figure, held.heap_kib < MOST_KIB)
    };
    let alone = idle.threads == 0.0 && idle.others_us == 0.0;
    let threads = format!("{} ({} us on other threads)", idle.threads, idle.others_us);
    [
        held("blocking", &idle.blocking),
        held("async", &idle.asynchronous),
        row("threads of 1000 blocking calls = 0", threads, alone),
        row(
            "wake-ups of an idle blocking client in 5 s = 0",
            idle.wake_ups.to_string(),
            idle.wake_ups == 0,
        ),
    ]
}

fn row(goal: &str, figure: String, met: bool) -> [String; 3] {
    let met = if met { "yes" } else { "no" };
    [goal.to_owned(), figure, met.to_owned()]
}
