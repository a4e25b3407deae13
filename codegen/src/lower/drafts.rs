//! What is read of each type before all of them are known: what it is made of, and where it stands.

use std::collections::BTreeMap;

use crate::circles::Graph;
use crate::ir::{EnumValue, Outcome, Part, TypeRef};
use crate::notes::Note;
use crate::pointer::Pointer;

/// Types by their names.
pub(super) type Drafts<'c> = BTreeMap<String, Draft<'c>>;

/// A type as it was read.
pub(super) struct Draft<'c> {
    /// Where it stands in the description.
    pub(super) source: Pointer,
    pub(super) doc: String,
    /// Whether it is only the body of one operation.
    pub(super) embedded: bool,
    pub(super) shape: Shape<'c>,
}

/// What a type is, as it was read.
pub(super) enum Shape<'c> {
    Object(Object<'c>),
    Enumeration(Vec<EnumValue>),
    Union(Union),
    Alias(TypeRef),
    Outcomes(Vec<Outcome>),
}

/// An object as it was read.
pub(super) struct Object<'c> {
    pub(super) members: Vec<Member<'c>>,
    pub(super) additional: Option<TypeRef>,
    pub(super) additional_part: Option<Part>,
}

/// A property of an object as it was read.
pub(super) struct Member<'c> {
    /// Its name in JSON.
    pub(super) wire: String,
    pub(super) ty: TypeRef,
    pub(super) required: bool,
    pub(super) note: &'c Note,
    /// Where it is said when the property itself has no place.
    pub(super) owner: Pointer,
    pub(super) way: Way,
}

/// Which way a property goes, which the component that it is may say too.
#[derive(Clone, Copy)]
pub(super) struct Way {
    pub(super) read_only: bool,
    pub(super) write_only: bool,
    /// Whether it is kept out of `Debug`.
    pub(super) secret: bool,
}

/// A union as it was read.
pub(super) struct Union {
    pub(super) tag: Option<String>,
    pub(super) branches: Vec<Branch>,
    pub(super) fallback: Option<usize>,
}

/// A branch of a union as it was read.
pub(super) struct Branch {
    pub(super) variant: String,
    pub(super) tags: Vec<String>,
    pub(super) ty: TypeRef,
}

impl Member<'_> {
    /// Whether it always has the same value, so that nobody names its type.
    pub(super) fn is_constant(&self) -> bool {
        self.note.constant.is_some()
    }
}

impl Shape<'_> {
    /// Every type that this one is made of, but for those of constants.
    pub(super) fn parts(&self) -> Vec<&TypeRef> {
        match self {
            Self::Object(object) => {
                let members = object.members.iter();
                let members = members.filter(|member| !member.is_constant());
                let types = members.map(|member| &member.ty);
                types.chain(&object.additional).collect()
            }
            Self::Union(union) => union.branches.iter().map(|branch| &branch.ty).collect(),
            Self::Alias(ty) => vec![ty],
            Self::Outcomes(outcomes) => outcomes.iter().filter_map(Outcome::ty).collect(),
            Self::Enumeration(_) => Vec::new(),
        }
    }
}

/// The names that each alias stands for.
pub(super) fn aliases<'d>(drafts: &'d Drafts<'_>) -> Graph<'d> {
    let mut graph = Graph::new();
    for (name, draft) in drafts {
        if let Shape::Alias(target) = &draft.shape {
            let mut names = Vec::new();
            target.each_name(&mut |name| names.push(name));
            graph.insert(name, names);
        }
    }
    graph
}

/// The type behind the names for it.
pub(super) fn resolved<'d>(drafts: &'d Drafts<'_>, mut ty: &'d TypeRef) -> &'d TypeRef {
    // A chain of names is no longer than there are types.
    for _ in 0..drafts.len() {
        let TypeRef::Named(name) = ty else { break };
        match drafts.get(name).map(|draft| &draft.shape) {
            Some(Shape::Alias(target)) => ty = target,
            _ => break,
        }
    }
    ty
}
