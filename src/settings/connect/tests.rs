use std::sync::{Arc, Mutex};
use std::time::Instant;

use diptych_runtime::blocking::Transport;
use diptych_runtime::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use diptych_runtime::{Answer, Bytes, TransportError};

use crate::settings::tests::Place;
use crate::{PrefectClient, SettingsBuilder, models::FlowCreate};

/// Says 418 to everything, and that it may be tried again at once.
#[derive(Clone, Default)]
struct Teapot(Arc<Mutex<Vec<Request<Bytes>>>>);

impl Transport for Teapot {
    fn send(&self, request: Request<Bytes>, _: Option<Instant>) -> Result<Answer, TransportError> {
        self.0.lock().unwrap().push(request);
        let name = HeaderName::from_static("retry-after");
        let headers = HeaderMap::from_iter([(name, HeaderValue::from_static("0"))]);
        Ok(Answer::new(StatusCode::IM_A_TEAPOT, headers, ""))
    }
}

/// What a client with these settings sends to find a flow, and then to make one.
fn requests(builder: SettingsBuilder) -> Vec<Request<Bytes>> {
    let teapot = Teapot::default();
    let settings = builder
        .client_server_version_check_enabled(false)
        .load()
        .unwrap();
    let config = settings.config().unwrap().transport(teapot.clone());
    let client = PrefectClient::from_config(config).unwrap();
    assert!(client.read_flow(uuid::Uuid::nil()).is_err());
    assert!(client.create_flow(&FlowCreate::new("etl")).is_err());
    std::mem::take(&mut *teapot.0.lock().unwrap())
}

fn paths(builder: SettingsBuilder) -> Vec<String> {
    let paths = requests(builder)
        .into_iter()
        .map(|request| request.uri().path().to_owned());
    paths.collect()
}

#[test]
fn requests_have_the_credentials_and_headers_of_the_settings() {
    let place = Place::new(&[]);
    let builder = place.builder(&[]).api_url("http://host/api");
    let builder = builder
        .api_key("key")
        .client_custom_headers([("X-Team", "data"), ("user-agent", "mine")]);
    let header = |builder: SettingsBuilder, name: &str| {
        let request = requests(builder).remove(0);
        request.headers()[name].to_str().unwrap().to_owned()
    };
    assert_eq!(header(builder.clone(), "authorization"), "Bearer key");
    assert_eq!(header(builder.clone(), "x-team"), "data");
    assert_eq!(
        header(builder.clone(), "x-prefect-api-version"),
        crate::API_VERSION
    );
    assert!(header(builder.clone(), "user-agent").starts_with("prefect/"));
    let builder = builder.api_auth_string("user:pass");
    assert_eq!(
        header(builder.clone(), "authorization"),
        "Basic dXNlcjpwYXNz"
    );
    let builder = builder.client_custom_headers([("authorization", "Own x")]);
    assert_eq!(header(builder, "authorization"), "Own x");
}

#[test]
fn retries_and_tokens_are_those_of_the_settings() {
    let place = Place::new(&[]);
    let builder = place.builder(&[]).api_url("http://host/api");
    let flow = "/api/flows/00000000-0000-0000-0000-000000000000";
    let plain = builder.clone().client_csrf_support_enabled(false);
    assert_eq!(paths(plain.clone()), [flow, "/api/flows/"]);
    let again = plain.client_retry_extra_codes([418]).client_max_retries(1);
    let again = paths(again);
    assert_eq!(
        again.iter().filter(|path| *path == flow).count(),
        2,
        "{again:?}"
    );
    assert_eq!(paths(builder.clone())[1], "/api/csrf-token");
    let cloud = builder.cloud_api_url("http://host/");
    assert_eq!(paths(cloud), [flow, "/api/flows/"]);
}
