//! What descriptions are full of that mean harm.

use std::fmt::Write as _;

use super::written::{LENGTH, filled, lines, reference, with_paths, with_schemas};

/// What it is full of, how it is written, and what writes it.
type Description = (&'static str, &'static str, fn() -> String);

pub(super) const DESCRIPTIONS: &[Description] = &[
    ("nested-lists", "json", nested_lists),
    ("nested-flow", "yaml", nested_flow),
    ("nested-schemas", "json", nested_schemas),
    ("alias-bomb", "yaml", alias_bomb),
    ("aliases", "yaml", aliases),
    ("circles", "json", circles),
    ("chain", "json", chain),
    ("bases", "json", bases),
    ("references", "json", references),
    ("long-text", "json", long_text),
    ("long-name", "json", long_name),
    ("enum", "json", enumeration),
    ("union", "json", union),
    ("properties", "json", properties),
    ("parameters", "json", parameters),
    ("operations", "json", operations),
    ("tags", "json", tags),
    ("problems", "json", problems),
    ("numbers", "json", numbers),
    ("mapping", "json", mapping),
    ("wide-bases", "json", wide_bases),
    ("unions-of-unions", "json", unions_of_unions),
    ("nested-unions", "json", nested_unions),
    ("tags-by-operations", "json", tags_by_operations),
    ("one-name", "json", one_name),
    ("one-name-types", "json", one_name_types),
    ("patterns", "json", patterns),
    ("examples", "json", examples),
    ("default", "json", default),
    ("deep-default", "json", deep_default),
    ("merge-keys", "yaml", merge_keys),
    ("merge-lists", "yaml", merge_lists),
    ("anchored-keys", "yaml", anchored_keys),
    ("huge-numbers", "yaml", huge_numbers),
    ("long-number", "json", long_number),
    ("escaped-pointers", "json", escaped_pointers),
    ("encoded-pointers", "json", encoded_pointers),
    ("servers", "json", servers),
    ("strange-names", "json", strange_names),
    ("windows", "yaml", windows),
    ("media-types", "json", media_types),
    ("webhooks", "json", webhooks),
    ("template", "json", template),
    ("templates", "json", templates),
    // What is as large as a client may be.
    ("whole-operations", "json", whole_operations),
    ("whole-types", "json", whole_types),
    ("whole-parameters", "json", whole_parameters),
];

fn nested_lists() -> String {
    let half = LENGTH / 2;
    format!("{}{}", "[".repeat(half), "]".repeat(half))
}

fn nested_flow() -> String {
    format!("openapi: 3.1.0\npaths: {}", "[".repeat(LENGTH))
}

/// Each as deep as JSON may be.
fn nested_schemas() -> String {
    let (begin, end) = (r#"{"type":"array","items":"#.repeat(100), "}".repeat(100));
    with_schemas(&filled(|index| format!(r#""A{index}":{begin}{{}}{end}"#)))
}

fn alias_bomb() -> String {
    let mut text = String::from("openapi: 3.1.0\nx-a0: &a0 [1]\n");
    for index in 1..1_000 {
        // Writing to a string can't fail.
        let aliases = vec![format!("*a{}", index - 1); 9].join(", ");
        let _ = writeln!(text, "x-a{index}: &a{index} [{aliases}]");
    }
    text.push_str(&"# more of it\n".repeat((LENGTH - text.len()) / 13));
    text
}

fn aliases() -> String {
    let start = "openapi: 3.1.0\nx-a: &a {b: [c, d, e, f]}\npaths:\n";
    lines(start, |index| format!("  /{index}: *a\n"))
}

fn circles() -> String {
    with_schemas(&filled(|index| {
        let back = reference(index ^ 1);
        format!(r#""A{index}":{{"type":"object","properties":{{"next":{back}}}}}"#)
    }))
}

fn chain() -> String {
    with_schemas(&filled(|index| {
        let next = reference(index + 1);
        format!(r#""A{index}":{{"type":"array","items":{next}}}"#)
    }))
}

fn bases() -> String {
    with_schemas(&filled(|index| {
        let next = reference(index + 1);
        format!(r#""A{index}":{{"allOf":[{next},{next}],"required":["a"]}}"#)
    }))
}

fn references() -> String {
    let items = filled(|index| format!(r#""p{index}":{}"#, reference(0)));
    with_schemas(&format!(
        r#""A0":{{"type":"string"}},"A1":{{"properties":{{{items}}}}}"#
    ))
}

fn long_text() -> String {
    let text = "a [b](c) `d` <e> ".repeat(LENGTH / 17);
    with_schemas(&format!(
        r#""A0":{{"description":"{text}","properties":{{"a":{{}}}}}}"#
    ))
}

fn long_name() -> String {
    let name = "aB".repeat(LENGTH / 2);
    with_schemas(&format!(r#""A0":{{"properties":{{"{name}":{{}}}}}}"#))
}

fn enumeration() -> String {
    let values = filled(|index| format!(r#""v{index}""#));
    with_schemas(&format!(r#""A0":{{"type":"string","enum":[{values}]}}"#))
}

fn union() -> String {
    let branches = filled(|index| format!(r#"{{"properties":{{"p{index}":{{}}}}}}"#));
    with_schemas(&format!(r#""A0":{{"oneOf":[{branches}]}}"#))
}

fn properties() -> String {
    let all = filled(|index| format!(r#""p{index}":{{"type":"string"}}"#));
    with_schemas(&format!(r#""A0":{{"properties":{{{all}}}}}"#))
}

fn parameters() -> String {
    let all = filled(|index| format!(r#"{{"name":"p{index}","in":"query","schema":{{}}}}"#));
    with_paths(&format!(
        r#""/a":{{"get":{{"parameters":[{all}],"responses":{{}}}}}}"#
    ))
}

fn operations() -> String {
    with_paths(&filled(|index| {
        format!(r#""/a{index}":{{"get":{{"responses":{{"200":{{"description":""}}}}}}}}"#)
    }))
}

fn tags() -> String {
    with_paths(&filled(|index| {
        let padding = "a description of it ".repeat(30);
        format!(
            r#""/a{index}":{{"get":{{"tags":["t{index}"],"description":"{padding}","responses":{{}}}}}}"#
        )
    }))
}

fn problems() -> String {
    with_schemas(&filled(|index| format!(r#""A{index}":{{"type":{index}}}"#)))
}

fn numbers() -> String {
    let values = filled(|index| format!("{index}.5"));
    with_schemas(&format!(r#""A0":{{"enum":[{values}]}}"#))
}

fn mapping() -> String {
    let tags = filled(|index| format!(r##""t{index}":"#/components/schemas/A1""##));
    let (one, other) = (reference(1), reference(2));
    let told_by = format!(r#""discriminator":{{"propertyName":"k","mapping":{{{tags}}}}}"#);
    with_schemas(&format!(
        r#""A0":{{"oneOf":[{one},{other}],{told_by}}},"A1":{{"properties":{{}}}},"A2":{{"properties":{{}}}}"#
    ))
}

fn wide_bases() -> String {
    let all: Vec<String> = (0..100)
        .map(|index| format!(r#""p{index}":{{}}"#))
        .collect();
    let base = reference(0);
    let types = filled(|index| {
        format!(r#""B{index}":{{"allOf":[{base},{{"properties":{{"q{index}":{{}}}}}}]}}"#)
    });
    with_schemas(&format!(
        r#""A0":{{"properties":{{{}}}}},{types}"#,
        all.join(",")
    ))
}

fn unions_of_unions() -> String {
    with_schemas(&filled(|index| {
        let (one, other) = (reference(2 * index + 1), reference(2 * index + 2));
        format!(r#""A{index}":{{"oneOf":[{one},{other},{{"type":"integer"}}]}}"#)
    }))
}

fn nested_unions() -> String {
    let (begin, end) = (
        r#"{"oneOf":[{"type":"integer"},"#.repeat(50),
        "]}".repeat(50),
    );
    with_schemas(&filled(|index| format!(r#""A{index}":{begin}{{}}{end}"#)))
}

fn tags_by_operations() -> String {
    let tags: Vec<String> = (0..1_000).map(|index| format!(r#""t{index}""#)).collect();
    let tags = tags.join(",");
    with_paths(&filled(|index| {
        format!(r#""/a{index}":{{"get":{{"tags":[{tags}],"responses":{{}}}}}}"#)
    }))
}

fn one_name() -> String {
    with_paths(&filled(|index| {
        let padding = "a description of it ".repeat(7);
        format!(
            r#""/a{index}":{{"get":{{"operationId":"a","description":"{padding}","responses":{{}}}}}}"#
        )
    }))
}

/// Names that differ in what no name in Rust has.
fn one_name_types() -> String {
    let types = filled(|index| {
        let signs = format!("{index:b}").replace('0', "-").replace('1', "_");
        let padding = "a description of it ".repeat(5);
        format!(r#""a{signs}":{{"type":"object","description":"{padding}"}}"#)
    });
    with_schemas(&format!(r#""A0":{{}},{types}"#))
}

fn patterns() -> String {
    with_schemas(&filled(|index| {
        format!(r#""A{index}":{{"type":"string","pattern":"^(a+)+${index}","minLength":1}}"#)
    }))
}

fn data() -> String {
    filled(|index| format!(r#""e{index}":{{"a":[1,2,"x"]}}"#))
}

fn examples() -> String {
    with_schemas(&format!(r#""A0":{{"example":{{{}}}}}"#, data()))
}

fn default() -> String {
    with_schemas(&format!(
        r#""A0":{{"properties":{{"a":{{"type":"object","default":{{{}}}}}}}}}"#,
        data()
    ))
}

fn deep_default() -> String {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let all = filled(|index| format!(r#""p{index}":{{"default":{deep},"const":{deep}}}"#));
    with_schemas(&format!(r#""A0":{{"properties":{{{all}}}}}"#))
}

fn merge_keys() -> String {
    let all: Vec<String> = (0..1_000).map(|index| format!("k{index}: v")).collect();
    let start = format!("openapi: 3.1.0\nx-a: &a {{{}}}\npaths:\n", all.join(", "));
    lines(&start, |index| format!("  /{index}: {{<<: *a}}\n"))
}

/// Each as large as the two before it together.
fn merge_lists() -> String {
    lines(
        "openapi: 3.1.0\nx-0: &a0 {k: v}\nx-1: &a1 {l: w}\n",
        |index| {
            let this = index + 2;
            let (one, other) = (this - 1, this - 2);
            format!("x-{this}: &a{this} {{<<: [*a{one}, *a{other}], k{this}: v}}\n")
        },
    )
}

fn anchored_keys() -> String {
    let start = "openapi: 3.1.0\npaths: {}\ncomponents:\n  schemas:\n";
    lines(start, |index| {
        format!("    &k{index} A{index}: &v{index} {{type: string}}\n    B{index}: *v{index}\n")
    })
}

fn huge_numbers() -> String {
    let start = "openapi: 3.1.0\npaths: {}\ncomponents:\n  schemas:\n";
    lines(start, |index| {
        format!("    A{index}: {{type: number, maximum: 1e999999999, minimum: -.inf}}\n")
    })
}

fn long_number() -> String {
    with_schemas(&format!(r#""A0":{{"maximum":{}}}"#, "9".repeat(LENGTH)))
}

/// A name, and how a pointer has it.
fn named(name: &str, written: &str) -> String {
    let all =
        filled(|index| format!(r##""p{index}":{{"$ref":"#/components/schemas/{written}"}}"##));
    with_schemas(&format!(
        r#""{name}":{{"type":"string"}},"A0":{{"properties":{{{all}}}}}"#
    ))
}

fn escaped_pointers() -> String {
    named(&"/~".repeat(500), &"~1~0".repeat(500))
}

fn encoded_pointers() -> String {
    named(&"ä".repeat(200), &"%C3%A4".repeat(200))
}

fn servers() -> String {
    let all = filled(|index| format!(r#"{{"url":"https://h{index}"}}"#));
    with_paths(&format!(r#"}},"servers":[{all}],"x-more":{{"#))
}

/// What ends a text, turns it around or is not seen.
fn strange_names() -> String {
    const SIGNS: [&str; 8] = [
        r"\u0000",
        r"\u202e",
        r"\u2066",
        r"\ud83d\ude00",
        r"\u0301",
        r"\ufeff",
        r"\r\n",
        r"\u2028",
    ];
    let all = filled(|index| {
        let (one, other) = (SIGNS[index % 8], SIGNS[index / 8 % 8]);
        let doc = "*/ // ".repeat(100);
        format!(r#""{one}{index}{other}":{{"type":"string","description":"{doc}{one}"}}"#)
    });
    with_schemas(&format!(r#""A0":{{"properties":{{{all}}}}}"#))
}

fn windows() -> String {
    let start = "\u{feff}openapi: 3.1.0\r\npaths: {}\r\ncomponents:\r\n  schemas:\r\n";
    lines(start, |index| {
        format!("    A{index}:\r\n      type: string\r\n")
    })
}

fn media_types() -> String {
    let all = filled(|index| format!(r#""application/x{index}+json":{{"schema":{{}}}}"#));
    with_paths(&format!(
        r#""/a":{{"post":{{"requestBody":{{"content":{{{all}}}}},"responses":{{}}}}}}"#
    ))
}

fn webhooks() -> String {
    let all = filled(|index| {
        let schema = format!(r#"{{"properties":{{"p{index}":{{}}}}}}"#);
        format!(
            r#""w{index}":{{"post":{{"requestBody":{{"content":{{"application/json":{{"schema":{schema}}}}}}},"responses":{{}}}}}}"#
        )
    });
    with_paths(&format!(r#"}},"webhooks":{{{all}"#))
}

fn template() -> String {
    with_paths(&format!(
        r#""{}":{{"get":{{"responses":{{}}}}}}"#,
        parameters_of(LENGTH / 11)
    ))
}

fn templates() -> String {
    let all = parameters_of(1_000);
    with_paths(&filled(|index| {
        format!(r#""/{index}{all}":{{"get":{{"responses":{{}}}}}}"#)
    }))
}

fn parameters_of(count: usize) -> String {
    let mut path = String::new();
    for index in 0..count {
        // Writing to a string can't fail.
        let _ = write!(path, "/{{p{index}}}");
    }
    path
}

fn joined(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect::<Vec<_>>().join(",")
}

fn whole_operations() -> String {
    with_paths(&joined(37_000, |index| {
        let schema = format!(r#"{{"type":"object","properties":{{"p{index}":{{}}}}}}"#);
        let answer = format!(
            r#"{{"description":"","content":{{"application/json":{{"schema":{schema}}}}}}}"#
        );
        let parameter = r#"{"name":"a","in":"query","schema":{"type":"string"}}"#;
        format!(
            r#""/a{index}":{{"get":{{"parameters":[{parameter}],"responses":{{"200":{answer}}}}}}}"#
        )
    }))
}

fn whole_types() -> String {
    with_schemas(&joined(99_000, |index| {
        let field = format!(r#""a":{{"type":"string","description":"{index}"}}"#);
        format!(r#""A{index}":{{"type":"object","properties":{{{field}}}}}"#)
    }))
}

fn whole_parameters() -> String {
    with_paths(&joined(10, |path| {
        let all = joined(19_000, |index| {
            format!(r#"{{"name":"p{index}","in":"query","schema":{{}}}}"#)
        });
        format!(r#""/a{path}":{{"get":{{"parameters":[{all}],"responses":{{}}}}}}"#)
    }))
}
