use std::ffi::OsString;

use super::environment::proxies;
use super::*;

fn of(variables: &[(&str, &str)]) -> Result<Proxies, Error> {
    let variables = variables
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    proxies(variables)
}

fn way(proxies: &Proxies, address: &str) -> Option<String> {
    let proxy = proxies.to_address(&address.parse().unwrap())?;
    Some(format!("{}:{}", proxy.host(), proxy.port()))
}

#[test]
fn each_scheme_has_its_variable_and_lower_case_wins() {
    let some = |proxy: &str| Some(proxy.to_owned());
    let all = of(&[
        ("HTTP_PROXY", "http://upper:1"),
        ("http_proxy", "lower:2"),
        ("HTTPS_PROXY", "http://[::1]:3/"),
        ("ALL_PROXY", "http://all"),
    ])
    .unwrap();
    assert_eq!(way(&all, "http://host/"), some("lower:2"));
    assert_eq!(way(&all, "ws://host/"), some("lower:2"));
    assert_eq!(way(&all, "https://host/"), some("::1:3"));
    assert_eq!(way(&all, "wss://host/"), some("::1:3"));
    let rest = of(&[("ALL_PROXY", "http://all"), ("http_proxy", "h:1")]).unwrap();
    assert_eq!(way(&rest, "https://host/"), some("all:80"));
    let none = of(&[
        ("HTTP_PROXY", "h:1"),
        ("http_proxy", ""),
        ("HTTPS_PROXY", ""),
    ])
    .unwrap();
    assert!(none.is_empty());
    let cgi = [
        ("REQUEST_METHOD", "GET"),
        ("HTTP_PROXY", "h:1"),
        ("PROXY", "x"),
    ];
    assert!(of(&cgi).unwrap().is_empty());
    assert!(of(&[("MY_HTTP_PROXY", "h:1")]).unwrap().is_empty());
}

#[test]
fn what_is_listed_is_reached_directly() {
    let cases = [
        ("example.com", "http://example.com/", true),
        ("example.com", "http://www.EXAMPLE.com/", true),
        ("Example.com", "http://wwwexample.com/", false),
        (".example.com", "http://example.com/", false),
        (".example.com", "http://www.example.com/", true),
        ("*.example.com", "http://www.example.com/", true),
        ("a, example.com:8080", "http://example.com:8080/", true),
        ("example.com:8080", "http://example.com/", false),
        ("localhost", "http://localhost:4200/", true),
        ("localhost", "http://my.localhost/", false),
        ("127.0.0.1", "http://127.0.0.1:4200/", true),
        ("::1", "http://[::1]/", true),
        ("[0:0::1]:80", "http://[::1]/", true),
        ("192.168.0.0/16", "http://192.168.3.4/", true),
        ("192.168.0.0/16", "http://192.169.3.4/", false),
        ("fd00::/8", "http://[fd12::1]/", true),
        ("10.0.0.0/99", "http://10.0.0.0/", false),
        ("0.0.0.0/0", "http://10.0.0.0/", true),
        ("https://host", "http://host/", false),
        ("https://host", "wss://host/", true),
        ("http://host", "http://host/", true),
        ("http://host", "http://a.host/", false),
        ("all://host", "http://host/", true),
        ("http://host", "ws://host/", true),
        ("ws://host", "http://host/", true),
        ("http://host", "wss://host/", false),
        ("http://*", "http://anything/", true),
        ("all://*", "ws://anything/", true),
        ("https://*", "http://anything/", false),
        ("http://*host", "http://a.host/", true),
        ("http://*host", "http://host/", true),
        ("http://*host", "http://ahost/", false),
        ("*:8080", "http://anything:8080/", true),
        ("*:8080", "http://anything/", false),
        ("host.", "http://host/", true),
        ("host", "http://a.host./", true),
        ("a,*", "http://anything/", true),
        ("", "http://host/", false),
        (",, ", "http://host/", false),
    ];
    for (list, address, is_direct) in cases {
        let proxies = of(&[("ALL_PROXY", "proxy:1"), ("NO_PROXY", list)]).unwrap();
        assert_eq!(
            way(&proxies, address).is_none(),
            is_direct,
            "{list} {address}"
        );
    }
}

#[test]
fn who_the_client_is_is_told_the_proxy_and_nobody_else() {
    let proxies = of(&[("HTTP_PROXY", "http://us%65r:s3cret%40@proxy:1")]).unwrap();
    let proxy = proxies.to("http", "host", 80).unwrap();
    // user:s3cret@
    let authorization = proxy.authorization().unwrap();
    assert_eq!(authorization, "Basic dXNlcjpzM2NyZXRA");
    let tunnel = Tunnel::new(proxy, "::1", 443);
    let request = String::from_utf8(tunnel.request().to_vec()).unwrap();
    assert_eq!(
        request,
        "CONNECT [::1]:443 HTTP/1.1\r\nhost: [::1]:443\r\nproxy-authorization: Basic dXNlcjpzM2NyZXRA\r\n\r\n"
    );
    let shown = format!("{proxies:?} {proxy:?} {tunnel:?} {authorization:?}");
    assert!(
        !shown.contains("s3cret") && !shown.contains("dXNl"),
        "{shown}"
    );
    assert!(shown.contains("http://proxy:1"), "{shown}");
    let alone = Proxy::parse("user@proxy").unwrap();
    assert_eq!(alone.authorization().unwrap(), "Basic dXNlcjo=");
}

#[test]
fn a_variable_that_is_no_proxy_is_named_and_not_shown() {
    let bad = [
        "http://user:s3cret@",
        "http://s3cret:port",
        "http://s3cret:99999",
        "s3cret host",
        "socks5://user:s3cret@proxy:1",
        "://s3cret",
        "http://",
    ];
    for value in bad {
        for name in ["HTTP_PROXY", "https_proxy", "ALL_PROXY"] {
            let error = of(&[(name, value)]).unwrap_err();
            assert!(error.is_config(), "{value}");
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(name) && !shown.contains("s3cret"), "{shown}");
        }
    }
}

#[test]
fn a_tunnel_opens_when_the_proxy_agrees_and_says_no_more() {
    let proxy = Proxy::parse("http://user:s3cret@proxy:1").unwrap();
    let agreed = b"HTTP/1.1 200 Connection established\r\nvia: x\r\n\r\n";
    for at in 1..agreed.len() {
        let mut tunnel = Tunnel::new(&proxy, "host", 80);
        assert_eq!(tunnel.take(&agreed[..at]), Ok(false));
        assert_eq!(tunnel.take(&agreed[at..]), Ok(true));
    }
    let endless = "HTTP/1.1 200 OK\r\n".to_owned() + &"a: b\r\n".repeat(3000);
    let refusals = [
        ("", "it closes the connection"),
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\nbody",
            "it answers 407",
        ),
        ("HTTP/1.1 200 OK\r\n\r\nmore", "it says more"),
        ("SSH-2.0\r\n", "it does not speak HTTP/1.1"),
        (endless.as_str(), "it "),
    ];
    for (answer, why) in refusals {
        let refused = Tunnel::new(&proxy, "host", 80).take(answer.as_bytes());
        let text = refused.unwrap_err().to_string();
        assert!(
            text.contains(why) && text.contains("http://proxy:1"),
            "{text}"
        );
        assert!(
            text.contains("host:80") && !text.contains("s3cret"),
            "{text}"
        );
    }
}
