//! Operations: what is sent, and what is answered.

use std::collections::BTreeMap;

use super::{Field, Part, SecurityKind, TypeRef};
use crate::pointer::Pointer;

/// An operation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Operation {
    /// The methods' name.
    pub name: String,
    /// Whether it is a variant of another operation, which sends or reads another media type.
    pub is_variant: bool,
    /// The media type that it asks for, where it is not what every call asks for.
    pub accept: Option<String>,
    /// The HTTP method in upper case.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The tag whose module it lives in.
    pub tag: String,
    /// The name of the struct of what is optional about it, where anything is. Models have no say in it, so that it stays
    /// as it is when the description grows.
    pub request_type: String,
    /// Its documentation.
    pub doc: String,
    /// Whether the description calls it deprecated.
    pub deprecated: bool,
    /// Where it stands in the description.
    pub source: Pointer,
    /// The parameters in the description's order.
    pub parameters: Vec<Parameter>,
    /// The body.
    pub body: RequestBody,
    /// How the body is written, where there is one.
    pub content: Option<Content>,
    /// What a success answers, and how it is read; `None` answers nothing.
    pub answer: Option<Answer>,
    /// The headers of its successes that the description names; their types are plain ones, and lists of these.
    pub answer_headers: Vec<Field>,
    /// Headers that the client sends itself.
    pub client_headers: Vec<String>,
    /// The credentials of each way to say who asks; `None` where nothing says which it asks for.
    pub asks: Option<Vec<Vec<SecurityKind>>>,
    /// Statuses that are no success, with the description's words.
    pub errors: BTreeMap<String, String>,
    /// Whether a person says that it does no more when it is sent twice, which its method does not promise.
    pub repeatable: bool,
}

impl Operation {
    /// The name of every type that it takes, as it mentions them itself.
    pub(crate) fn each_sent_name<'a>(&'a self, each: &mut dyn FnMut(&'a str)) {
        for parameter in &self.parameters {
            parameter.field.ty.each_name(each);
        }
        match &self.body {
            RequestBody::None => {}
            RequestBody::Whole(field) => field.ty.each_name(each),
            RequestBody::Embedded(name) => each(name),
        }
    }
}

/// A parameter of an operation.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Where it travels.
    pub place: ParameterPlace,
    /// How its value becomes text.
    pub style: Style,
    /// Whether reserved characters stay as they are.
    pub allow_reserved: bool,
    /// How names of a form that is the whole query are written that have a style of their own.
    pub styled: BTreeMap<String, PairStyle>,
    /// Its name and type.
    pub field: Field,
}

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParameterPlace {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// Among the headers.
    Header,
    /// Among the cookies.
    Cookie,
}

/// How a parameter's value becomes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As the place has it: items by commas, in the query a pair for each.
    Usual,
    /// Items and fields by commas.
    Simple,
    /// Items by commas, fields as `name=value`.
    SimpleExploded,
    /// Items by commas behind a dot.
    Label,
    /// Each item and field behind a dot.
    LabelExploded,
    /// Items by commas behind the parameter's name.
    Matrix,
    /// Each item and field behind a name.
    MatrixExploded,
    /// Items by commas in one pair.
    Form,
    /// A pair for each item and field.
    FormExploded,
    /// Items by spaces.
    SpaceDelimited,
    /// Items by bars.
    PipeDelimited,
    /// A pair for each field, with its name in brackets.
    DeepObject,
    /// As JSON.
    Json,
    /// As a form that is the whole query.
    WholeForm,
    /// As JSON that is the whole query.
    WholeJson,
}

/// How a body is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// What the header `Content-Type` says.
    pub media_type: String,
    /// What the bytes are.
    pub form: BodyForm,
    /// What is said of the parts of a form with files, by their names.
    pub parts: BTreeMap<String, Encoding>,
    /// How names of a form without files are written that have a style of their own.
    pub styled: BTreeMap<String, PairStyle>,
    /// How each part of a form of any names, or of a list, is written, where something says so.
    pub each: Encoding,
    /// How the parts of a tuple are written, one after the other, as far as something says so.
    pub positions: Vec<Encoding>,
}

/// What is said of a part of a body beside its type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoding {
    /// Its media type, and what the caller has done to its content.
    pub part: Option<Part>,
    /// The headers that it always has.
    pub headers: Vec<(String, String)>,
}

impl Encoding {
    /// With what a schema says, which counts less.
    pub(crate) fn with(self, part: Option<&Part>) -> Self {
        let Some(part) = part else { return self };
        let part = match self.part {
            Some(own) => Part {
                encoding: part.encoding.clone(),
                ..own
            },
            None => part.clone(),
        };
        Self {
            part: Some(part),
            ..self
        }
    }
}

/// How a name of a form, which has a style of its own, is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairStyle {
    /// How its value becomes text.
    pub style: Style,
    /// Whether reserved characters stay as they are.
    pub allow_reserved: bool,
}

/// What the bytes of a body are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyForm {
    /// JSON.
    Json,
    /// JSON, one value after the other.
    Lines,
    /// Names and values, as a form of HTML has them.
    Form,
    /// Parts with names, as a form of HTML with files has them.
    Multipart,
    /// Text as it is.
    Text,
    /// Bytes as they are.
    Bytes,
}

/// The body of an operation.
#[derive(Clone, Debug)]
pub enum RequestBody {
    /// None.
    None,
    /// One value.
    Whole(Box<Field>),
    /// An object whose fields are the operation's arguments, by its type's name.
    Embedded(String),
}

/// How an answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// As JSON.
    Json,
    /// As text.
    Text,
    /// As bytes.
    Bytes,
    /// As a list of what is on each line: JSON, one value after the other.
    Lines,
    /// As a list of the server's events.
    Events,
    /// As names and values, as a form of HTML has them.
    Form,
}

/// What a success answers.
#[derive(Clone, Debug)]
pub struct Answer {
    /// How it is read.
    pub kind: AnswerKind,
    /// Its type.
    pub ty: TypeRef,
    /// Whether some success has no body; the type is optional then.
    pub may_be_empty: bool,
    /// Whether the type is one of outcomes, which reads itself by the status.
    pub by_status: bool,
}
