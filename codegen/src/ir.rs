//! The intermediate representation: the seam between reading descriptions and writing Rust.
//!
//! Nothing behind it knows where it came from, and the emitters see nothing else.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::config::AnswerKind;
use crate::notes::Loss;
use crate::pointer::Pointer;

/// A whole API.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Api {
    /// The description's title.
    pub title: String,
    /// The API's version.
    pub version: String,
    /// The types by name.
    pub types: BTreeMap<String, Type>,
    /// The operations by name.
    pub operations: BTreeMap<String, Operation>,
    /// Meanings that the client does not keep.
    pub losses: Vec<Loss>,
}

/// A named type.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Type {
    /// Its Rust name.
    pub name: String,
    /// Where it stands in the description.
    pub source: Pointer,
    /// Its documentation.
    pub doc: String,
    /// The tag whose module it lives in.
    pub tag: String,
    /// Which way it travels.
    pub travel: Travel,
    /// Whether it is only the body of one operation, whose arguments are its fields.
    pub embedded: bool,
    /// What it is.
    pub shape: Shape,
}

/// Which way a type travels. A type that no operation uses travels neither way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Travel {
    /// To the server.
    pub sent: bool,
    /// From the server.
    pub received: bool,
    /// To the server as a partial update, where absent and null differ.
    pub updates: bool,
}

/// What a type is.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// An object with named fields.
    Object(Object),
    /// One of a known set of texts, or one that is not known yet.
    Enumeration(Vec<EnumValue>),
    /// One of several types.
    Union(Union),
    /// Another name for a type.
    Alias(TypeRef),
    /// What the statuses of an operation's successes say.
    Outcomes(Vec<Outcome>),
}

/// What a status of a success says.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The variant in Rust.
    pub variant: String,
    /// The status; `None` stands for those that have no outcome of their own.
    pub status: Option<u16>,
    /// How the body is read, and its type, where there is one.
    pub body: Option<(AnswerKind, TypeRef)>,
}

/// An object with named fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The fields by their JSON name.
    pub fields: Vec<Field>,
    /// The type of what is not among the fields, where the description allows more.
    pub additional: Option<TypeRef>,
}

/// A field of an object, or an argument.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own in the description"
)]
#[non_exhaustive]
pub struct Field {
    /// Its name in JSON, in the query or among the headers.
    pub wire: String,
    /// Its name in Rust.
    pub name: String,
    /// Its type when it is there and not null.
    pub ty: TypeRef,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it can be null.
    pub nullable: bool,
    /// What the server takes when it is absent.
    pub default: Option<Value>,
    /// The only value that it has.
    pub constant: Option<Value>,
    /// Whether it only comes from the server.
    pub read_only: bool,
    /// Whether it only goes to the server.
    pub write_only: bool,
    /// Whether it is kept out of `Debug`.
    pub secret: bool,
    /// What the description says of it; empty where it says no more than its name does.
    pub doc: String,
    /// Its limits, and what the server takes when it is absent, in sentences.
    pub rules: Vec<String>,
    /// Whether the description calls it deprecated.
    pub deprecated: bool,
    /// Where it stands in the description.
    pub source: Pointer,
}

/// One text of an enumeration.
#[derive(Clone, Debug, PartialEq)]
pub struct EnumValue {
    /// The text in JSON.
    pub wire: String,
    /// The variant in Rust.
    pub variant: String,
}

/// One of several types.
#[derive(Clone, Debug, PartialEq)]
pub struct Union {
    /// The property that tells the branches apart.
    pub tag: Option<String>,
    /// The branches in the description's order.
    pub branches: Vec<Branch>,
}

/// A branch of a union.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// The variant in Rust.
    pub variant: String,
    /// The tag's values, where the union has a tag.
    pub tags: Vec<String>,
    /// Its type.
    pub ty: TypeRef,
}

/// A type where it is used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TypeRef {
    /// A type of [`Api::types`].
    Named(String),
    /// Text.
    Text,
    /// Text that is kept out of `Debug`.
    Secret,
    /// A file, as a part of a form.
    File,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer(IntegerType),
    /// A number.
    Number(NumberType),
    /// A UUID.
    Uuid,
    /// A point in time.
    DateTime,
    /// A day.
    Date,
    /// Anything.
    Any,
    /// A list.
    List(Box<TypeRef>),
    /// Values by text.
    Map(Box<TypeRef>),
    /// A list of fixed length with a type for each item.
    Tuple(Vec<TypeRef>),
    /// A value or null.
    Optional(Box<TypeRef>),
    /// A value on the heap, where a type holds itself.
    Boxed(Box<TypeRef>),
}

/// How a whole number is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntegerType {
    /// From 0 to 255.
    U8,
    /// 32 bits with a sign.
    I32,
    /// 64 bits with a sign.
    I64,
    /// 64 bits without a sign.
    U64,
}

/// How a number is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NumberType {
    /// In 32 bits.
    F32,
    /// In 64 bits.
    F64,
}

impl IntegerType {
    /// What Rust calls it.
    #[must_use]
    pub fn rust(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U64 => "u64",
        }
    }
}

impl NumberType {
    /// What Rust calls it.
    #[must_use]
    pub fn rust(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }
}

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
    /// The headers of its successes that the description names.
    pub answer_headers: Vec<String>,
    /// Headers that the client sends itself.
    pub client_headers: Vec<String>,
    /// Statuses that are no success, with the description's words.
    pub errors: BTreeMap<String, String>,
    /// Whether a person says that it does no more when it is sent twice, which its method does not promise.
    pub repeatable: bool,
    /// How its answers follow each other, where they are pages.
    pub paging: Option<Paging>,
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
    /// Its name and type.
    pub field: Field,
}

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// How a body is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// What the header `Content-Type` says.
    pub media_type: String,
    /// What the bytes are.
    pub form: BodyForm,
    /// The media types of the parts of a form that have one of their own, by their names.
    pub parts: BTreeMap<String, String>,
}

/// What the bytes of a body are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyForm {
    /// JSON.
    Json,
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

/// How the pages of an operation follow each other. Fields are called by their Rust names.
#[derive(Clone, Debug)]
pub struct Paging {
    /// The type of an item.
    pub item: TypeRef,
    /// How one page leads to the next.
    pub rule: PagingRule,
}

/// How one page leads to the next.
#[derive(Clone, Debug)]
pub enum PagingRule {
    /// By the number of items before it; the answer is a list.
    Offset {
        /// The request's field that has that number.
        offset: String,
        /// The request's field that says how long a page is.
        limit: String,
        /// The offset where the request has none.
        first: i64,
    },
    /// By its number.
    Number {
        /// The request's field that has the number.
        page: String,
        /// The number of the first page.
        first: i64,
        /// The answer's field with the items.
        items: String,
        /// The answer's field with the number of the page, where there is one.
        echo: Option<String>,
        /// The answer's field with the number of pages.
        pages: String,
    },
    /// By a token in a URL.
    Link {
        /// The answer's field with the items.
        items: String,
        /// The answer's field with the URL.
        next: String,
        /// The token's name in the URL's query.
        token: String,
        /// The operation that takes the token and nothing else.
        follow: String,
    },
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

impl Api {
    /// The type behind the names for it.
    #[must_use]
    pub fn resolved<'a>(&'a self, mut ty: &'a TypeRef) -> &'a TypeRef {
        // A chain of names is no longer than there are types.
        for _ in 0..self.types.len() {
            let TypeRef::Named(name) = ty else { break };
            match self.types.get(name).map(|known| &known.shape) {
                Some(Shape::Alias(target)) => ty = target,
                _ => break,
            }
        }
        ty
    }

    /// The object that a type is, and its fields.
    #[must_use]
    pub fn object<'a>(&'a self, ty: &'a TypeRef) -> Option<(&'a Type, &'a Object)> {
        let TypeRef::Named(name) = self.resolved(ty) else {
            return None;
        };
        let ty = self.types.get(name)?;
        match &ty.shape {
            Shape::Object(object) => Some((ty, object)),
            _ => None,
        }
    }
}

impl TypeRef {
    /// Every name that the type mentions.
    pub fn names(&self, each: &mut dyn FnMut(&str)) {
        self.each_name(&mut |name| each(name));
    }

    /// As [`names`](Self::names), for as long as the type lives.
    pub(crate) fn each_name<'t>(&'t self, each: &mut dyn FnMut(&'t str)) {
        match self {
            Self::Named(name) => each(name),
            Self::List(inner) | Self::Map(inner) | Self::Optional(inner) | Self::Boxed(inner) => {
                inner.each_name(each);
            }
            Self::Tuple(items) => items.iter().for_each(|item| item.each_name(each)),
            _ => {}
        }
    }

    /// The same type with other names.
    #[must_use]
    pub(crate) fn renamed(&self, name: &dyn Fn(&str) -> String) -> Self {
        let inner = |ty: &Self| Box::new(ty.renamed(name));
        match self {
            Self::Named(before) => Self::Named(name(before)),
            Self::List(ty) => Self::List(inner(ty)),
            Self::Map(ty) => Self::Map(inner(ty)),
            Self::Optional(ty) => Self::Optional(inner(ty)),
            Self::Boxed(ty) => Self::Boxed(inner(ty)),
            Self::Tuple(items) => Self::Tuple(items.iter().map(|ty| ty.renamed(name)).collect()),
            plain => plain.clone(),
        }
    }

    /// Whether the type says "anything" somewhere.
    #[must_use]
    pub fn has_any(&self) -> bool {
        match self {
            Self::Any => true,
            Self::List(inner) | Self::Map(inner) | Self::Optional(inner) | Self::Boxed(inner) => {
                inner.has_any()
            }
            Self::Tuple(items) => items.iter().any(Self::has_any),
            _ => false,
        }
    }
}

impl Shape {
    /// Every type that this one is made of, but for those of constants, which nobody names.
    #[must_use]
    pub fn parts(&self) -> Vec<&TypeRef> {
        match self {
            Self::Object(object) => {
                let fields = object
                    .fields
                    .iter()
                    .filter(|field| field.constant.is_none())
                    .map(|field| &field.ty);
                fields.chain(&object.additional).collect()
            }
            Self::Union(union) => union.branches.iter().map(|branch| &branch.ty).collect(),
            Self::Alias(ty) => vec![ty],
            Self::Outcomes(outcomes) => {
                let bodies = outcomes.iter().filter_map(|outcome| outcome.body.as_ref());
                bodies.map(|(_, ty)| ty).collect()
            }
            Self::Enumeration(_) => Vec::new(),
        }
    }
}
