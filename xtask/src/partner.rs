//! Children that are spoken to in lines, and what they tell.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::{Group, line, spawn};

/// A child that is spoken to in lines. It ends with its standard input, and with this at the latest.
pub(crate) struct Partner {
    child: Child,
    group: Group,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    name: String,
}

impl Partner {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let (mut child, group) = spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let output = child.stdout.take().context("the child has no output")?;
        Ok(Self {
            input: child.stdin.take(),
            output: BufReader::new(output),
            child,
            group,
            name: line(command),
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn say(&mut self, line: &str) -> Result<()> {
        let input = self.input.as_mut().context("the child has no input")?;
        writeln!(input, "{line}").with_context(|| format!("`{}` does not listen", self.name))
    }

    pub(crate) fn hear(&mut self) -> Result<String> {
        let mut line = String::new();
        let read = self.output.read_line(&mut line);
        if read.with_context(|| format!("cannot hear `{}`", self.name))? == 0 {
            bail!("`{}` ended; what it said is above", self.name);
        }
        Ok(line)
    }

    /// The next line, as the port that a server listens on.
    pub(crate) fn hear_port(&mut self) -> Result<u16> {
        self.hear()?.trim().parse().context("no port")
    }

    /// The next line, as JSON.
    pub(crate) fn hear_json(&mut self) -> Result<Value> {
        parsed(self.hear()?.as_bytes())
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        drop(self.input.take());
        self.group.stop(&mut self.child);
    }
}

/// A number of what a child told.
pub(crate) fn number(told: &Value, name: &str) -> Result<f64> {
    told[name]
        .as_f64()
        .with_context(|| format!("no {name} in {told}"))
}

/// What a child told.
pub(crate) fn parsed(told: &[u8]) -> Result<Value> {
    serde_json::from_slice(told).context("the child did not tell JSON")
}
