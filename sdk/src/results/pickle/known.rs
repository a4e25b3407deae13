//! What the classes that are known here mean, as values.

use uuid::Uuid;

use super::super::json::integer;
use super::super::python::repr_text;
use super::machine::{Call, Id, Node};
use super::{PickleError, broken, time};
use crate::python_json::float_text;
use crate::results::Value;

/// As deep as JSON is read.
const DEEPEST: usize = 127;
/// What is shared may be written a few bytes long, and be as large as nobody can hold: so much more than the bytes.
const SPARE: usize = 16 * 1024 * 1024;

pub(super) struct Reader<'a> {
    nodes: &'a [Node],
    left: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(nodes: &'a [Node], bytes: usize) -> Self {
        let left = SPARE.saturating_add(bytes.saturating_mul(16));
        Self { nodes, left }
    }

    pub(super) fn value(&mut self, id: Id, depth: usize) -> Result<Value, PickleError> {
        if depth > DEEPEST {
            return Err(broken("it is nested too deeply, or holds itself"));
        }
        let node = self.node(id)?;
        self.pay(node)?;
        Ok(match node {
            Node::None => Value::None,
            Node::Bool(value) => Value::Bool(*value),
            Node::Int(digits) => integer(digits),
            Node::Float(number) => Value::Float(*number),
            Node::Text(text) => Value::Text(text.clone()),
            Node::Bytes(bytes) => Value::Bytes(bytes.clone()),
            Node::List(ids) => Value::List(self.values(ids, depth)?),
            Node::Tuple(ids) => Value::Tuple(self.values(ids, depth)?),
            Node::Set(ids) => object("builtins.set", Value::List(self.values(ids, depth)?)),
            Node::Dict(entries) => self.dict(entries, depth)?,
            Node::Global(name) => return Err(PickleError::Class(name.clone())),
            Node::Call(call) => self.call(call, depth)?,
        })
    }

    fn node(&self, id: Id) -> Result<&'a Node, PickleError> {
        self.nodes.get(id).ok_or_else(|| broken("it is not whole"))
    }

    /// Each value costs what it holds, each time that it is reached.
    fn pay(&mut self, node: &Node) -> Result<(), PickleError> {
        let cost = match node {
            Node::Text(text) | Node::Int(text) | Node::Global(text) => text.len(),
            Node::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        let left = self.left.checked_sub(cost + 8);
        self.left = left.ok_or_else(|| broken("it is far larger than its bytes"))?;
        Ok(())
    }

    fn values(&mut self, ids: &[Id], depth: usize) -> Result<Vec<Value>, PickleError> {
        ids.iter().map(|id| self.value(*id, depth + 1)).collect()
    }

    fn dict(&mut self, entries: &[(Id, Id)], depth: usize) -> Result<Value, PickleError> {
        let entries = entries.iter().map(|(key, value)| {
            let key = self.value(*key, depth + 1)?;
            Ok((key, self.value(*value, depth + 1)?))
        });
        Ok(Value::Dict(entries.collect::<Result<_, _>>()?))
    }

    fn call(&mut self, call: &Call, depth: usize) -> Result<Value, PickleError> {
        let class = self.name(call.callee, 0)?;
        let unknown = || PickleError::Class(class.clone());
        if call.is_extended {
            return Err(unknown());
        }
        let Node::Tuple(ids) = self.node(call.arguments)? else {
            return Err(broken("arguments are not a tuple"));
        };
        if class == "collections.OrderedDict" && ids.is_empty() {
            return self.dict(&call.items, depth);
        }
        let is_exception = is_exception(&class);
        if !(is_exception || is_known(&class)) || !call.items.is_empty() {
            return Err(unknown());
        }
        let arguments = self.values(ids, depth)?;
        if is_exception {
            let message = message(&class, &arguments);
            return Ok(Value::Exception { class, message });
        }
        let state = call.state.map(|state| self.value(state, depth + 1));
        known(&class, &arguments, state.transpose()?).ok_or_else(unknown)?
    }

    /// The name of what is called. A method of a class is got by a call, too.
    fn name(&self, id: Id, depth: usize) -> Result<String, PickleError> {
        match self.node(id)? {
            Node::Global(name) => Ok(name.clone()),
            Node::Call(call) if depth == 0 => {
                let getter = self.name(call.callee, 1)?;
                let Node::Tuple(ids) = self.node(call.arguments)? else {
                    return Err(PickleError::Class(getter));
                };
                match (&*getter, &**ids) {
                    ("builtins.getattr", &[class, name]) => {
                        match (self.node(class)?, self.node(name)?) {
                            (Node::Global(class), Node::Text(name)) => {
                                Ok(format!("{class}.{name}"))
                            }
                            _ => Err(PickleError::Class(getter)),
                        }
                    }
                    _ => Err(PickleError::Class(getter)),
                }
            }
            _ => Err(broken("what is called is no name")),
        }
    }
}

fn object(class: &str, data: Value) -> Value {
    Value::Object {
        class: class.to_owned(),
        data: Box::new(data),
    }
}

fn is_known(class: &str) -> bool {
    const KNOWN: [&str; 14] = [
        "_codecs.encode",
        "builtins.bytearray",
        "builtins.bytes",
        "builtins.frozenset",
        "builtins.set",
        "datetime.date",
        "datetime.datetime",
        "datetime.time",
        "datetime.timedelta",
        "datetime.timezone",
        "decimal.Decimal",
        "uuid.UUID",
        "zoneinfo.ZoneInfo",
        "zoneinfo.ZoneInfo._unpickle",
    ];
    KNOWN.contains(&class)
}

/// Nothing if a known class was made in a way that is not known.
fn known(
    class: &str,
    arguments: &[Value],
    state: Option<Value>,
) -> Option<Result<Value, PickleError>> {
    let text =
        |text: Result<String, PickleError>| text.map(|text| object(class, Value::Text(text)));
    Some(match (class, arguments) {
        ("builtins.set" | "builtins.frozenset", []) => {
            Ok(object("builtins.set", Value::List(Vec::new())))
        }
        ("builtins.set" | "builtins.frozenset", [Value::List(values)]) => {
            Ok(object("builtins.set", Value::List(values.clone())))
        }
        ("builtins.bytes" | "builtins.bytearray", []) => Ok(Value::Bytes(Vec::new())),
        ("builtins.bytes" | "builtins.bytearray", [Value::Bytes(bytes)]) => {
            Ok(Value::Bytes(bytes.clone()))
        }
        ("_codecs.encode" | "builtins.bytearray", [Value::Text(text), Value::Text(coding)])
            if coding.starts_with("latin") =>
        {
            Ok(Value::Bytes(latin(text)?))
        }
        ("decimal.Decimal", [Value::Text(digits)]) => text(Ok(digits.clone())),
        ("uuid.UUID", []) => Ok(object(class, Value::Text(uuid(&state?)?))),
        ("datetime.date", [day]) => text(time::date(&bytes_of(day)?)),
        ("datetime.time", [time]) => text(time::time(&bytes_of(time)?)),
        ("datetime.time", [time, zone]) => {
            let zone = zone_text(zone)?;
            text(time::time(&bytes_of(time)?).map(|time| time + &zone))
        }
        ("datetime.datetime", [time]) => text(time::datetime(&bytes_of(time)?)),
        ("datetime.datetime", [time, zone]) => {
            let zone = zone_text(zone)?;
            text(time::datetime(&bytes_of(time)?).map(|time| time + &zone))
        }
        ("datetime.timedelta", [Value::Int(days), Value::Int(seconds), Value::Int(micros)]) => Ok(
            object(class, Value::Float(duration(*days, *seconds, *micros))),
        ),
        ("datetime.timezone", [Value::Object { data, .. }, ..]) => match **data {
            Value::Float(seconds) => text(time::offset(seconds)),
            _ => return None,
        },
        ("zoneinfo.ZoneInfo" | "zoneinfo.ZoneInfo._unpickle", [Value::Text(key), ..]) => {
            Ok(object("zoneinfo.ZoneInfo", Value::Text(key.clone())))
        }
        _ => return None,
    })
}

/// Bytes, which older protocols write as a text of their code points.
fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Bytes(bytes) => Some(bytes.clone()),
        Value::Text(text) => latin(text),
        _ => None,
    }
}

fn latin(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|letter| u8::try_from(letter).ok())
        .collect()
}

/// What follows a time: its offset, or the name of its zone, as RFC 9557 has it, since offsets of zones are not known here.
fn zone_text(zone: &Value) -> Option<String> {
    let Value::Object { class, data } = zone else {
        return None;
    };
    match (&**class, &**data) {
        ("datetime.timezone", Value::Text(offset)) => Some(offset.clone()),
        ("zoneinfo.ZoneInfo", Value::Text(key)) if key == "UTC" => Some("+00:00".to_owned()),
        ("zoneinfo.ZoneInfo", Value::Text(key)) => Some(format!("[{key}]")),
        _ => None,
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "Python's `total_seconds` is a float, too"
)]
fn duration(days: i128, seconds: i128, micros: i128) -> f64 {
    let whole = days.saturating_mul(86_400).saturating_add(seconds);
    let micros = whole.saturating_mul(1_000_000).saturating_add(micros);
    micros as f64 / 1e6
}

fn uuid(state: &Value) -> Option<String> {
    let Value::Dict(entries) = state else {
        return None;
    };
    let number = entries.iter().find_map(|(key, value)| match (key, value) {
        (Value::Text(key), Value::Int(number)) if key == "int" => u128::try_from(*number).ok(),
        (Value::Text(key), Value::BigInt(digits)) if key == "int" => digits.parse().ok(),
        _ => None,
    });
    number.map(|number| Uuid::from_u128(number).to_string())
}

/// Python's own exceptions, and Prefect's: what their arguments say is their message.
fn is_exception(class: &str) -> bool {
    let (module, name) = class.rsplit_once('.').unwrap_or_default();
    let of_python = [
        "Error",
        "Exception",
        "Exit",
        "Interrupt",
        "Iteration",
        "Warning",
    ];
    match module {
        "builtins" => of_python.iter().any(|end| name.ends_with(end)),
        "prefect.exceptions" => true,
        _ => false,
    }
}

/// As Python's `str` of an exception: its only argument, or all of them as they would be written in a program. That of a
/// `KeyError` is written so, too.
fn message(class: &str, arguments: &[Value]) -> String {
    let written = |value: &Value| match value {
        Value::Text(text) => repr_text(&text.clone().into()),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => float_text(*number),
        Value::Bool(value) => repr_text(&(*value).into()),
        Value::None => "None".to_owned(),
        other => format!("<{}>", other.kind()),
    };
    let is_system = class.strip_prefix("builtins.").is_some_and(is_of_system);
    match arguments {
        [] => String::new(),
        [Value::Int(number), Value::Text(text)] if is_system => format!("[Errno {number}] {text}"),
        [Value::Int(number), Value::Text(text), file, ..] if is_system => {
            format!("[Errno {number}] {text}: {}", written(file))
        }
        [Value::Text(text)] if class != "builtins.KeyError" => text.clone(),
        [one] => written(one),
        all => {
            let all: Vec<_> = all.iter().map(written).collect();
            format!("({})", all.join(", "))
        }
    }
}

/// Python's `OSError`, and what it becomes by its number.
fn is_of_system(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "BlockingIOError",
        "BrokenPipeError",
        "ChildProcessError",
        "ConnectionAbortedError",
        "ConnectionError",
        "ConnectionRefusedError",
        "ConnectionResetError",
        "FileExistsError",
        "FileNotFoundError",
        "InterruptedError",
        "IsADirectoryError",
        "NotADirectoryError",
        "OSError",
        "PermissionError",
        "ProcessLookupError",
        "TimeoutError",
    ];
    NAMES.contains(&name)
}
