//! Every operation through both faces and through progenitor's own client: the same requests, the same answers.

use prefect_conformance::{Answered, Case, Entry, Faces, Fallible, Recorded, Recorder, answers, cases, document, entries};
use serde_json::Value;

/// What a test found, operation by operation: all of it is shown, and not only the first.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn check(&mut self, is_fine: bool, words: impl FnOnce() -> String) {
        if !is_fine {
            self.0.push(words());
        }
    }

    fn none(self) {
        assert!(self.0.is_empty(), "{} findings:\n{}", self.0.len(), self.0.join("\n"));
    }
}

/// The requests of one call: blocking, async, progenitor's.
struct Requests {
    blocking: Recorded,
    asynchronous: Recorded,
    reference: Recorded,
}

fn requests(entry: &Entry, case: &Case, answer: &Answered, recorder: &Recorder, faces: &Faces) -> Fallible<Requests> {
    recorder.reply(&answer.reply);
    (entry.faces)(case, faces)?;
    let ours = recorder.take();
    (entry.reference)(case, faces)?;
    let theirs = recorder.take();
    let [blocking, asynchronous] = <[Recorded; 2]>::try_from(ours).map_err(|all| format!("{} requests of ours", all.len()))?;
    let [reference] = <[Recorded; 1]>::try_from(theirs).map_err(|all| format!("{} requests of progenitor's", all.len()))?;
    Ok(Requests { blocking, asynchronous, reference })
}

#[test]
fn every_operation_sends_the_same_request() -> Fallible<()> {
    let (document, recorder) = (document()?, Recorder::start()?);
    let faces = Faces::new(&recorder)?;
    let mut findings = Findings::default();
    let mut count = 0;
    for entry in entries() {
        let answer = answers(&document, entry).swap_remove(0);
        for case in cases(&document, entry) {
            count += 1;
            let place = format!("{} {}", entry.name, case.name);
            match requests(entry, &case, &answer, &recorder, &faces) {
                Ok(requests) => compare(&mut findings, &place, &case, requests),
                Err(error) => findings.check(false, || format!("{place}: {error}")),
            }
            recorder.take();
        }
    }
    println!("{count} requests");
    findings.none();
    Ok(())
}

fn compare(findings: &mut Findings, place: &str, case: &Case, requests: Requests) {
    let Requests { blocking, asynchronous, reference } = requests;
    let json = |request: &Recorded| -> Option<Value> { serde_json::from_slice(&request.body).ok() };
    findings.check(json(&blocking) == case.sent.body, || {
        format!("{place}: the body {:?} is not {:?}", json(&blocking), case.sent.body)
    });
    findings.check(json(&blocking) == json(&reference), || {
        format!("{place}: the body {:?} is not progenitor's {:?}", json(&blocking), json(&reference))
    });
    let of = |request: &Recorded| (request.method.clone(), request.target.clone(), request.header("content-type").map(str::to_owned));
    findings.check(of(&blocking) == of(&reference), || {
        format!("{place}: {:?} is not progenitor's {:?}", of(&blocking), of(&reference))
    });
    findings.check(blocking == asynchronous, || format!("{place}: {blocking:?} is not the async {asynchronous:?}"));
}

#[test]
fn every_operation_reads_the_same_answer() -> Fallible<()> {
    let (document, recorder) = (document()?, Recorder::start()?);
    let faces = Faces::new(&recorder)?;
    let mut findings = Findings::default();
    for entry in entries() {
        let case = cases(&document, entry).swap_remove(0);
        for answer in answers(&document, entry) {
            let place = format!("{} {}", entry.name, answer.name);
            recorder.reply(&answer.reply);
            let pair = (entry.faces)(&case, &faces)?;
            findings.check(pair.are_equal && pair.blocking == pair.asynchronous, || format!("{place}: {pair:?}"));
            findings.check(pair.blocking.as_ref() == Ok(&answer.value), || {
                format!("{place}: {:?} came of {}", pair.blocking, answer.value)
            });
        }
    }
    findings.none();
    Ok(())
}
