//! The instructions of a pickle: what they put together, without doing anything.

use std::collections::HashMap;

use super::number::{long, long_text};
use super::{PickleError, broken};

/// Which node. Nodes are shared, and may hold themselves.
pub(super) type Id = usize;

/// What instructions put together.
pub(super) enum Node {
    None,
    Bool(bool),
    /// An integer, in decimal digits.
    Int(String),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Id>),
    Tuple(Vec<Id>),
    Set(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A name that Python would import.
    Global(String),
    Call(Call),
}

/// What Python would call.
pub(super) struct Call {
    pub(super) callee: Id,
    pub(super) arguments: Id,
    pub(super) state: Option<Id>,
    /// What is put into the object afterwards.
    pub(super) items: Vec<(Id, Id)>,
    /// Whether elements are put into it afterwards.
    pub(super) is_extended: bool,
}

struct Machine<'a> {
    rest: &'a [u8],
    nodes: Vec<Node>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<usize, Id>,
}

/// Reads all instructions, and gives the nodes and which of them is the value.
pub(super) fn run(bytes: &[u8]) -> Result<(Vec<Node>, Id), PickleError> {
    let mut machine = Machine {
        rest: bytes,
        nodes: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
    };
    loop {
        let code = machine.byte()?;
        if code == b'.' {
            let root = machine.pop()?;
            return Ok((machine.nodes, root));
        }
        machine.step(code)?;
    }
}

impl Machine<'_> {
    fn step(&mut self, code: u8) -> Result<(), PickleError> {
        match code {
            0x80 => drop(self.byte()?),
            0x95 => drop(self.take(8)?),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => self.drop_top()?,
            b'1' => drop(self.marked()?),
            b'2' => self.stack.push(self.top()?),
            b'N' => self.push(Node::None),
            0x88 => self.push(Node::Bool(true)),
            0x89 => self.push(Node::Bool(false)),
            b'I' | b'J' | b'K' | b'L' | b'M' | 0x8a | 0x8b | b'F' | b'G' => self.number(code)?,
            b'V' | b'X' | 0x8c | 0x8d => self.text(code)?,
            b'B' | b'C' | 0x8e | 0x96 => self.bytes(code)?,
            b']' => self.push(Node::List(Vec::new())),
            b')' => self.push(Node::Tuple(Vec::new())),
            b'}' => self.push(Node::Dict(Vec::new())),
            0x8f => self.push(Node::Set(Vec::new())),
            b'l' | b't' | b'd' | 0x91 | 0x85..=0x87 => self.container(code)?,
            b'a' | b'e' | b's' | b'u' | 0x90 => self.fill(code)?,
            b'p' | b'q' | b'r' | 0x94 | b'g' | b'h' | b'j' => self.memory(code)?,
            b'c' | 0x93 => self.global(code)?,
            b'R' | 0x81 | 0x92 => self.call(code)?,
            b'b' => self.build()?,
            _ => return Err(broken(format!("the instruction {code:#04x} is not known"))),
        }
        Ok(())
    }

    fn number(&mut self, code: u8) -> Result<(), PickleError> {
        let node = match code {
            b'I' => match self.line()? {
                "00" => Node::Bool(false),
                "01" => Node::Bool(true),
                text => Node::Int(long_text(text)?),
            },
            b'J' => Node::Int(i32::from_le_bytes(self.array()?).to_string()),
            b'K' => Node::Int(self.byte()?.to_string()),
            b'M' => Node::Int(u16::from_le_bytes(self.array()?).to_string()),
            b'L' => {
                let text = self.line()?;
                Node::Int(long_text(text.strip_suffix('L').unwrap_or(text))?)
            }
            0x8a => {
                let length = self.byte()?.into();
                Node::Int(long(self.take(length)?)?)
            }
            0x8b => {
                let length = self.length_of_four()?;
                Node::Int(long(self.take(length)?)?)
            }
            b'F' => {
                let number = self.line()?.parse();
                Node::Float(number.map_err(|_| broken("a number is none"))?)
            }
            _ => Node::Float(f64::from_be_bytes(self.array()?)),
        };
        self.push(node);
        Ok(())
    }

    fn text(&mut self, code: u8) -> Result<(), PickleError> {
        let length = match code {
            b'V' => {
                let text = unescaped(self.line_of_bytes()?)?;
                self.push(Node::Text(text));
                return Ok(());
            }
            b'X' => self.length_of_four()?,
            0x8c => self.byte()?.into(),
            _ => self.length_of_eight()?,
        };
        let text = std::str::from_utf8(self.take(length)?);
        let text = text.map_err(|_| broken("a text is not UTF-8"))?.to_owned();
        self.push(Node::Text(text));
        Ok(())
    }

    fn bytes(&mut self, code: u8) -> Result<(), PickleError> {
        let length = match code {
            b'B' => self.length_of_four()?,
            b'C' => self.byte()?.into(),
            _ => self.length_of_eight()?,
        };
        let bytes = self.take(length)?.to_vec();
        self.push(Node::Bytes(bytes));
        Ok(())
    }

    fn container(&mut self, code: u8) -> Result<(), PickleError> {
        let node = match code {
            b'l' => Node::List(self.marked()?),
            b't' => Node::Tuple(self.marked()?),
            b'd' => Node::Dict(pairs(&self.marked()?)?),
            0x91 => Node::Set(self.marked()?),
            // Tuples of one, two and three.
            _ => {
                let count = usize::from(code - 0x84);
                let at = self.above_mark().checked_sub(count);
                let at = at.ok_or_else(|| broken("the stack is empty"))? + self.bottom();
                Node::Tuple(self.stack.split_off(at))
            }
        };
        self.push(node);
        Ok(())
    }

    /// Puts elements into what is below them on the stack.
    fn fill(&mut self, code: u8) -> Result<(), PickleError> {
        let added = match code {
            b'a' => vec![self.pop()?],
            b's' => {
                let value = self.pop()?;
                vec![self.pop()?, value]
            }
            _ => self.marked()?,
        };
        let top = self.top()?;
        match (&mut self.nodes[top], code) {
            (Node::List(values), b'a' | b'e') | (Node::Set(values), 0x90) => values.extend(added),
            (Node::Dict(entries), b's' | b'u') => entries.extend(pairs(&added)?),
            (Node::Call(call), b's' | b'u') => call.items.extend(pairs(&added)?),
            (Node::Call(call), _) => call.is_extended = true,
            _ => return Err(broken("something is put into what holds nothing")),
        }
        Ok(())
    }

    fn memory(&mut self, code: u8) -> Result<(), PickleError> {
        let key = match code {
            0x94 => self.memo.len(),
            b'p' | b'g' => {
                let key = self.line()?.parse();
                key.map_err(|_| broken("a place in memory is no number"))?
            }
            b'q' | b'h' => self.byte()?.into(),
            _ => self.length_of_four()?,
        };
        if matches!(code, b'g' | b'h' | b'j') {
            let found = self.memo.get(&key);
            let id = *found.ok_or_else(|| broken("nothing is at a place in memory"))?;
            self.stack.push(id);
        } else {
            let top = self.top()?;
            self.memo.insert(key, top);
        }
        Ok(())
    }

    fn global(&mut self, code: u8) -> Result<(), PickleError> {
        let name = if code == b'c' {
            let module = self.line()?.to_owned();
            format!("{}.{}", module_of_today(&module), self.line()?)
        } else {
            let (name, module) = (self.pop()?, self.pop()?);
            match (&self.nodes[module], &self.nodes[name]) {
                (Node::Text(module), Node::Text(name)) => format!("{module}.{name}"),
                _ => return Err(broken("a name is not text")),
            }
        };
        self.push(Node::Global(name));
        Ok(())
    }

    fn call(&mut self, code: u8) -> Result<(), PickleError> {
        if code == 0x92 {
            // Arguments by name: none of the known classes has them.
            self.pop()?;
        }
        let (arguments, callee) = (self.pop()?, self.pop()?);
        self.push(Node::Call(Call {
            callee,
            arguments,
            state: None,
            items: Vec::new(),
            is_extended: false,
        }));
        Ok(())
    }

    fn build(&mut self) -> Result<(), PickleError> {
        let (state, top) = (self.pop()?, self.top()?);
        match &mut self.nodes[top] {
            Node::Call(call) => call.state = Some(state),
            _ => return Err(broken("something has a state that is no object")),
        }
        Ok(())
    }

    fn push(&mut self, node: Node) {
        self.stack.push(self.nodes.len());
        self.nodes.push(node);
    }

    /// Where the stack begins that is not behind a mark.
    fn bottom(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn above_mark(&self) -> usize {
        self.stack.len().saturating_sub(self.bottom())
    }

    fn top(&self) -> Result<Id, PickleError> {
        let top = self.stack.last().filter(|_| self.above_mark() > 0);
        top.copied().ok_or_else(|| broken("the stack is empty"))
    }

    fn pop(&mut self) -> Result<Id, PickleError> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    /// What is on top, which may be a mark.
    fn drop_top(&mut self) -> Result<(), PickleError> {
        if self.above_mark() == 0 && self.marks.pop().is_some() {
            return Ok(());
        }
        self.pop().map(drop)
    }

    /// All that is above the last mark.
    fn marked(&mut self) -> Result<Vec<Id>, PickleError> {
        let mark = self.marks.pop().ok_or_else(|| broken("there is no mark"))?;
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    fn take(&mut self, length: usize) -> Result<&[u8], PickleError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| broken("it ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleError> {
        let taken = self.take(N)?.first_chunk::<N>().copied();
        taken.ok_or_else(|| broken("it ends too early"))
    }

    fn byte(&mut self) -> Result<u8, PickleError> {
        self.array().map(|[byte]| byte)
    }

    fn length_of_four(&mut self) -> Result<usize, PickleError> {
        let length = u32::from_le_bytes(self.array()?);
        usize::try_from(length).map_err(|_| broken("it ends too early"))
    }

    fn length_of_eight(&mut self) -> Result<usize, PickleError> {
        let length = u64::from_le_bytes(self.array()?);
        usize::try_from(length).map_err(|_| broken("it ends too early"))
    }

    fn line(&mut self) -> Result<&str, PickleError> {
        let line = std::str::from_utf8(self.line_of_bytes()?);
        line.map_err(|_| broken("a line is not UTF-8"))
    }

    fn line_of_bytes(&mut self) -> Result<&[u8], PickleError> {
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        let end = end.ok_or_else(|| broken("it ends too early"))?;
        Ok(&self.take(end + 1)?[..end])
    }
}

/// What protocols up to 2 call Python's modules.
fn module_of_today(module: &str) -> &str {
    match module {
        "__builtin__" | "exceptions" => "builtins",
        "copy_reg" => "copyreg",
        other => other,
    }
}

/// A text of protocol 0: Latin 1, and others by their code point.
fn unescaped(line: &[u8]) -> Result<String, PickleError> {
    let (mut text, mut rest) = (String::new(), line);
    while let Some((byte, after)) = rest.split_first() {
        let digits = match (byte, after.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => {
                text.push(char::from(*byte));
                rest = after;
                continue;
            }
        };
        let code = after
            .get(1..=digits)
            .and_then(|code| std::str::from_utf8(code).ok());
        let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        let letter = code.and_then(char::from_u32);
        text.push(letter.ok_or_else(|| broken("a text has half a letter"))?);
        rest = &after[digits + 1..];
    }
    Ok(text)
}

fn pairs(ids: &[Id]) -> Result<Vec<(Id, Id)>, PickleError> {
    let (pairs, rest) = ids.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(broken("a key has no value"));
    }
    Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
}
