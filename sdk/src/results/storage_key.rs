//! Python's format strings, by which the keys of results are made.

use std::fmt::Write as _;

use serde_json::Value;

use super::python::{repr_text, str_text};
use crate::Error;
use crate::python_json::float_text;

/// A field is no wider: a key is the name of a file.
const WIDEST: usize = 1024;

/// Fills a format string in, such as `{flow_run.name}-{parameters[day]}`. A name is looked up in the values, which are an
/// object; `{{` and `}}` are braces.
///
/// What Python's format specifications have is there for text and numbers: fill, alignment, sign, width, precision and the
/// types `s`, `d`, `x`, `X`, `o`, `b`, `f` and `%`; so are the conversions `!s` and `!r`.
///
/// ```
/// use prefect_sdk::results::format_storage_key;
/// use serde_json::json;
///
/// let values = json!({"flow_run": {"name": "brave-owl"}, "parameters": {"day": 7}});
/// let key = format_storage_key("{flow_run.name}/{parameters[day]:02}", &values)?;
/// assert_eq!(key, "brave-owl/07");
/// # Ok::<(), prefect_sdk::Error>(())
/// ```
///
/// # Errors
///
/// The format string is not one of Python's, or names what the values do not have ([`Error::is_invalid`]).
pub fn format_storage_key(format: &str, values: &Value) -> Result<String, Error> {
    let filled = filled(format, values);
    filled.map_err(|why| Error::invalid(format!("the storage key `{format}`: {why}")))
}

/// The same, for whatever the text is; or what is wrong with the format string.
pub(crate) fn filled(format: &str, values: &Value) -> Result<String, String> {
    let mut key = String::new();
    let mut rest = format;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, found) = rest.split_at(at);
        key.push_str(before);
        let (brace, after) = found.split_at(1);
        if let Some(after) = after.strip_prefix(brace) {
            key.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return Err("a single `}`".to_owned());
        }
        let (field, after) = after.split_once('}').ok_or("a `{` without its `}`")?;
        key.push_str(&one(field, values)?);
        rest = after;
    }
    key.push_str(rest);
    Ok(key)
}

/// One field: a name, a conversion, a specification.
fn one(field: &str, values: &Value) -> Result<String, String> {
    if field.contains('{') {
        return Err("a field within a field is not filled in".to_owned());
    }
    let (named, specification) = field.split_once(':').unwrap_or((field, ""));
    let (name, conversion) = named.split_once('!').unwrap_or((named, ""));
    let value = look_up(name, values)?;
    let shown = match conversion {
        "" => None,
        "s" => Some(Value::from(str_text(value))),
        "r" => Some(Value::from(repr_text(value))),
        other => return Err(format!("the conversion `!{other}` is not known")),
    };
    Specification::parse(specification)?.show(shown.as_ref().unwrap_or(value))
}

fn look_up<'a>(name: &str, values: &'a Value) -> Result<&'a Value, String> {
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut rest) = name.split_at(end);
    let missing = |part: &str| format!("there is no `{part}` in `{{{name}}}`");
    let mut value = values.get(first).ok_or_else(|| missing(first))?;
    while !rest.is_empty() {
        let part;
        (part, rest) = match rest.strip_prefix('.') {
            Some(attribute) => {
                attribute.split_at(attribute.find(['.', '[']).unwrap_or(attribute.len()))
            }
            None => rest
                .strip_prefix('[')
                .and_then(|index| index.split_once(']'))
                .ok_or_else(|| format!("`{{{name}}}` is not the name of a value"))?,
        };
        let found = match value {
            Value::Array(values) => part.parse().ok().and_then(|index: usize| values.get(index)),
            other => other.get(part),
        };
        value = found.ok_or_else(|| missing(part))?;
    }
    Ok(value)
}

/// What stands behind the colon.
#[derive(Default)]
struct Specification {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    width: usize,
    precision: Option<usize>,
    kind: Option<char>,
}

impl Specification {
    fn parse(text: &str) -> Result<Self, String> {
        let unknown = || format!("the format specification `{text}` is not known");
        let mut this = Self::default();
        let mut letters = text.chars().peekable();
        let is_align = |letter: char| "<>^=".contains(letter);
        let mut ahead = text.chars();
        match (ahead.next(), ahead.next()) {
            (fill, Some(align)) if is_align(align) => {
                (this.fill, this.align) = (fill, Some(align));
                letters.nth(1);
            }
            (Some(align), _) if is_align(align) => {
                this.align = Some(align);
                letters.next();
            }
            _ => {}
        }
        this.sign = letters.next_if(|letter| "+- ".contains(*letter));
        if letters.next_if_eq(&'0').is_some() {
            this.fill = this.fill.or(Some('0'));
            this.align = this.align.or(Some('='));
        }
        let mut digits = String::new();
        while let Some(digit) = letters.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        this.width = size(&digits).ok_or_else(unknown)?;
        if letters.next_if_eq(&'.').is_some() {
            digits.clear();
            while let Some(digit) = letters.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            let precision = size(&digits).filter(|_| !digits.is_empty());
            this.precision = Some(precision.ok_or_else(unknown)?);
        }
        this.kind = letters.next();
        letters.next().map_or(Ok(this), |_| Err(unknown()))
    }

    fn show(&self, value: &Value) -> Result<String, String> {
        let is_plain = self
            .fill
            .or(self.align)
            .or(self.sign)
            .or(self.kind)
            .is_none();
        if is_plain && self.width == 0 && self.precision.is_none() {
            return Ok(str_text(value));
        }
        match value {
            Value::String(text) if matches!(self.kind, None | Some('s')) => self.show_text(text),
            Value::Number(number) => self.show_number(number),
            // For Python, they are the numbers one and zero.
            Value::Bool(value) if self.kind.is_some_and(|kind| kind != 's') => {
                self.show_number(&u8::from(*value).into())
            }
            _ => Err("only text and numbers have a format specification".to_owned()),
        }
    }

    fn show_text(&self, text: &str) -> Result<String, String> {
        if self.sign.is_some() || self.align == Some('=') {
            return Err("text has no sign".to_owned());
        }
        let shown: String = text
            .chars()
            .take(self.precision.unwrap_or(usize::MAX))
            .collect();
        Ok(self.pad("", &shown, '<'))
    }

    fn show_number(&self, number: &serde_json::Number) -> Result<String, String> {
        let unknown = |kind: char| format!("a number has no format `{kind}`");
        let negative = number.as_f64().is_some_and(f64::is_sign_negative);
        let shown = match self.kind {
            Some('f' | '%') => self.fixed(number.as_f64().unwrap_or_default().abs()),
            None if number.is_f64() && self.precision.is_none() => {
                float_text(number.as_f64().unwrap_or_default().abs())
            }
            kind if !number.is_f64() && self.precision.is_none() => {
                let whole = number.as_i64().map(i64::unsigned_abs).or(number.as_u64());
                let whole = whole.ok_or_else(|| unknown(kind.unwrap_or('d')))?;
                match kind.unwrap_or('d') {
                    'd' => whole.to_string(),
                    'x' => format!("{whole:x}"),
                    'X' => format!("{whole:X}"),
                    'o' => format!("{whole:o}"),
                    'b' => format!("{whole:b}"),
                    other => return Err(unknown(other)),
                }
            }
            kind => return Err(unknown(kind.unwrap_or('g'))),
        };
        let sign = match self.sign {
            _ if negative => "-".to_owned(),
            Some(sign @ ('+' | ' ')) => sign.to_string(),
            _ => String::new(),
        };
        Ok(self.pad(&sign, &shown, '>'))
    }

    fn fixed(&self, number: f64) -> String {
        let precision = self.precision.unwrap_or(6);
        let mut text = String::new();
        let _ = match self.kind {
            Some('%') => write!(text, "{:.precision$}%", number * 100.0),
            _ => write!(text, "{number:.precision$}"),
        };
        text
    }

    fn pad(&self, sign: &str, shown: &str, usual: char) -> String {
        let missing = self
            .width
            .saturating_sub(sign.chars().count() + shown.chars().count());
        let fill = |count: usize| String::from(self.fill.unwrap_or(' ')).repeat(count);
        match self.align.unwrap_or(usual) {
            '<' => format!("{sign}{shown}{}", fill(missing)),
            '^' => {
                let (left, right) = (fill(missing / 2), fill(missing - missing / 2));
                format!("{left}{sign}{shown}{right}")
            }
            '=' => format!("{sign}{}{shown}", fill(missing)),
            _ => format!("{}{sign}{shown}", fill(missing)),
        }
    }
}

fn size(digits: &str) -> Option<usize> {
    if digits.is_empty() {
        return Some(0);
    }
    digits.parse().ok().filter(|size| *size <= WIDEST)
}
