//! What a flow calls, as a graph, and the texts that draw it. No I/O.

#[cfg(feature = "svg")]
mod svg;

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What a flow calls, in the order of its calls, and what depends on what: [`Flow::visualize`](super::Flow::visualize) makes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowGraph {
    nodes: Vec<String>,
    /// Where each comes from, by their places.
    before: Vec<Vec<usize>>,
    /// How many there are of each name.
    counts: BTreeMap<String, usize>,
}

impl FlowGraph {
    /// Adds a call of what has that name, and gives its place.
    pub(crate) fn add(&mut self, name: &str) -> usize {
        let count = self.counts.entry(name.to_owned()).or_default();
        self.nodes.push(format!("{name}-{count}"));
        self.before.push(Vec::new());
        *count += 1;
        self.nodes.len() - 1
    }

    /// Says that one depends on an earlier one.
    pub(crate) fn connect(&mut self, before: usize, after: usize) {
        if !self.before[after].contains(&before) {
            self.before[after].push(before);
        }
    }

    /// The calls: the name of the task or flow, and how many of that name were called before.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = &str> {
        self.nodes.iter().map(String::as_str)
    }

    /// What depends on what: the first one on nothing of the second.
    pub fn edges(&self) -> impl Iterator<Item = (&str, &str)> {
        let to = self.nodes.iter().zip(&self.before);
        to.flat_map(|(to, before)| {
            let before = before.iter().filter_map(|place| self.nodes.get(*place));
            before.map(move |from| (from.as_str(), to.as_str()))
        })
    }

    /// The graph in Graphviz's language, as Prefect writes it.
    ///
    #[cfg_attr(feature = "blocking", doc = "```")]
    #[cfg_attr(not(feature = "blocking"), doc = "```ignore")]
    /// use prefect_sdk::flows::{FlowRun, RunFailed};
    /// use prefect_sdk::tasks::TaskRun;
    /// use prefect_sdk::{flow, task};
    ///
    /// #[task]
    /// fn load(_: &TaskRun, day: String) -> Result<Vec<u32>, std::io::Error> {
    ///     panic!("{day} is not loaded")
    /// }
    ///
    /// #[task(viz_return_value = 1)]
    /// fn sum(_: &TaskRun, numbers: Vec<u32>) -> Result<u32, std::io::Error> {
    ///     Ok(numbers.iter().sum())
    /// }
    ///
    /// #[flow]
    /// fn report(run: &FlowRun, day: String) -> Result<u32, RunFailed<std::io::Error>> {
    ///     let numbers = load::submit(run, day);
    ///     sum::submit(run, numbers).result()
    /// }
    ///
    /// let graph = report::visualize("monday".to_owned())?;
    /// assert_eq!(
    ///     graph.to_dot(),
    ///     "digraph {\n\t\"load-0\"\n\t\"sum-0\"\n\t\"load-0\" -> \"sum-0\"\n}\n"
    /// );
    /// # Ok::<(), prefect_sdk::Error>(())
    /// ```
    #[must_use]
    pub fn to_dot(&self) -> String {
        let mut text = String::from("digraph {\n");
        for (place, node) in self.nodes.iter().enumerate() {
            let node = quoted(node);
            let _ = writeln!(text, "\t{node}");
            for before in &self.before[place] {
                let _ = writeln!(text, "\t{} -> {node}", quoted(&self.nodes[*before]));
            }
        }
        text.push_str("}\n");
        text
    }

    /// The graph in Mermaid's language, which Markdown shows in many places.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        let mut text = String::from("flowchart TD\n");
        for (place, node) in self.nodes.iter().enumerate() {
            let _ = writeln!(text, "    n{place}[\"{}\"]", in_mermaid(node));
        }
        for (place, before) in self.before.iter().enumerate() {
            for before in before {
                let _ = writeln!(text, "    n{before} --> n{place}");
            }
        }
        text
    }
}

fn quoted(name: &str) -> String {
    let mut text = String::from('"');
    for character in name.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\n' => text.push_str("\\n"),
            _ => text.push(character),
        }
    }
    text.push('"');
    text
}

/// Mermaid has entities, and reads some of Markdown and HTML otherwise.
fn in_mermaid(name: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || " -_.,:()/".contains(character);
    let mut text = String::new();
    for character in name.chars() {
        if is_plain(character) {
            text.push(character);
        } else {
            let _ = write!(text, "#{};", u32::from(character));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph() -> FlowGraph {
        let mut graph = FlowGraph::default();
        let one = graph.add("a");
        let two = graph.add("say \"<b>\"\\");
        let three = graph.add("a");
        graph.connect(one, three);
        graph.connect(two, three);
        graph.connect(one, three);
        graph
    }

    #[test]
    fn calls_of_one_name_are_counted_and_an_edge_is_there_once() {
        let graph = graph();
        let nodes: Vec<&str> = graph.nodes().collect();
        assert_eq!(nodes, ["a-0", "say \"<b>\"\\-0", "a-1"]);
        let edges: Vec<_> = graph.edges().collect();
        assert_eq!(edges, [("a-0", "a-1"), ("say \"<b>\"\\-0", "a-1")]);
    }

    #[test]
    fn names_are_quoted() {
        let dot = "digraph {\n\t\"a-0\"\n\t\"say \\\"<b>\\\"\\\\-0\"\n\t\"a-1\"\n\t\"a-0\" -> \"a-1\"\n\
                   \t\"say \\\"<b>\\\"\\\\-0\" -> \"a-1\"\n}\n";
        assert_eq!(graph().to_dot(), dot);
        let mermaid = "flowchart TD\n    n0[\"a-0\"]\n    n1[\"say #34;#60;b#62;#34;#92;-0\"]\n    n2[\"a-1\"]\n    n0 --> n2\n    \
                       n1 --> n2\n";
        assert_eq!(graph().to_mermaid(), mermaid);
        assert_eq!(FlowGraph::default().to_dot(), "digraph {\n}\n");
    }
}
