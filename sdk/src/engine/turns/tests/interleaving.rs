//! Every order in which the steps of a flow and of its tasks can follow each other. A step is what happens under one lock, as
//! in the pool and in those who wait.

use std::collections::HashSet;

use super::super::{Next, Ticket, Turns};

/// What a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// Submits a task, which depends on these.
    Submit(usize, &'static [usize]),
    /// Waits for a task.
    Wait(usize),
}

/// Where somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    NotBegun,
    Step(usize),
    /// It has lent its turn, and says next that it waits.
    Lent(usize),
    /// It waits, and goes on after that.
    Waits(usize),
    /// It has ended for those who wait, and has its turn still.
    Told,
    Ended,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    turns: Turns<usize>,
    flow: At,
    tasks: Vec<At>,
    tickets: Vec<Option<Ticket>>,
    /// Who is told when which task ends.
    told: Vec<(usize, usize)>,
    /// Which of these tasks must end before which begins.
    after: Vec<(usize, usize)>,
}

/// Takes every order of steps, and says how many worlds there were. In each, no more run than may, and somebody can go on until
/// all have ended.
pub(super) fn explore(limit: usize, flow: &[Step], tasks: &[Vec<Step>]) -> usize {
    let world = World {
        turns: Turns::new(limit),
        flow: At::Step(0),
        tasks: vec![At::NotBegun; tasks.len()],
        tickets: vec![None; tasks.len()],
        told: Vec::new(),
        after: Vec::new(),
    };
    let (mut open, mut seen) = (vec![world], HashSet::new());
    while let Some(world) = open.pop() {
        if !seen.insert(world.clone()) {
            continue;
        }
        let running = world
            .tasks
            .iter()
            .filter(|at| matches!(at, At::Step(_) | At::Told));
        assert!(running.count() <= limit, "too many run: {world:#?}");
        let next = world.nexts(flow, tasks);
        let is_over = world.flow == At::Ended && world.tasks.iter().all(|at| *at == At::Ended);
        assert!(is_over || !next.is_empty(), "nobody can go on: {world:#?}");
        assert!(
            !is_over || world.turns.is_idle(),
            "something is left: {world:#?}"
        );
        open.extend(next);
    }
    seen.len()
}

impl World {
    fn nexts(&self, flow: &[Step], tasks: &[Vec<Step>]) -> Vec<Self> {
        let of_tasks = (0..tasks.len()).filter_map(|task| self.of_task(task, &tasks[task]));
        self.of_flow(flow).into_iter().chain(of_tasks).collect()
    }

    /// The flow has no turn, and waits for each task in the end.
    fn of_flow(&self, steps: &[Step]) -> Option<Self> {
        let mut world = self.clone();
        let At::Step(at) = self.flow else { return None };
        world.flow = At::Step(at + 1);
        match steps.get(at) {
            Some(Step::Submit(task, after)) => world.submit(*task, after),
            Some(Step::Wait(task)) if !self.has_ended(*task) => return None,
            Some(Step::Wait(_)) => {}
            None => world.flow = At::Ended,
        }
        Some(world)
    }

    fn of_task(&self, task: usize, steps: &[Step]) -> Option<Self> {
        let mut world = self.clone();
        let ticket = self.tickets[task]?;
        match self.tasks[task] {
            At::NotBegun | At::Ended => return None,
            At::Step(at) => match steps.get(at) {
                Some(Step::Submit(other, after)) => {
                    world.tasks[task] = At::Step(at + 1);
                    world.submit(*other, after);
                }
                Some(Step::Wait(other)) if self.has_ended(*other) => {
                    world.tasks[task] = At::Step(at + 1);
                }
                Some(Step::Wait(_)) => {
                    world.tasks[task] = At::Lent(at);
                    world.turns.lend(ticket);
                    world.go_on();
                }
                None => {
                    world.tasks[task] = At::Told;
                    world.tell(task);
                }
            },
            At::Lent(at) => {
                let Some(Step::Wait(other)) = steps.get(at) else {
                    return None;
                };
                world.tasks[task] = At::Waits(at);
                world.told.push((*other, task));
                if self.has_ended(*other) {
                    world.tell(*other);
                } else if let Some(wanted) = self.tickets[*other] {
                    world.turns.want(wanted);
                }
                world.go_on();
            }
            At::Waits(at) => {
                let Some(Step::Wait(other)) = steps.get(at) else {
                    return None;
                };
                if !self.has_ended(*other) || !self.turns.may_go_on(ticket) {
                    return None;
                }
                world.tasks[task] = At::Step(at + 1);
            }
            At::Told => {
                world.tasks[task] = At::Ended;
                world.turns.end(ticket);
                world.go_on();
            }
        }
        Some(world)
    }

    fn has_ended(&self, task: usize) -> bool {
        matches!(self.tasks[task], At::Told | At::Ended)
    }

    fn submit(&mut self, task: usize, after: &[usize]) {
        let ticket = self.turns.add(task).unwrap();
        self.tickets[task] = Some(ticket);
        let open = after.iter().filter(|other| !self.has_ended(**other));
        let open: Vec<_> = open.map(|other| (*other, task)).collect();
        if open.is_empty() {
            self.turns.ready(ticket);
        }
        self.after.extend(open);
        self.go_on();
    }

    /// Who waits for it, or depends on it, is told that it has ended.
    fn tell(&mut self, ended: usize) {
        for (_, waiter) in self.told.extract_if(.., |(of, _)| *of == ended) {
            self.turns.waited(self.tickets[waiter].unwrap());
        }
        let freed: Vec<_> = self.after.extract_if(.., |(of, _)| *of == ended).collect();
        for (_, task) in freed {
            if !self.after.iter().any(|(_, other)| *other == task) {
                self.turns.ready(self.tickets[task].unwrap());
            }
        }
        self.go_on();
    }

    fn go_on(&mut self) {
        while let Some(next) = self.turns.next() {
            if let Next::Begin(_, task) = next {
                self.tasks[task] = At::Step(0);
            }
        }
    }
}
