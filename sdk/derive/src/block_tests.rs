//! What the derive of `Block` refuses, and what it says to do instead.

use syn::{DeriveInput, parse_quote};

use crate::block::implement;

fn refusal(item: &DeriveInput) -> String {
    implement(item).expect_err("it is refused").to_string()
}

fn expansion(item: &DeriveInput) -> String {
    implement(item).expect("it can be a block").to_string()
}

#[test]
fn a_block_is_a_struct_with_named_fields() {
    assert!(
        refusal(&parse_quote!(
            struct Block(String);
        ))
        .contains("named fields")
    );
    assert!(
        refusal(&parse_quote!(
            struct Block;
        ))
        .contains("write `{}`")
    );
    assert!(refusal(&parse_quote!(union Block { a: u8 })).contains("struct"));
    assert!(
        refusal(&parse_quote!(
            struct Block<T> {
                a: T,
            }
        ))
        .contains("no generics")
    );
    let text = refusal(&parse_quote!(
        enum Block {
            A(Nested<A>),
        }
    ));
    assert!(text.contains("#[serde(untagged)]"), "{text}");
}

#[test]
fn names_and_slugs_are_those_that_the_server_takes() {
    for name in [
        "",
        "  ",
        "a/b",
        "a%",
        "a&b",
        "<a",
        "a>",
        "Prefect Thing",
        "prefectThing",
    ] {
        let text = refusal(&parse_quote!(
            #[block(name = #name)]
            struct Block {}
        ));
        assert!(text.contains("name"), "{name}: {text}");
    }
    assert!(
        refusal(&parse_quote!(
            struct PrefectThing {}
        ))
        .contains("reserved")
    );
    for name in ["Größe", "---"] {
        let text = refusal(&parse_quote!(
            #[block(name = #name)]
            struct Block {}
        ));
        assert!(text.contains("#[block(slug"), "{text}");
    }
    for slug in ["", "Upper", "two--dashes", "-a", "a-", "a_b", "ä"] {
        let text = refusal(&parse_quote!(
            #[block(slug = #slug)]
            struct Block {}
        ));
        assert!(text.contains("a slug is"), "{slug}: {text}");
    }
    let whole = expansion(&parse_quote!(
        #[block(name = "Größe", slug = "size")]
        struct Block {}
    ));
    assert!(whole.contains("\"Größe\" , \"size\""), "{whole}");
}

#[test]
fn what_is_not_known_or_given_twice_is_refused() {
    assert!(
        refusal(&parse_quote!(
            #[block(nam = "x")]
            struct Block {}
        ))
        .contains("known here")
    );
    assert!(
        refusal(&parse_quote!(
            #[block(a::b)]
            struct Block {}
        ))
        .contains("known here")
    );
    let twice = [
        parse_quote!(
            #[block(name = "x", name = "y")]
            struct Block {}
        ),
        parse_quote!(
            #[block(version = "x")]
            #[block(version = "y")]
            struct Block {}
        ),
    ];
    for item in twice {
        assert!(refusal(&item).contains("given twice"));
    }
}

#[test]
fn what_serde_may_not_do_is_refused() {
    let refused: [(DeriveInput, &str); 7] = [
        (
            parse_quote!(
                #[serde(transparent)]
                struct Block {
                    a: u8,
                }
            ),
            "JSON object",
        ),
        (
            parse_quote!(
                #[serde(tag = "type")]
                struct Block {
                    a: u8,
                }
            ),
            "block_type_slug",
        ),
        (
            parse_quote!(
                #[serde(from = "Other")]
                struct Block {
                    a: u8,
                }
            ),
            "JSON object",
        ),
        (
            parse_quote!(
                struct Block {
                    #[serde(flatten)]
                    a: A,
                }
            ),
            "by name",
        ),
        (
            parse_quote!(
                struct Block {
                    #[serde(default, skip_serializing_if = "Option::is_none")]
                    a: Option<u8>,
                }
            ),
            "all its fields",
        ),
        (
            parse_quote!(
                struct Block {
                    #[serde(skip_serializing)]
                    a: u8,
                }
            ),
            "all its fields",
        ),
        (
            parse_quote!(
                struct Block {
                    #[serde(rename = "b", skip_deserializing)]
                    a: u8,
                }
            ),
            "all its fields",
        ),
    ];
    for (item, what) in refused {
        let text = refusal(&item);
        assert!(text.contains(what), "{text}");
    }
    let taken: DeriveInput = parse_quote! {
        #[serde(rename_all = "camelCase", bound(serialize = ""), deny_unknown_fields)]
        struct Block {
            #[serde(rename = "b", alias = "c", default = "one", with = "module")]
            a: u8,
            #[serde(skip)]
            cache: Cache,
        }
    };
    let whole = expansion(&taken);
    assert!(!whole.contains("Cache"), "{whole}");
}

#[test]
fn each_field_is_asked_whether_the_server_would_show_it() {
    let whole = expansion(&parse_quote!(
        struct Block {
            by_name: Map<Option<Inner>>,
            own: Nested<Inner>,
        }
    ));
    for text in [
        "Probe :: < Map < Option < Inner > > > :: IS_SHOWN",
        "Probe :: < Inner > :: IS_BLOCK",
        "the secrets in the field `by_name` would be shown to everybody",
        "use a SecretMap",
        "make it a Nested block",
    ] {
        assert!(whole.contains(text), "{text}: {whole}");
    }
    // What is nested may be a block.
    assert_eq!(whole.matches("Probe :: < Inner > :: IS_BLOCK").count(), 1);
}
