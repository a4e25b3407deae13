//! What services are asked, beside what Python's blocks ask them by way of Apprise.

mod cases;

use std::collections::BTreeMap;

use prefect_sdk::blocks::Block;
use prefect_sdk::client::PrefectClient;
use prefect_sdk::client::transport::http;
use prefect_sdk::notifications::{
    CustomWebhookNotificationBlock, DiscordWebhook, FormData, HttpMethod, MattermostWebhook,
    MicrosoftTeamsWebhook, Notice, NotificationBlock, NotifyOptions, NotifyType, OpsgenieWebhook,
    PagerDutyWebHook, Region, SendgridEmail, SlackWebhook, TwilioSms,
};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use self::cases::{
    Case, custom, discord, map, mattermost, opsgenie, pager_duty, people, slack, teams,
};
use crate::{python, server};

/// Body and subject.
const NOTICES: [(&str, Option<&str>); 5] = [
    ("B", None),
    ("B", Some("S")),
    ("  a <b> & *c* \n@here \"q\" é\t", Some("  t <x> & \n ")),
    ("<!channel> <https://x.example/?a=b|c> <@U1>", Some("")),
    (
        "a text that is longer than the message of an alert may be: that has a hundred and thirty letters at most, and this has more",
        None,
    ),
];

const RECORD: &str = r"
import apprise, httpx, requests
from prefect.blocks import notifications

sent = []

def keep(request, body):
    body = body.decode() if isinstance(body, bytes) else body
    sent.append([request.method, str(request.url), list(request.headers.items()), body or ''])

class Answer:
    status_code, text, content, headers = 200, 'ok', b'ok', {}
    def json(self):
        return {}

def post(method, url, data=None, headers=None, params=None, auth=None, **_):
    request = requests.Request(method, url, data=data, headers=headers, params=params, auth=auth).prepare()
    keep(request, request.body)
    return Answer()

# It waits between two requests to a service.
apprise.URLBase.throttle = lambda self, *_, **__: None
requests.request = post
requests.post = lambda url, **more: post('POST', url, **more)

def handle(self, request):
    keep(request, request.read())
    return httpx.Response(200, request=request)

httpx.HTTPTransport.handle_request = handle

all = []
for class_name, fields, body, subject in arguments:
    sent.clear()
    getattr(notifications, class_name)(**fields).notify(body, subject)
    all.append(list(sent))
answer(all)
";

#[test]
fn services_are_asked_what_python_s_blocks_ask_them() {
    let kinds = [
        slack(),
        teams(),
        pager_duty(),
        opsgenie(),
        mattermost(),
        discord(),
        people(),
        custom(),
    ];
    let cases: Vec<Case> = kinds.into_iter().flatten().collect();
    let both = cases
        .iter()
        .flat_map(|case| NOTICES.map(|notice| (case, notice)));
    let arguments: Vec<Value> = both
        .clone()
        .map(|(case, (body, subject))| json!([case.class, case.fields, body, subject]))
        .collect();
    let asked = python::run(RECORD, &arguments.into());
    let asked = asked.as_array().unwrap();
    assert_eq!(asked.len(), cases.len() * NOTICES.len());
    for ((case, (body, subject)), asked) in both.zip(asked) {
        let what = format!("{} {} {body:?} {subject:?}", case.class, case.fields);
        let mut options = NotifyOptions::new();
        options.subject = subject.map(str::to_owned);
        let theirs: Vec<Shown> = asked.as_array().unwrap().iter().map(theirs).collect();
        let notice = Notice::new(body, &options).unwrap();
        let ours = case.block.requests(&notice).unwrap();
        let ours: Vec<Shown> = ours
            .iter()
            .map(|request| ours_shown(request.http()))
            .collect();
        assert!(!theirs.is_empty(), "{what}: Python sent nothing");
        pretty_assert(&ours, &theirs, &what);
    }
}

/// A block that Rust saved, and the name below which Python is to save the same.
struct Exchanged {
    class: &'static str,
    fields: Value,
    ours: String,
    theirs: String,
    load: fn(&PrefectClient, &str) -> Value,
}

fn exchanged<T: Block>(class: &'static str, block: T) -> Exchanged {
    let fields = serde_json::to_value(&block).unwrap();
    let (ours, theirs) = (server::unique("rust"), server::unique("python"));
    block.save(&server::client(), &ours).unwrap();
    let load = |client: &PrefectClient, name: &str| {
        let loaded = T::load(client, name).unwrap();
        serde_json::to_value(&*loaded).unwrap()
    };
    Exchanged {
        class,
        fields,
        ours,
        theirs,
        load,
    }
}

#[test]
fn python_and_rust_load_each_other_s_blocks() {
    let url = "https://h.example/workflows/W/triggers/manual/paths/invoke?api-version=1&sig=S";
    let mut pager = PagerDutyWebHook::new("i", "a");
    pager.custom_details = Some(map(&[("a", "b")]));
    let mut custom = CustomWebhookNotificationBlock::new("ops", "https://h.example/{{ token }}");
    custom.secrets = [("token", "s3cret")].into_iter().collect();
    custom.form_data = Some(FormData::Text("{{body}}".to_owned()));
    let sms = TwilioSms::new(
        format!("AC{}", "a".repeat(32)),
        "b".repeat(32),
        "18001234567",
        ["18004242425"],
    );
    let all = [
        exchanged(
            "SlackWebhook",
            SlackWebhook::new("https://hooks.slack.com/services/T1/B/c"),
        ),
        exchanged("MicrosoftTeamsWebhook", MicrosoftTeamsWebhook::new(url)),
        exchanged("PagerDutyWebHook", pager),
        exchanged("OpsgenieWebhook", OpsgenieWebhook::new("key")),
        exchanged(
            "MattermostWebhook",
            MattermostWebhook::new("h.example", "tok1"),
        ),
        exchanged("DiscordWebhook", DiscordWebhook::new("1", "t")),
        exchanged("TwilioSMS", sms),
        exchanged(
            "SendgridEmail",
            SendgridEmail::new("k", "a@b.com", ["c@d.com"]),
        ),
        exchanged("CustomWebhookNotificationBlock", custom),
    ];
    let program = r"
from prefect.blocks import notifications
dumps = []
for class_name, fields, ours, theirs in arguments:
    kind = getattr(notifications, class_name)
    kind(**fields).save(theirs)
    dumps.append(kind.load(ours).model_dump(mode='json', context={'include_secrets': True}))
answer(dumps)
";
    let arguments = all
        .iter()
        .map(|it| json!([it.class, it.fields, it.ours, it.theirs]));
    let dumps = python::run(program, &arguments.collect());
    let client = server::client();
    for (one, dump) in all.iter().zip(dumps.as_array().unwrap()) {
        for (name, value) in one.fields.as_object().unwrap() {
            assert_eq!(&dump[name], value, "{}.{name}", one.class);
        }
        assert_eq!(
            (one.load)(&client, &one.theirs),
            one.fields,
            "{}",
            one.class
        );
    }
}

/// A request as a service sees it.
#[derive(Debug, PartialEq)]
struct Shown {
    method: String,
    address: String,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    body: Value,
}

/// What belongs to the connection, or says what the client can read.
const NOT_COMPARED: [&str; 6] = [
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "accept",
    "transfer-encoding",
];

fn shown(method: &str, url: &str, headers: Vec<(String, String)>, body: &str) -> Shown {
    let url = Url::parse(url).unwrap();
    let query = url
        .query_pairs()
        .map(|(name, value)| (name.into_owned(), value.into_owned()));
    let headers = headers
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .filter(|(name, _)| !NOT_COMPARED.contains(&name.as_str()));
    let headers: BTreeMap<String, String> = headers.collect();
    let is_form = headers
        .get("content-type")
        .is_some_and(|it| it.ends_with("urlencoded"));
    let body = if is_form {
        json!(url::form_urlencoded::parse(body.as_bytes()).collect::<Vec<_>>())
    } else {
        serde_json::from_str(body).map_or_else(|_| body.into(), without_time)
    };
    let (scheme, host, port) = (
        url.scheme(),
        url.host_str().unwrap(),
        url.port_or_known_default(),
    );
    Shown {
        method: method.to_owned(),
        address: format!("{scheme}://{host}:{port:?}{}", url.path()),
        query: query.collect(),
        headers,
        body,
    }
}

/// Slack's messages say when they were made.
fn without_time(mut body: Value) -> Value {
    if let Some(ts) = body.pointer_mut("/attachments/0/ts") {
        assert!(ts.as_f64().unwrap() > 1.7e9);
        *ts = Value::Null;
    }
    body
}

fn theirs(asked: &Value) -> Shown {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let headers = asked[2].as_array().unwrap().iter();
    let headers = headers.map(|pair| (text(&pair[0]), text(&pair[1])));
    shown(
        &text(&asked[0]),
        &text(&asked[1]),
        headers.collect(),
        &text(&asked[3]),
    )
}

fn ours_shown(request: &http::Request<prefect_sdk::client::transport::Bytes>) -> Shown {
    let headers = request.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let body = std::str::from_utf8(request.body()).unwrap();
    shown(
        request.method().as_str(),
        &request.uri().to_string(),
        headers.collect(),
        body,
    )
}

fn pretty_assert(ours: &[Shown], theirs: &[Shown], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}\n{ours:#?}\n{theirs:#?}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert_eq!(ours, theirs, "{what}");
    }
}
