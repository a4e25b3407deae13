//! Reads progenitor's Rust types back into [`TypeRef`].

use syn::{GenericArgument, PathArguments, PathSegment, Type};

use crate::ir::TypeRef;

/// The type in our words, or why it has none.
pub(super) fn read(ty: &Type) -> Result<TypeRef, String> {
    match ty {
        Type::Reference(reference) => read(&reference.elem),
        Type::Paren(inner) => read(&inner.elem),
        Type::Group(inner) => read(&inner.elem),
        Type::Slice(slice) => Ok(TypeRef::List(Box::new(read(&slice.elem)?))),
        Type::Array(array) => Ok(TypeRef::List(Box::new(read(&array.elem)?))),
        Type::Tuple(tuple) => Ok(TypeRef::Tuple(
            tuple.elems.iter().map(read).collect::<Result<_, _>>()?,
        )),
        Type::Path(path) => {
            let segments: Vec<&PathSegment> = path.path.segments.iter().collect();
            let last = segments.last().ok_or("an empty path")?;
            by_name(last, segments.len(), segments[0])
        }
        _ => Err("a kind of type that progenitor was not known to write".to_owned()),
    }
}

/// The type without an outer `Option`, and whether there was one.
pub(super) fn read_optional(ty: &Type) -> Result<(TypeRef, bool), String> {
    Ok(match read(ty)? {
        TypeRef::Optional(inner) => (*inner, true),
        other => (other, false),
    })
}

fn by_name(last: &PathSegment, length: usize, first: &PathSegment) -> Result<TypeRef, String> {
    let name = last.ident.to_string();
    if length == 1 && last.arguments.is_none() || first.ident == "types" {
        return Ok(primitive(&name).unwrap_or(TypeRef::Named(name)));
    }
    let argument = |index| argument(last, index).and_then(read).map(Box::new);
    match name.as_str() {
        "String" | "str" => Ok(TypeRef::Text),
        "Uuid" => Ok(TypeRef::Uuid),
        "DateTime" => Ok(TypeRef::DateTime),
        "NaiveDate" => Ok(TypeRef::Date),
        "Value" => Ok(TypeRef::Any),
        "Option" => Ok(TypeRef::Optional(argument(0)?)),
        "Vec" => Ok(TypeRef::List(argument(0)?)),
        "Box" => Ok(TypeRef::Boxed(argument(0)?)),
        "BTreeMap" | "HashMap" | "Map" => Ok(TypeRef::Map(argument(1)?)),
        _ => Err(format!(
            "the type `{name}`, which has no place in the client"
        )),
    }
}

fn primitive(name: &str) -> Option<TypeRef> {
    match name {
        "bool" => Some(TypeRef::Bool),
        "str" => Some(TypeRef::Text),
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" => {
            Some(TypeRef::Integer(name.to_owned()))
        }
        "f32" | "f64" => Some(TypeRef::Number(name.to_owned())),
        _ => None,
    }
}

fn argument(segment: &PathSegment, index: usize) -> Result<&Type, String> {
    if let PathArguments::AngleBracketed(arguments) = &segment.arguments
        && let Some(GenericArgument::Type(ty)) = arguments.args.iter().nth(index)
    {
        return Ok(ty);
    }
    Err(format!("`{}` without its argument", segment.ident))
}

#[cfg(test)]
mod tests {
    use super::{TypeRef, read, read_optional};

    fn parsed(text: &str) -> TypeRef {
        read(&syn::parse_str(text).unwrap()).unwrap()
    }

    #[test]
    fn progenitors_types_are_read() {
        assert_eq!(
            parsed("::std::vec::Vec<::uuid::Uuid>"),
            TypeRef::List(Box::new(TypeRef::Uuid))
        );
        assert_eq!(parsed("&'a types::Flow"), TypeRef::Named("Flow".to_owned()));
        assert_eq!(parsed("&'a str"), TypeRef::Text);
        assert_eq!(
            parsed("::chrono::DateTime<::chrono::offset::Utc>"),
            TypeRef::DateTime
        );
        assert_eq!(
            parsed("::serde_json::Map<::std::string::String, ::serde_json::Value>"),
            TypeRef::Map(Box::new(TypeRef::Any))
        );
        assert_eq!(
            parsed("::std::boxed::Box<Node>"),
            TypeRef::Boxed(Box::new(TypeRef::Named("Node".to_owned())))
        );
    }

    #[test]
    fn an_outer_option_is_told_apart() {
        let ty = syn::parse_str("::std::option::Option<i64>").unwrap();
        assert_eq!(
            read_optional(&ty),
            Ok((TypeRef::Integer("i64".to_owned()), true))
        );
    }

    #[test]
    fn what_is_not_known_is_said() {
        let ty = syn::parse_str("::std::net::Ipv4Addr").unwrap();
        assert!(read(&ty).unwrap_err().contains("Ipv4Addr"));
    }
}
