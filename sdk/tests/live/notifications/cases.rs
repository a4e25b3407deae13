//! Blocks of each service, with what it may be given.

use super::*;

/// A block of both sides: Python makes its own from the same fields.
pub(super) struct Case {
    pub(super) class: &'static str,
    pub(super) fields: Value,
    pub(super) block: Box<dyn NotificationBlock>,
}

fn case(class: &'static str, block: impl NotificationBlock + Serialize + 'static) -> Case {
    let fields = serde_json::to_value(&block).unwrap();
    Case {
        class,
        fields,
        block: Box::new(block),
    }
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

pub(super) fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    pairs.iter().map(owned).collect()
}

pub(super) fn slack() -> Vec<Case> {
    let tokens = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ";
    let mut government =
        SlackWebhook::new(format!("https://hooks.slack-gov.com/services/{tokens}"));
    government.notify_type = NotifyType::Failure;
    let urls = [
        format!("https://hooks.slack.com/services/{tokens}"),
        format!("HTTP://HOOKS.slack.com/services/{tokens}/?x=y"),
        "https://hooks.slack.com/workflows/T1/A1/123/abc".to_owned(),
        "https://hooks.slack.com/triggers/T1/123/abc".to_owned(),
    ];
    let mut all: Vec<Case> = urls
        .map(|url| case("SlackWebhook", SlackWebhook::new(url)))
        .into();
    all.push(case("SlackWebhook", government));
    all
}

pub(super) fn teams() -> Vec<Case> {
    let way =
        "triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0";
    let direct = "powerautomate/automations/direct";
    let urls = [
        format!(
            "https://prod-NO.LOCATION.logic.azure.com:443/workflows/WFID/{way}&sig=SIGN_-ATURE"
        ),
        format!("http://host.example/workflows/WFID/{way}&sig=S"),
        format!(
            "https://a.api.powerplatform.com:443/{direct}/workflows/WFID/{way}&tenantId=tId&sig=S"
        ),
        format!("https://a.api.powerplatform.com/{direct}/cu/12/workflows/WFID/{way}&sig=S"),
    ];
    let one = |url: String| case("MicrosoftTeamsWebhook", MicrosoftTeamsWebhook::new(url));
    let mut all: Vec<Case> = urls.map(one).into();
    let url = "https://h.example/workflows/W/triggers/manual/paths/invoke?api-version=1&sig=S";
    let mut bare = MicrosoftTeamsWebhook::new(url);
    (bare.include_image, bare.wrap) = (false, false);
    bare.notify_type = NotifyType::Warning;
    all.push(case("MicrosoftTeamsWebhook", bare));
    all
}

pub(super) fn pager_duty() -> Vec<Case> {
    let plain = || PagerDutyWebHook::new("i".repeat(32), "k".repeat(20));
    let mut all = plain();
    all.source = Some("my source".to_owned());
    "c d".clone_into(&mut all.component);
    all.group = Some("g".to_owned());
    all.class_id = Some("a b".to_owned());
    all.region_name = Region::Eu;
    all.clickable_url = Some("https://x.example/z?a=b".to_owned());
    all.include_image = false;
    all.custom_details = Some(map(&[("a b", "c d"), ("e", "f&g")]));
    all.notify_type = NotifyType::Failure;
    let mut without = plain();
    (without.source, without.notify_type) = (None, NotifyType::Warning);
    let all = [plain(), all, without];
    all.map(|block| case("PagerDutyWebHook", block)).into()
}

pub(super) fn opsgenie() -> Vec<Case> {
    let plain = || OpsgenieWebhook::new("12345678-1234-1234-1234-123456789012");
    let mut all = plain();
    all.target_user = Some(texts(&["u1", "a@b.com"]));
    all.target_team = Some(texts(&["t1"]));
    all.target_schedule = Some(texts(&["s1"]));
    all.target_escalation = Some(texts(&["e1"]));
    all.region_name = Region::Eu;
    all.tags = Some(texts(&["b c", "a,d"]));
    all.priority = Some(5);
    all.alias = Some("al".to_owned());
    all.entity = Some("en".to_owned());
    all.details = Some(map(&[("x", "y z"), ("type", "mine")]));
    all.notify_type = NotifyType::Success;
    let mut batch = plain();
    let users: Vec<String> = (10..70).map(|number| format!("u{number}")).collect();
    (batch.target_user, batch.batch, batch.priority) = (Some(users), true, None);
    let mut odd = plain();
    (odd.priority, odd.entity, odd.alias) = (Some(9), Some(String::new()), Some(String::new()));
    let all = [plain(), all, batch, odd];
    all.map(|block| case("OpsgenieWebhook", block)).into()
}

pub(super) fn mattermost() -> Vec<Case> {
    let plain = || MattermostWebhook::new("H.example", "tok1");
    let mut all = plain();
    all.secure = true;
    all.port = 443;
    all.botname = Some("bot".to_owned());
    all.channels = Some(texts(&["#gen", "c2 c3"]));
    all.include_image = true;
    all.path = Some("/sub/".to_owned());
    all.notify_type = NotifyType::Success;
    [plain(), all]
        .map(|block| case("MattermostWebhook", block))
        .into()
}

pub(super) fn discord() -> Vec<Case> {
    let plain = || DiscordWebhook::new("123456789", "token_-token");
    let mut own = plain();
    (own.tts, own.avatar, own.include_image) = (true, true, true);
    own.avatar_url = Some("https://a.example/b.png".to_owned());
    let mut avatar = plain();
    (avatar.avatar, avatar.notify_type) = (true, NotifyType::Success);
    [plain(), own, avatar]
        .map(|block| case("DiscordWebhook", block))
        .into()
}

pub(super) fn people() -> Vec<Case> {
    let (account, token) = (format!("AC{}", "a".repeat(32)), "b".repeat(32));
    let sms = |from, to| TwilioSms::new(account.clone(), token.clone(), from, to);
    vec![
        case(
            "TwilioSMS",
            sms("+18001234567", ["+18004242425", "1 (800) 424-2426"]),
        ),
        case("TwilioSMS", sms("12345", ["18004242425", "18004242427"])),
        case(
            "SendgridEmail",
            SendgridEmail::new("key.key", "a@b.com", ["c@d.com", "e@f.com"]),
        ),
    ]
}

pub(super) fn custom() -> Vec<Case> {
    let plain =
        || CustomWebhookNotificationBlock::new("ops", "https://h.example/a b/{{ token }}?x=1");
    let secrets = || {
        let values = [
            ("token", json!("s3cret")),
            ("n", json!(5)),
            ("flag", json!(true)),
            ("body", json!("mine")),
        ];
        values.into_iter().collect()
    };
    let mut json = plain();
    json.secrets = secrets();
    json.json_data = json!({
        "text": "{{subject}}: {{body}}", "n": "{{n}}", "in": ["{{ flag }}", "a {{n}} {{flag}}", null, 1.5],
    })
    .as_object()
    .cloned();
    json.headers = Some(map(&[("X-Token", "{{token}}"), ("user-agent", "mine")]));
    json.cookies = Some(map(&[("a", "{{name}}"), ("b", "2")]));
    json.params = Some(map(&[("q", "{{body}}"), ("r", "ä &")]));
    json.method = HttpMethod::Put;
    let mut form = plain();
    form.secrets = secrets();
    let fields = map(&[("text", "{{subject}} {{ body }}"), ("b", "c d")]);
    form.form_data = Some(FormData::Fields(fields));
    let mut text = plain();
    text.secrets = secrets();
    text.form_data = Some(FormData::Text("<{{body}}>".to_owned()));
    let mut get = plain();
    (get.secrets, get.method) = (secrets(), HttpMethod::Get);
    let all = [json, form, text, get];
    all.map(|block| case("CustomWebhookNotificationBlock", block))
        .into()
}
