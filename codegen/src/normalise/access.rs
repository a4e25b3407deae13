//! Reads where the API is, and how its clients say who they are: before the passes, which keep neither.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::ir::{KeyPlace, SecurityKind, SecurityScheme, Server, ServerVariable};
use crate::naming::{Numbers, value_name};
use crate::notes::Loss;
use crate::pointer::Pointer;
use crate::walk::METHODS;

/// What stands beside the operations.
#[derive(Debug, Default)]
pub(super) struct Access {
    pub(super) security: Vec<SecurityScheme>,
    pub(super) servers: Vec<Server>,
    pub(super) losses: Vec<Loss>,
}

pub(super) fn read(root: &Value) -> Access {
    let mut access = Access::default();
    access.security(root);
    access.servers(root);
    access
}

impl Access {
    fn security(&mut self, root: &Value) {
        let place = Pointer::root().child("components").child("securitySchemes");
        let schemes = root.pointer(place.as_str()).and_then(Value::as_object);
        let mut taken = BTreeSet::new();
        let mut numbers = Numbers::default();
        for (wire, scheme) in schemes.into_iter().flatten() {
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
                wire: wire.clone(),
                doc: text(scheme, "description"),
                kind,
            });
        }
    }

    fn servers(&mut self, root: &Value) {
        let place = Pointer::root().child("servers");
        for (index, server) in list(root, "servers").iter().enumerate() {
            if let Some(server) = server_of(server, place.child(index)) {
                self.servers.push(server);
            }
        }
        let paths = root["paths"].as_object().into_iter().flatten();
        for (path, item) in paths.filter(|(path, _)| path.starts_with('/')) {
            let place = Pointer::root().child("paths").child(path);
            self.own_servers(item, &place);
            for method in METHODS {
                self.own_servers(&item[*method], &place.child(method));
            }
        }
    }

    /// Those of one path or operation.
    fn own_servers(&mut self, part: &Value, place: &Pointer) {
        let place = place.child("servers");
        for (index, server) in list(part, "servers").iter().enumerate() {
            let Some(server) = server_of(server, place.child(index)) else {
                continue;
            };
            let known = self.servers.iter().any(|known| known.url == server.url);
            self.losses.push(Loss {
                pointer: place.child(index),
                what: format!("the server {}", server.url),
                why: "requests go to the base URL of the `Config`: another client is for another server".to_owned(),
            });
            if !known {
                self.servers.push(server);
            }
        }
    }
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

fn server_of(server: &Value, source: Pointer) -> Option<Server> {
    let url = server["url"].as_str()?.trim_end_matches('/').to_owned();
    let url = if url.is_empty() { "/".to_owned() } else { url };
    let described = server["variables"].as_object();
    let mut numbers = Numbers::default();
    let mut variables: Vec<ServerVariable> = Vec::new();
    for wire in names(&url) {
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
    Some(Server {
        words: words(server),
        doc: text(server, "description"),
        url,
        variables,
        source,
    })
}

fn variable(wire: &str, name: String, described: Option<&Map<String, Value>>) -> ServerVariable {
    let described = described.and_then(|all| all.get(wire));
    let described = described.unwrap_or(&Value::Null);
    let values = list(described, "enum").iter().filter_map(as_text);
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

/// The names in braces, in their order.
fn names(template: &str) -> impl Iterator<Item = &str> {
    let parts = template.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

fn followed<'v>(root: &'v Value, value: &'v Value) -> &'v Value {
    let target = value["$ref"]
        .as_str()
        .and_then(|target| target.strip_prefix('#'));
    target
        .and_then(|target| root.pointer(target))
        .unwrap_or(value)
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;
    use crate::ir::SecurityKind;

    #[test]
    fn schemes_and_servers_are_read_and_what_has_no_constructor_is_a_loss() {
        let access = read(&json!({
            "servers": [
                { "url": "https://{region}.example.com:{port}/v1/", "description": "Production.", "variables": {
                    "region": { "default": "eu", "enum": ["eu", "us"] }, "port": { "default": 8443 } } },
                { "url": "/" },
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
        }));
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
        assert_eq!(urls, [first, "/", "https://up.example.com"]);
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
}
