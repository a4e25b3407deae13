//! A value that a result holds, whichever serializer wrote it.

use std::fmt;

/// A value of Python's, as data: nothing that a record holds is executed to read it.
///
/// Deserializing takes out of it what a Rust type asks for: the fields of an object of a class, the elements of a set or
/// tuple, the text of a date.
///
/// ```
/// use prefect_sdk::results::Value;
///
/// let when = Value::Object {
///     class: "datetime.date".to_owned(),
///     data: Box::new(Value::Text("2026-11-26".to_owned())),
/// };
/// assert_eq!(when.deserialize::<String>()?, "2026-11-26");
/// # Ok::<(), prefect_sdk::Error>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `None`.
    None,
    /// A boolean.
    Bool(bool),
    /// An integer of up to 128 bits.
    Int(i128),
    /// A larger integer, in decimal digits.
    BigInt(String),
    /// A number with a point; also NaN and infinities.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Value>),
    /// A tuple; JSON has lists in their place.
    Tuple(Vec<Value>),
    /// A dictionary, in its order.
    Dict(Vec<(Value, Value)>),
    /// An object of a class, such as `datetime.datetime`, `uuid.UUID`, `decimal.Decimal` or `builtins.set`, or a model of
    /// pydantic's: its class, and what it consists of. Dates and times are text in ISO 8601, a `datetime.timedelta` is
    /// seconds.
    Object {
        /// Its name with its module.
        class: String,
        /// What it consists of.
        data: Box<Value>,
    },
    /// An exception.
    Exception {
        /// Its name with its module.
        class: String,
        /// What it says.
        message: String,
    },
}

/// What a result holds is not for logs: only what kind of value it is, and of which class.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(_) => f.write_str("Bool(..)"),
            Self::Int(_) => f.write_str("Int(..)"),
            Self::BigInt(_) => f.write_str("BigInt(..)"),
            Self::Float(_) => f.write_str("Float(..)"),
            Self::Text(_) => f.write_str("Text(..)"),
            Self::Bytes(_) => f.write_str("Bytes(..)"),
            Self::List(values) => write!(f, "List({} values)", values.len()),
            Self::Tuple(values) => write!(f, "Tuple({} values)", values.len()),
            Self::Dict(entries) => write!(f, "Dict({} entries)", entries.len()),
            Self::Object { class, .. } => write!(f, "Object({class})"),
            Self::Exception { class, .. } => write!(f, "Exception({class})"),
        }
    }
}

impl Value {
    /// What kind of value it is, for errors.
    pub(super) fn kind(&self) -> &str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::BigInt(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "a list",
            Self::Tuple(_) => "a tuple",
            Self::Dict(_) => "a dictionary",
            Self::Object { class, .. } | Self::Exception { class, .. } => class,
        }
    }
}
