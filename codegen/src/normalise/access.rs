//! Reads where the API is, and how its clients say who they are: before the passes, which keep neither.

use std::collections::BTreeSet;

use super::addresses::{has_scheme, joined};
use super::references::followed;
use crate::config::Config;
use crate::ir::{KeyPlace, SecurityKind, SecurityScheme, Server, ServerVariable};
use crate::json::{Map, Value};
use crate::loss::Loss;
use crate::naming::{Numbers, value_name};
use crate::pointer::Pointer;
use crate::template::{self, Piece};
use crate::walk::methods;

/// What stands beside the operations.
#[derive(Debug, Default)]
pub(super) struct Access {
    /// Where the description is served, if something says it.
    base: Option<String>,
    pub(super) security: Vec<SecurityScheme>,
    pub(super) servers: Vec<Server>,
    pub(super) losses: Vec<Loss>,
}

pub(super) fn read(root: &Value, config: &Config) -> Access {
    let given = config.description.url.as_deref();
    let base = given.or(root["$self"].as_str());
    let mut access = Access {
        base: base.filter(|base| has_scheme(base)).map(str::to_owned),
        ..Access::default()
    };
    access.security(root);
    access.undeclared(root);
    access.servers(root);
    access
}

/// How many schemes, and how many servers, are read.
const MOST: usize = 1_000;

impl Access {
    fn security(&mut self, root: &Value) {
        let place = Pointer::root().child("components").child("securitySchemes");
        let schemes = root.pointer(place.as_str()).and_then(Value::as_object);
        if schemes.is_some_and(|schemes| schemes.len() > MOST) {
            self.losses.push(Loss {
                pointer: place.clone(),
                what: format!("security schemes beyond {MOST}"),
                why: "a client has no more constructors".to_owned(),
            });
        }
        let mut taken = BTreeSet::new();
        let mut numbers = Numbers::default();
        for (wire, scheme) in schemes.into_iter().flatten().take(MOST) {
            let scheme = followed(root, scheme);
            let Some(kind) = kind(scheme) else {
                self.losses.push(Loss {
                    pointer: place.child(wire),
                    what: "a security scheme".to_owned(),
                    why: "it has no constructor; what it needs is set in the `Config`".to_owned(),
                });
                continue;
            };
            let name = numbers.free_after(&value_name(wire), "_", |name| taken.contains(name));
            taken.insert(name.clone());
            self.security.push(SecurityScheme {
                name,
                wire: wire.to_owned(),
                doc: text(scheme, "description"),
                kind,
            });
        }
    }

    /// What is asked for and described nowhere.
    fn undeclared(&mut self, root: &Value) {
        self.undeclared_of(root, root, &Pointer::root());
        for (place, item) in path_items(root) {
            for (place, operation) in operations(&place, item) {
                self.undeclared_of(root, operation, &place);
            }
        }
    }

    fn undeclared_of(&mut self, root: &Value, part: &Value, place: &Pointer) {
        let declared = &root["components"]["securitySchemes"];
        for (index, way) in part["security"].items().enumerate() {
            let names = way.entries().map(|(name, _)| name);
            for name in names.filter(|name| declared.get(*name).is_none()) {
                self.losses.push(Loss {
                    pointer: place.child("security").child(index).child(name),
                    what: format!("the security scheme `{name}`"),
                    why: "nothing describes it; requests say all that the client knows".to_owned(),
                });
            }
        }
    }

    fn servers(&mut self, root: &Value) {
        let place = Pointer::root().child("servers");
        for (index, server) in root["servers"].items().take(MOST).enumerate() {
            if let Some(server) = self.server(server, place.child(index)) {
                self.servers.push(server);
            }
        }
        for (place, item) in path_items(root) {
            self.own_servers(item, &place);
            for (place, operation) in operations(&place, item) {
                self.own_servers(operation, &place);
            }
        }
    }

    /// The server, as a whole address where it is known what it is relative to.
    fn server(&self, server: &Value, source: Pointer) -> Option<Server> {
        let url = server["url"].as_str()?;
        let read = server_of(server, url.to_owned(), source.clone());
        let whole = match &self.base {
            Some(base) if read.is_relative => joined(base, url),
            _ => url.to_owned(),
        };
        let whole = match whole.trim_end_matches('/') {
            "" => "/",
            whole => whole,
        };
        Some(server_of(server, whole.to_owned(), source))
    }

    /// Those of one path or operation.
    fn own_servers(&mut self, part: &Value, place: &Pointer) {
        let place = place.child("servers");
        for (index, server) in part["servers"].items().enumerate() {
            let Some(server) = self.server(server, place.child(index)) else {
                continue;
            };
            let known = self.servers.len() >= MOST
                || self.servers.iter().any(|known| known.url == server.url);
            self.losses.push(Loss {
                pointer: place.child(index),
                what: format!("the server {}", server.url),
                why: "requests go to the base URL of the `Config`, unless `CallOptions::server` says another".to_owned(),
            });
            if !known {
                self.servers.push(server);
            }
        }
    }
}

/// The address with what its variables are where nobody says another.
fn with_defaults(url: &str, variables: &[ServerVariable]) -> String {
    let default = |name| variables.iter().find(|variable| variable.wire == name);
    let pieces = template::pieces(url).into_iter();
    let texts = pieces.map(|piece| match piece {
        Piece::Text(text) => text,
        Piece::Name(name) => default(name).map_or("", |variable| &variable.default),
    });
    texts.collect()
}

fn kind(scheme: &Value) -> Option<SecurityKind> {
    match scheme["type"].as_str()? {
        "http" => match scheme["scheme"].as_str()?.to_ascii_lowercase().as_str() {
            "basic" => Some(SecurityKind::Basic),
            "bearer" => Some(SecurityKind::Bearer),
            _ => None,
        },
        "oauth2" | "openIdConnect" => Some(SecurityKind::Token),
        "apiKey" => {
            let place = match scheme["in"].as_str()? {
                "header" => KeyPlace::Header,
                "query" => KeyPlace::Query,
                "cookie" => KeyPlace::Cookie,
                _ => return None,
            };
            let name = scheme["name"].as_str()?.to_owned();
            Some(SecurityKind::Key { place, name })
        }
        _ => None,
    }
}

fn server_of(server: &Value, url: String, source: Pointer) -> Server {
    let described = server["variables"].as_object();
    let mut numbers = Numbers::default();
    let mut variables: Vec<ServerVariable> = Vec::new();
    for wire in template::names(&url) {
        if variables.iter().any(|known| known.wire == wire) {
            continue;
        }
        let is_taken = |name: &str| {
            ["new", "url", "default"].contains(&name)
                || variables.iter().any(|known| known.name == name)
        };
        let name = numbers.set_apart(&value_name(wire), is_taken);
        variables.push(variable(wire, name, described));
    }
    let is_whole = has_scheme(&with_defaults(&url, &variables));
    Server {
        words: words(server),
        doc: text(server, "description"),
        url,
        is_relative: !is_whole,
        variables,
        source,
    }
}

fn variable(wire: &str, name: String, described: Option<&Map>) -> ServerVariable {
    let described = described.and_then(|all| all.get(wire));
    let described = described.unwrap_or(&Value::Null);
    let values = described["enum"].items().filter_map(as_text);
    ServerVariable {
        wire: wire.to_owned(),
        name,
        doc: text(described, "description"),
        default: as_text(&described["default"]).unwrap_or_default(),
        values: values.collect(),
    }
}

/// YAML reads `8443` as a number, where a text is meant.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// What a server is called: its name in 3.2, or a description of few words.
fn words(server: &Value) -> String {
    const FEW: usize = 4;
    let name = server["name"].as_str();
    let description = server["description"].as_str().filter(|description| {
        description.split_whitespace().count() <= FEW && description.len() <= 40
    });
    let words = name.or(description).unwrap_or_default();
    let words = words.trim_end_matches(['.', ' ']);
    if words.contains(char::is_alphanumeric) {
        words.to_owned()
    } else {
        "server".to_owned()
    }
}

/// The paths, each with where it stands.
fn path_items(root: &Value) -> impl Iterator<Item = (Pointer, &Value)> {
    let paths = root["paths"].entries();
    let paths = paths.filter(|(path, _)| path.starts_with('/'));
    paths.map(|(path, item)| (Pointer::root().child("paths").child(path), item))
}

/// The operations of a path, those of 3.2's other methods too, each with where it stands.
fn operations<'d>(place: &Pointer, item: &'d Value) -> Vec<(Pointer, &'d Value)> {
    let fixed = methods(item);
    let fixed = fixed
        .into_iter()
        .map(|method| (place.child(&method), &item[&method]));
    let others = place.child("additionalOperations");
    let additional = item["additionalOperations"].entries();
    let additional = additional.map(|(method, operation)| (others.child(method), operation));
    fixed.chain(additional).collect()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use crate::json::{Value, json};

    use super::read;
    use crate::config::Config;
    use crate::ir::SecurityKind;

    #[test]
    fn schemes_and_servers_are_read_and_what_has_no_constructor_is_a_loss() {
        let access = read(
            &json!({
                "servers": [
                    { "url": "https://{region}.example.com:{port}/v1/", "description": "Production.", "variables": {
                        "region": { "default": "eu", "enum": ["eu", "us"] }, "port": { "default": 8443 } } },
                    { "url": "/" },
                    { "url": "{root}/v2", "variables": { "root": { "default": "https://example.org" } } },
                    { "description": "no address" }
                ],
                "paths": { "/up": { "post": { "servers": [{ "url": "https://up.example.com" }] } } },
                "components": { "securitySchemes": {
                    "basicAuth": { "type": "http", "scheme": "Basic" },
                    "basic_auth": { "type": "http", "scheme": "bearer" },
                    "digest": { "type": "http", "scheme": "digest" },
                    "same": { "$ref": "#/components/securitySchemes/basicAuth" },
                    "tls": { "type": "mutualTLS" }
                } }
            }),
            &Config::default(),
        );
        let names: Vec<_> = access
            .security
            .iter()
            .map(|scheme| scheme.name.as_str())
            .collect();
        assert_eq!(names, ["basic_auth", "basic_auth_2", "same"]);
        assert_eq!(access.security[2].kind, SecurityKind::Basic);
        let urls: Vec<_> = access
            .servers
            .iter()
            .map(|server| server.url.as_str())
            .collect();
        let first = "https://{region}.example.com:{port}/v1";
        let second = "{root}/v2";
        assert_eq!(urls, [first, "/", second, "https://up.example.com"]);
        let relative: Vec<bool> = access.servers.iter().map(|it| it.is_relative).collect();
        assert_eq!(relative, [false, true, false, false]);
        assert_eq!(access.servers[0].words, "Production");
        assert_eq!(access.servers[0].variables[1].default, "8443");
        let lost: Vec<_> = access
            .losses
            .iter()
            .map(|loss| loss.pointer.as_str())
            .collect();
        let lost_places = [
            "/components/securitySchemes/digest",
            "/components/securitySchemes/tls",
            "/paths/~1up/post/servers/0",
        ];
        assert_eq!(lost, lost_places);
    }

    #[test]
    fn a_scheme_that_nothing_describes_is_a_loss() {
        let description = json!({
            "security": [{ "key": [] }, { "everywhere": [] }],
            "paths": { "/a": { "get": { "security": [{ "key": [], "here": [] }, {}] } } },
            "components": { "securitySchemes": { "key": { "type": "http", "scheme": "bearer" } } }
        });
        let losses = read(&description, &Config::default()).losses;
        let places: Vec<&str> = losses.iter().map(|loss| loss.pointer.as_str()).collect();
        let here = "/paths/~1a/get/security/0/here";
        assert_eq!(places, ["/security/1/everywhere", here]);
    }

    #[test]
    fn servers_are_relative_to_where_the_description_is_served() {
        let urls = |description: Value, config: &Config| -> Vec<String> {
            let servers = read(&description, config).servers;
            assert!(servers.iter().all(|server| !server.is_relative));
            servers.into_iter().map(|server| server.url).collect()
        };
        let servers = json!([{ "url": "/" }, { "url": "v1/" }, { "url": "../{zone}/v2" }, { "url": "//other.example/" }]);
        let mut config = Config::default();
        config.description.url = Some("https://example.com/docs/api/openapi.json".to_owned());
        let expected = [
            "https://example.com",
            "https://example.com/docs/api/v1",
            "https://example.com/docs/{zone}/v2",
            "https://other.example",
        ];
        assert_eq!(urls(json!({ "servers": servers }), &config), expected);
        let own = json!({ "$self": "https://example.org/a", "servers": [{ "url": "/b" }] });
        assert_eq!(urls(own, &Config::default()), ["https://example.org/b"]);
    }
}
