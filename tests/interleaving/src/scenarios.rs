//! What flows and tasks do at the same time. Each ends with nothing left, in whatever order the steps are taken.

use std::sync::Arc;
use std::time::Duration;

use shuttle::sync::mpsc;

use crate::cancellation::Cancellation;
use crate::engine::{Flow, given, wait};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::thread;

/// Two tasks, of which the second depends on the first, one at a time.
pub fn one_after_the_other() {
    let flow = Flow::new(1);
    let first = flow.submit(&[], |_| 1);
    let second = flow.submit(&[&first], |_| 2);
    wait(&[&second], None);
    assert_eq!((given(&first), given(&second)), (1, 2));
    flow.succeeds();
}

/// Two tasks run at once and wait for each other, after another one has ended, whose thread may be there still.
pub fn two_that_need_each_other() {
    let flow = Flow::new(2);
    let before = flow.submit(&[], |_| 1);
    wait(&[&before], None);
    let gates = [Cancellation::new(), Cancellation::new()];
    let both = [0, 1].map(|number| {
        let gates = gates.clone();
        flow.submit(&[], move |_| {
            gates[number].request();
            gates[1 - number].requested();
            2
        })
    });
    flow.succeeds();
    assert_eq!(both.map(|run| given(&run)), [2, 2]);
}

/// A task submits another one and waits for it, where one may run at a time and a third one wants to.
pub fn a_task_waits_for_its_own() {
    let flow = Flow::new(1);
    let of_task = flow.clone();
    let other_began = Arc::new(AtomicBool::new(false));
    let of_other = Arc::clone(&other_began);
    let outer = flow.submit(&[], move |_| {
        let inner = of_task.submit(&[], |_| 1);
        of_task.waits(&[&inner]);
        // What is waited for goes first, and so does who waits.
        assert!(!other_began.load(Ordering::SeqCst), "somebody went before");
        given(&inner) + 1
    });
    let other = flow.submit(&[], move |_| {
        of_other.store(true, Ordering::SeqCst);
        5
    });
    wait(&[&outer, &other], None);
    assert_eq!((given(&outer), given(&other)), (2, 5));
    flow.succeeds();
}

/// Two tasks wait for the same one, which somebody else submits, with two turns for all.
pub fn two_tasks_wait_for_one() {
    let flow = Flow::new(2);
    let shared = flow.submit(&[], |_| 3);
    let waiting = [0, 1].map(|number| {
        let (of_task, shared) = (flow.clone(), Arc::clone(&shared));
        flow.submit(&[], move |_| {
            of_task.waits(&[&shared]);
            number
        })
    });
    flow.succeeds();
    assert_eq!(waiting.map(|run| given(&run)), [0, 1]);
    assert_eq!(given(&shared), 3);
}

/// The run is cancelled while tasks are submitted, and the function ends: all of them have ended then, whether or not they ran.
pub fn cancelled_meanwhile() {
    let flow = Flow::new(1);
    let cancels = flow.cancellation.clone();
    let canceller = thread::spawn(move || cancels.request());
    let child = flow.cancellation.child();
    let first = flow.submit(&[], |_| 1);
    let second = flow.submit(&[&first], move |_| {
        // Nobody begins who was told before.
        u32::from(child.is_requested())
    });
    flow.stops();
    for run in [&first, &second] {
        assert!(run.take().is_some(), "nobody said how it ended");
    }
    canceller.join().unwrap();
}

/// The pool is closed while a task that runs submits another one and waits for it.
pub fn closed_meanwhile() {
    let flow = Flow::new(2);
    let of_task = flow.clone();
    let outer = flow.submit(&[], move |_| {
        let inner = of_task.submit(&[], |_| 1);
        of_task.waits(&[&inner]);
        u32::from(inner.take().is_some())
    });
    flow.fails();
    match outer.take() {
        Some(Ok(inner_ended)) => assert_eq!(inner_ended, 1),
        Some(Err(_)) => {}
        None => panic!("nobody said how it ended"),
    }
}

/// The pool is closed while a task runs: the one after it never begins.
pub fn nobody_begins_after_the_end() {
    let flow = Flow::new(1);
    let gate = Cancellation::new();
    let opened = gate.clone();
    let first = flow.submit(&[], move |_| {
        opened.requested();
        1
    });
    let second = flow.submit(&[], |_| unreachable!("it begins after the end"));
    flow.closes();
    gate.request();
    flow.fails();
    assert_eq!(given(&first), 1);
    assert!(matches!(second.take(), Some(Err(_))));
}

/// A task waits twice at the same time, on threads that it started.
pub fn a_task_waits_on_two_threads() {
    let flow = Flow::new(1);
    let of_task = flow.clone();
    let outer = flow.submit(&[], move |turn| {
        let runs = [1, 2].map(|number| of_task.submit(&[], move |_| number));
        of_task.ends();
        let waiting = runs.clone().map(|run| {
            let (turn, both) = (turn.clone(), runs.clone());
            thread::spawn(move || {
                wait(&[&run], Some(&turn));
                // It lends what the other one may have asked for.
                wait(&both.each_ref(), Some(&turn));
                given(&run)
            })
        });
        let sum = waiting.map(|one| one.join().unwrap()).iter().sum();
        of_task.begins();
        sum
    });
    wait(&[&outer], None);
    assert_eq!(given(&outer), 3);
    flow.succeeds();
}

/// Of two threads of a task one waits a second time, for what needs the other one, which wants to go on.
pub fn one_of_two_threads_waits_again() {
    let flow = Flow::new(1);
    let of_task = flow.clone();
    let outer = flow.submit(&[], move |turn| {
        let (gate, [of_one, of_other]) = (Cancellation::new(), [turn.clone(), turn.clone()]);
        let [first, second] = [1, 2].map(|number| of_task.submit(&[], move |_| number));
        let opened = gate.clone();
        let third = of_task.submit(&[&first], move |_| {
            opened.requested();
            3
        });
        of_task.ends();
        let one = thread::spawn(move || {
            wait(&[&first], Some(&of_one));
            gate.request();
        });
        let other = thread::spawn(move || {
            wait(&[&second], Some(&of_other));
            wait(&[&third], Some(&of_other));
            given(&third)
        });
        one.join().unwrap();
        let third = other.join().unwrap();
        of_task.begins();
        third
    });
    wait(&[&outer], None);
    assert_eq!(given(&outer), 3);
    flow.succeeds();
}

/// A thread that a task started wants to go on, for which there is no turn, while the task comes to wait for what needs that thread.
pub fn a_task_waits_while_its_thread_wants_to_go_on() {
    let (flow, other) = (Flow::with_threads(1, 1), Flow::new(1));
    let (of_task, of_other) = (flow.clone(), other.clone());
    let outer = flow.submit(&[], move |turn| {
        let (began, gate) = (Cancellation::new(), Cancellation::new());
        let (begins, opened) = (began.clone(), gate.clone());
        // It takes the turn that the thread lends.
        let needs = of_task.submit(&[], move |_| {
            begins.request();
            opened.requested();
            3
        });
        let first = of_other.submit(&[], move |_| {
            began.requested();
            1
        });
        let turn = turn.clone();
        let thread = thread::spawn(move || {
            wait(&[&first], Some(&turn));
            gate.request();
        });
        of_task.waits(&[&needs]);
        thread.join().unwrap();
        given(&needs)
    });
    wait(&[&outer], None);
    assert_eq!(given(&outer), 3);
    flow.succeeds();
    other.succeeds();
}

/// A task ends while a thread that it started waits by its turn.
pub fn a_thread_waits_longer_than_its_task() {
    let flow = Flow::with_threads(1, 1);
    let of_task = flow.clone();
    let (tells, hears) = mpsc::channel();
    let outer = flow.submit(&[], move |turn| {
        let (run, turn) = (of_task.submit(&[], |_| 1), turn.clone());
        let waits = thread::spawn(move || {
            wait(&[&run], Some(&turn));
            given(&run)
        });
        tells.send(waits).unwrap();
        2
    });
    let waits = hears.recv().unwrap();
    assert_eq!(waits.join().unwrap(), 1);
    wait(&[&outer], None);
    flow.succeeds();
}

/// A thread that is no task submits one while the function ends: it runs, or never begins.
pub fn submitted_while_it_ends() {
    let flow = Flow::new(1);
    let of_thread = flow.clone();
    let submits = thread::spawn(move || of_thread.submit(&[], |_| 1));
    flow.succeeds();
    let run = submits.join().unwrap();
    assert!(run.take().is_some(), "nobody said how it ended");
}

/// A flow that is called in a task leaves a task, which depends on one that waits for the turn of the caller.
pub fn a_flow_in_a_task() {
    let flow = Flow::new(1);
    let of_task = flow.clone();
    let outer = flow.submit(&[], move |_| {
        let later = of_task.submit(&[], |_| 1);
        let inner = Flow::new(1);
        let left = inner.submit(&[&later], |_| 2);
        of_task.ends();
        inner.succeeds();
        of_task.begins();
        given(&left)
    });
    wait(&[&outer], None);
    assert_eq!(given(&outer), 2);
    flow.succeeds();
}

/// Two need a copy of what a task gives, beside its own future.
pub fn copies_while_it_ends() {
    let flow = Flow::new(2);
    let run = flow.submit(&[], |_| 7);
    run.use_copy();
    let copier = {
        let run = Arc::clone(&run);
        thread::spawn(move || {
            wait(&[&run], None);
            run.copied()
        })
    };
    wait(&[&run], None);
    assert_eq!(given(&run), 7);
    assert_eq!(copier.join().unwrap(), Some(7));
    flow.succeeds();
}

/// A token is requested, its child shielded, and the end told, each by somebody else.
pub fn a_token_and_its_child() {
    let token = Cancellation::new();
    let requests = token.clone();
    let requester = thread::spawn(move || requests.request());
    let (child, tells) = (token.child(), token.clone());
    let late = {
        let token = token.clone();
        thread::spawn(move || token.child().requested())
    };
    let waiter = {
        let child = child.clone();
        thread::spawn(move || child.requested())
    };
    let teller = thread::spawn(move || usize::from(tells.tell()));
    let (shield, of_parent) = (child.shield(), token.shield());
    assert!(!child.is_to_stop());
    let own = usize::from(token.tell());
    requester.join().unwrap();
    waiter.join().unwrap();
    late.join().unwrap();
    assert_eq!(
        own + teller.join().unwrap(),
        1,
        "one alone says how it ends"
    );
    assert!(child.is_requested() && !child.is_to_stop());
    drop(shield);
    assert!(!child.is_to_stop(), "what shields the parent shields it");
    drop(of_parent);
    assert!(child.is_to_stop());
}

/// A token is requested while a child of a child is shielded: whoever waits for it to stop waits until that is over.
pub fn a_shield_of_a_part() {
    let token = Cancellation::new();
    let part = token.child().child();
    let (shield, is_gone) = (part.shield(), Arc::new(AtomicBool::new(false)));
    let waits = {
        let (token, is_gone) = (token.clone(), Arc::clone(&is_gone));
        thread::spawn(move || {
            token.to_stop_within(Duration::MAX);
            assert!(is_gone.load(Ordering::SeqCst), "it is shielded");
        })
    };
    let requester = thread::spawn(move || token.request());
    is_gone.store(true, Ordering::SeqCst);
    drop(shield);
    requester.join().unwrap();
    waits.join().unwrap();
}
