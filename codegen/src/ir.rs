//! The intermediate representation: the seam between reading descriptions and writing Rust.
//!
//! Nothing behind it knows where it came from, and the emitters see nothing else.

mod access;
mod operations;
mod types;

use std::collections::BTreeMap;

use crate::error::Problem;
use crate::loss::Loss;

pub use access::{KeyPlace, SecurityKind, SecurityScheme, Server, ServerVariable};
pub use operations::{
    Answer, AnswerKind, BodyForm, Content, Encoding, Operation, PairStyle, Parameter,
    ParameterPlace, RequestBody, Style,
};
pub use types::{
    Branch, EnumValue, Field, IntegerType, NumberType, Object, Outcome, Part, Shape, Type, TypeRef,
    Union,
};

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
    /// How clients say who they are.
    pub security: Vec<SecurityScheme>,
    /// Where the API is.
    pub servers: Vec<Server>,
    /// Meanings that the types and operations do not keep.
    pub losses: Vec<Loss>,
    /// What was left out, with the rule that it breaks.
    pub skipped: Vec<Problem>,
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
