//! Which names of a graph lie on a circle. Tarjan's algorithm, with a stack of its own: a chain may be longer than a
//! thread's.

use std::collections::{BTreeMap, BTreeSet};

/// The names that each name leads to.
pub(crate) type Graph<'g> = BTreeMap<&'g str, Vec<&'g str>>;

/// The circles, each as the set of its names. A name that leads to itself is one.
pub(crate) fn circles<'g>(graph: &Graph<'g>) -> Vec<BTreeSet<&'g str>> {
    let leads_to = |name: &str, target: &str| graph[name].contains(&target);
    let is_circle =
        |names: &BTreeSet<&str>| names.len() > 1 || names.iter().all(|name| leads_to(name, name));
    let mut found = components(graph);
    found.retain(is_circle);
    found
}

/// Every name once, after those that it leads to; only where they form a circle can't that be.
pub(crate) fn innermost_first<'g>(graph: &Graph<'g>) -> Vec<&'g str> {
    components(graph).into_iter().flatten().collect()
}

fn components<'g>(graph: &Graph<'g>) -> Vec<BTreeSet<&'g str>> {
    let mut walk = Walk {
        graph,
        order: BTreeMap::new(),
        waiting: Vec::new(),
        found: Vec::new(),
    };
    for name in graph.keys() {
        if !walk.order.contains_key(name) {
            walk.from(name);
        }
    }
    walk.found
}

struct Walk<'w, 'g> {
    graph: &'w Graph<'g>,
    /// When each name was met; `None` once its component is known.
    order: BTreeMap<&'g str, Option<usize>>,
    /// The names whose component is not known yet.
    waiting: Vec<&'g str>,
    found: Vec<BTreeSet<&'g str>>,
}

/// A name on the way, and the earliest name that it leads back to.
struct Step<'g> {
    name: &'g str,
    next: usize,
    met: usize,
    earliest: usize,
}

impl<'g> Walk<'_, 'g> {
    fn from(&mut self, start: &'g str) {
        let mut way = vec![self.meet(start)];
        while let Some(step) = way.last_mut() {
            let target = self.graph.get(step.name).and_then(|all| all.get(step.next));
            step.next += 1;
            match target {
                Some(target) if !self.graph.contains_key(target) => {}
                Some(target) => match self.order.get(target) {
                    None => {
                        let next = self.meet(target);
                        way.push(next);
                    }
                    Some(met) => step.earliest = step.earliest.min(met.unwrap_or(usize::MAX)),
                },
                None => {
                    let (name, met, earliest) = (step.name, step.met, step.earliest);
                    way.pop();
                    if let Some(before) = way.last_mut() {
                        before.earliest = before.earliest.min(earliest);
                    }
                    if earliest == met {
                        self.close(name);
                    }
                }
            }
        }
    }

    fn meet(&mut self, name: &'g str) -> Step<'g> {
        let met = self.order.len();
        self.order.insert(name, Some(met));
        self.waiting.push(name);
        Step {
            name,
            next: 0,
            met,
            earliest: met,
        }
    }

    /// What waits since `first` is one component.
    fn close(&mut self, first: &'g str) {
        let mut names = BTreeSet::new();
        while let Some(name) = self.waiting.pop() {
            self.order.insert(name, None);
            names.insert(name);
            if name == first {
                break;
            }
        }
        self.found.push(names);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Graph, circles, innermost_first};

    #[test]
    fn what_leads_back_to_itself_is_a_circle() {
        let graph = Graph::from([
            ("a", vec!["b", "nowhere"]),
            ("b", vec!["c"]),
            ("c", vec!["b", "d"]),
            ("d", vec![]),
            ("e", vec!["e", "a"]),
        ]);
        let expected = [BTreeSet::from(["b", "c"]), BTreeSet::from(["e"])];
        assert_eq!(circles(&graph), expected);
        assert_eq!(innermost_first(&graph), ["d", "b", "c", "a", "e"]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let names: Vec<String> = (0..100_000).map(|index| format!("n{index:06}")).collect();
        let next = names.iter().skip(1).chain(names.first());
        let pairs = names.iter().zip(next);
        let graph: Graph<'_> = pairs
            .map(|(name, next)| (name.as_str(), vec![next.as_str()]))
            .collect();
        assert_eq!(circles(&graph)[0].len(), names.len());
    }
}
