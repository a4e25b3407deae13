//! Answers that are larger than a client may hold: the memory of the process stays where it is. Alone in its file, so
//! that no other test's memory is counted.
#![cfg(target_os = "linux")]

use std::fs;
use std::time::Duration;

use diptych_runtime::Config;
use prefect_conformance::Fallible;
use prefect_conformance::fault::{Caller, Ending, Face, Method, good};
use test_server::{Answer, Door, Endless, Fault, Server};

const MIB: usize = 1024 * 1024;

#[test]
fn endless_answers_bombs_and_nesting_take_little_memory() -> Fallible<()> {
    for face in Face::ALL {
        expect(face, &Fault::Whole(good()), &Ending::Value, MIB)?;
    }
    let before = peak_mib()?;
    let faults = [
        (Fault::Endless(Endless::Body), Ending::TooLarge),
        (Fault::Endless(Endless::Chunks), Ending::TooLarge),
        (Fault::Endless(Endless::ChunkExtension), Ending::BrokeOff),
        (Fault::Endless(Endless::Headers), Ending::BrokeOff),
        (Fault::Endless(Endless::HeaderLine), Ending::BrokeOff),
        (Fault::Whole(Answer::gzip_bomb(1024)?), Ending::TooLarge),
        (Fault::Whole(Answer::gzip_bomb(512)?), Ending::Unreadable),
    ];
    for (fault, ending) in &faults {
        for face in Face::ALL {
            expect(face, fault, ending, MIB)?;
        }
    }
    // The limit of 1 MiB a few times over: what is read, and what the server itself holds.
    let after = peak_mib()?;
    assert!(after - before < 32, "{before} MiB grew to {after} MiB");

    for opening in ["", r#"{"labels":{"a":"#, r#"{"later":"#] {
        for face in Face::ALL {
            let nested = Fault::Whole(Answer::deep_json(200, opening, 10 * MIB));
            expect(face, &nested, &Ending::Unreadable, 16 * MIB)?;
        }
    }
    // The body three times over in the server, and in the client the body, what reading it takes, and its error.
    let nested = peak_mib()?;
    assert!(nested - after < 150, "{after} MiB grew to {nested} MiB");
    Ok(())
}

fn expect(face: Face, fault: &Fault, ending: &Ending, max_body: usize) -> Fallible<()> {
    let server = Server::start(Door::Open, [fault.clone()])?;
    let config = Config::new(&server.url())?
        .timeout(Duration::from_mins(1))
        .max_body(u64::try_from(max_body)?);
    let result = Caller::new(face, config)?.call(Method::Get, "large");
    assert_eq!(&Ending::of(&result), ending, "{face:?}: {result:?}");
    Ok(())
}

/// The most memory that the process ever had, in MiB.
fn peak_mib() -> Fallible<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    let kibibytes: u64 = number.ok_or("no peak in /proc/self/status")?.parse()?;
    Ok(kibibytes / 1024)
}
