//! Types: what values look like.

use super::AnswerKind;
use crate::json::Value;
use crate::pointer::Pointer;

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
    /// Whether it is only the body of one operation, whose arguments are its fields.
    pub embedded: bool,
    /// What it is.
    pub shape: Shape,
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
    /// How each of these is written as a part of a form, where its schema says so.
    pub additional_part: Option<Part>,
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
    /// What it is in the values of its type, as unions tell these by it.
    pub tag: Option<String>,
    /// Whether it only comes from the server.
    pub read_only: bool,
    /// Whether it only goes to the server.
    pub write_only: bool,
    /// How it is written as a part of a form, where its schema says so.
    pub part: Option<Part>,
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

/// How a text is written as a part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The media type of the part.
    pub media_type: String,
    /// How the caller has encoded the content, such as `base64`.
    pub encoding: Option<String>,
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
    /// The branch of every value whose tag is another one, or that has none.
    pub fallback: Option<usize>,
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
    /// Whether no other branch is of the same type, also by another name.
    pub is_alone: bool,
}

/// A type where it is used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TypeRef {
    /// A type of [`Api::types`](super::Api::types).
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
    /// 128 bits with a sign.
    I128,
    /// 128 bits without a sign.
    U128,
}

/// How a number is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NumberType {
    /// In 32 bits.
    F32,
    /// In 64 bits.
    F64,
}

impl Outcome {
    /// The type of the body, where there is one.
    pub(crate) fn ty(&self) -> Option<&TypeRef> {
        self.body.as_ref().map(|(_, ty)| ty)
    }
}

impl Field {
    /// Whether the server takes something else than null when it is absent.
    pub(crate) fn has_default(&self) -> bool {
        self.default.as_ref().is_some_and(|value| !value.is_null())
    }
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
            Self::I128 => "i128",
            Self::U128 => "u128",
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

impl TypeRef {
    /// Every name that the type mentions.
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
            Self::Outcomes(outcomes) => outcomes.iter().filter_map(Outcome::ty).collect(),
            Self::Enumeration(_) => Vec::new(),
        }
    }
}
