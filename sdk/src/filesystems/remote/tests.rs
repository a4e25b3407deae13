//! Remote storages in both faces: what is kept in memory, and a server that speaks S3 as far as is told to it.

mod writes;

use std::fmt::Write as _;

use diptych_macros::dual;
use serde_json::json;
use test_server::{Answer, Door, End, Fault, Request, Server};
use uuid::Uuid;

use super::super::tests::Room;
use super::super::{GetDirectoryOptions, PutDirectoryOptions, filesystems};
use super::RemoteFileSystem;
use crate::Error;

fn name() -> String {
    Uuid::new_v4().simple().to_string()
}

fn memory() -> RemoteFileSystem {
    RemoteFileSystem::new(format!("memory://bucket/{}/", name()))
}

/// A bucket of the server, with keys that may not be shown.
fn bucket(server: &Server) -> RemoteFileSystem {
    let url = root(server);
    RemoteFileSystem::new("s3://bucket/pre")
        .setting("key", "AK1Dentity")
        .setting("secret", "s3cret/key")
        .setting("token", "t0ken/secret")
        .setting("client_kwargs", json!({ "endpoint_url": url }))
}

/// A key as Azure has them, in base64.
const ACCOUNT_KEY: &str = "czNjcmV0czNjcmV0";

fn root(server: &Server) -> String {
    server.url().replace("/api", "")
}

/// A container of the server.
fn container(server: &Server) -> RemoteFileSystem {
    let (url, key) = (root(server), ACCOUNT_KEY);
    let connection = format!("AccountName=acc;AccountKey={key};BlobEndpoint={url}/acc");
    RemoteFileSystem::new("az://container/pre").setting("connection_string", connection)
}

/// What may not be shown isn't.
fn keeps_secrets(error: &Error) {
    let text = format!("{error} {error:?}");
    for secret in ["AK1Dentity", "s3cret", "t0ken", ACCOUNT_KEY] {
        assert!(!text.contains(secret), "{text}");
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// The errors of both faces.
fn refusals(files: &RemoteFileSystem) -> [Error; 2] {
    let errors = [
        files.read_path("a").unwrap_err(),
        run(files.aread_path("a")).unwrap_err(),
    ];
    errors.iter().for_each(keeps_secrets);
    errors
}

#[dual(filesystems, map(akept => kept))]
async fn akept(files: &RemoteFileSystem) -> Result<(), Error> {
    assert!(files.aread_path("a/b").await.unwrap_err().is_not_found());
    let at = files.awrite_path("a/b", "one").await?;
    assert_eq!(at, format!("{}a/b", files.basepath()));
    assert_eq!(files.aread_path(&at).await?, b"one");
    files.awrite_path("a/b", "two").await?;
    assert_eq!(files.aread_path("/a/b").await?, b"two");
    for path in ["a/../b", "..", "memory://other/a", "s3://bucket/a"] {
        let read = files.aread_path(path).await.unwrap_err();
        assert!(read.is_refused(), "{path}: {read}");
        let written = files.awrite_path(path, "").await.unwrap_err();
        assert!(written.is_refused(), "{path}: {written}");
    }
    for path in ["", "a/", "a?b", "a//b"] {
        assert!(files.awrite_path(path, "").await.unwrap_err().is_invalid());
    }
    let large = vec![7; 20 * 1024 * 1024];
    files.awrite_path("large", large.clone()).await?;
    assert!(files.aread_path("large").await? == large);
    files.awrite_path("empty", "").await?;
    assert_eq!(files.aread_path("empty").await?, b"");
    Ok(())
}

#[test]
fn what_is_written_is_read() {
    kept(&memory()).unwrap();
    run(akept(&memory())).unwrap();
}

#[dual(filesystems, map(adirectories => directories))]
async fn adirectories(files: &RemoteFileSystem) -> Result<(), Error> {
    let (from, to) = (Room::new(), Room::new());
    from.write("a/b/c", b"c");
    from.write("a/ignored", b"");
    from.write(".hidden", b"h");
    from.write("large", vec![3; 7 * 1024 * 1024]);
    let ignore = Room::new();
    ignore.write("patterns", b"ignored\n");
    let options = PutDirectoryOptions::new()
        .to_path("deep/er")
        .ignore_file(ignore.0.join("patterns"));
    assert_eq!(files.aput_directory_with(&from.0, &options).await?, 3);
    // Python puts everything then.
    ignore.write("everything", b"*\n");
    let nothing = options.clone().ignore_file(ignore.0.join("everything"));
    assert_eq!(files.aput_directory_with(&from.0, &nothing).await?, 0);
    assert_eq!(files.aread_path("deep/er/a/b/c").await?, b"c");
    let options = GetDirectoryOptions::new().from_path("deep/er");
    files.aget_directory_with(&to.0, &options).await?;
    assert_eq!(to.read("a/b/c").unwrap(), b"c");
    assert_eq!(to.read(".hidden").unwrap(), b"h");
    assert_eq!(to.read("large"), from.read("large"));
    assert_eq!(to.read("a/ignored"), None);
    // What only begins in the same way is not in it.
    files.awrite_path("deep/erased", "no").await?;
    let options = GetDirectoryOptions::new().from_path("deep/er");
    files.aget_directory_with(&to.0, &options).await?;
    assert_eq!(std::fs::read_dir(&to.0).unwrap().count(), 3);
    let nowhere = GetDirectoryOptions::new().from_path("nowhere");
    let nothing = files.aget_directory_with(&to.0, &nowhere).await;
    assert!(nothing.unwrap_err().is_not_found());
    Ok(())
}

#[test]
fn directories_go_there_and_back() {
    directories(&memory()).unwrap();
    run(adirectories(&memory())).unwrap();
}

#[test]
fn settings_and_schemes_that_are_not_there_are_named() {
    let files = RemoteFileSystem::new("s3://bucket").setting("s3_sekret", "s3cret");
    for error in refusals(&files) {
        assert!(error.is_invalid());
        assert!(error.to_string().contains("`s3_sekret`"), "{error}");
    }
    for scheme in ["hdfs", "sftp", "ssh"] {
        let files = RemoteFileSystem::new(format!("{scheme}://host/a"));
        for error in refusals(&files) {
            assert!(error.is_invalid());
            let named = format!("the scheme `{scheme}`");
            assert!(error.to_string().contains(&named), "{error}");
        }
    }
    let half = RemoteFileSystem::new("s3://bucket").setting("key", "AK1Dentity");
    assert!(refusals(&half).iter().all(Error::is_invalid));
    let shown = format!("{:?}", half.setting("secret", "s3cret"));
    assert!(
        shown.contains("secret") && !shown.contains("s3cret"),
        "{shown}"
    );
    assert!(!shown.contains("AK1Dentity"), "{shown}");
}

#[test]
fn what_a_service_says_is_told_without_the_keys() {
    let body = "<Error><Code>SignatureDoesNotMatch</Code><Message>no, t0ken/secret and s3cret/key</Message>\
                <AWSAccessKeyId>AK1Dentity</AWSAccessKeyId></Error>";
    let server = Server::answering(move |_| Answer::new(403, "application/xml", body)).unwrap();
    for error in refusals(&bucket(&server)) {
        assert_eq!(
            error.refusal(),
            Some(crate::Refusal::Credentials),
            "{error}"
        );
    }
    let signed = server.requests();
    let is_signed = |request: &Request| request.header("authorization").is_some();
    assert!(!signed.is_empty() && signed.iter().all(is_signed));
    let closed = Server::start(Door::Refusing, []).unwrap();
    assert!(refusals(&bucket(&closed)).iter().all(Error::is_connect));
}

/// Who asks is said as each service has it, and by the settings alone.
#[test]
fn each_service_is_told_who_asks() {
    // It tells what it was told.
    let server = Server::answering(|request| {
        let told = request.header("authorization").unwrap_or_default();
        let body = format!("{told} {}", request.target);
        let status = if request.target.contains("host") {
            401
        } else {
            403
        };
        Answer::new(status, "text/plain", body)
    })
    .unwrap();
    let url = root(&server);
    let azure = || RemoteFileSystem::new("abfs://container").setting("account_name", "acc");
    let host = url.trim_start_matches("http://");
    let sas = format!("BlobEndpoint={url}/acc;SharedAccessSignature=sv=1&sig=t0ken%2Fs3cret");
    let google = || RemoteFileSystem::new("gs://bucket/pre").setting("endpoint_url", url.clone());
    let dav = || RemoteFileSystem::new("webdav://host/pre").setting("base_url", url.clone());
    let rows = [
        (
            container(&server),
            Some("SharedKey acc:"),
            "/acc/container/pre/a",
        ),
        (
            azure().setting("connection_string", sas),
            None,
            "sig=t0ken%2Fs3cret",
        ),
        (
            google().setting("token", "ya29.t0ken"),
            Some("Bearer ya29.t0ken"),
            "/b/bucket/o/pre%2Fa",
        ),
        (
            google().setting("token", "anon"),
            None,
            "/b/bucket/o/pre%2Fa",
        ),
        (
            dav().setting("auth", json!(["AK1Dentity", "s3cret"])),
            Some("Basic "),
            "/host/pre/a",
        ),
        (
            dav().setting("base_url", url.replace("//", "//somebody:s3cret@")),
            Some("Basic c29tZWJvZHk6czNjcmV0"),
            "/host/pre/a",
        ),
        (dav(), None, "/host/pre/a"),
    ];
    for (files, authorization, target) in rows {
        let before = server.requests().len();
        for error in refusals(&files) {
            assert!(error.refusal().is_some(), "{error:?}");
        }
        let requests = server.requests().split_off(before);
        assert_eq!(requests.len(), 2, "{files:?}");
        for request in requests {
            let given = request.header("authorization");
            match authorization {
                None => assert_eq!(given, None),
                Some(begins) => assert!(given.unwrap().starts_with(begins), "{given:?}"),
            }
            assert!(request.target.contains(target), "{}", request.target);
        }
    }
    let closed = Server::start(Door::Refusing, []).unwrap();
    let sas = format!(
        "BlobEndpoint={}/acc;SharedAccessSignature=sv=1&sig=t0ken",
        root(&closed)
    );
    let files = azure().setting("connection_string", sas);
    assert!(refusals(&files).iter().all(Error::is_connect));
    // Nothing is asked of whoever can't be known.
    for files in [
        RemoteFileSystem::new("az://container"),
        azure().setting("client_id", "AK1Dentity"),
        azure().setting("account_key", "not base64"),
        azure().setting("connection_string", "s3cret"),
        azure().setting("location_mode", "secondary"),
        azure()
            .setting("account_host", host)
            .setting("account_key", ["s3cret"]),
        google().setting("token", "/nowhere/s3cret.json"),
        google().setting("token", "browser"),
        google().setting("access", "s3cret"),
        google().setting("requester_pays", true),
        RemoteFileSystem::new("webdav://host/pre"),
        dav().setting("auth", "s3cret"),
    ] {
        let before = server.requests().len();
        for error in refusals(&files) {
            assert!(error.is_invalid(), "{error:?}");
        }
        assert_eq!(server.requests().len(), before);
    }
}

#[test]
fn a_service_that_does_not_answer_is_waited_for_as_long_as_is_said() {
    let server = Server::answering(|_| Fault::Unread(End::Stall)).unwrap();
    let files = bucket(&server).setting("config_kwargs", json!({ "read_timeout": 0.3 }));
    assert!(refusals(&files).iter().all(Error::is_timeout));
}

/// Two pages of one thing each; what they hold is their key.
fn in_pages(request: &Request) -> Answer {
    let (path, query) = request.path_and_query();
    if !query.contains("list-type=2") {
        let body = path.rsplit('/').next().unwrap_or_default().to_owned();
        return Answer::new(200, "text/plain", body).header("etag", "\"e\"");
    }
    let (name, more) = if query.contains("continuation-token=t1") {
        ("second", "<IsTruncated>false</IsTruncated>")
    } else {
        let more =
            "<IsTruncated>true</IsTruncated><NextContinuationToken>t1</NextContinuationToken>";
        ("first", more)
    };
    let about = "<LastModified>2026-11-26T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>1</Size>";
    let found = format!("<Contents><Key>pre/d/{name}</Key>{about}</Contents>");
    let body = format!("<ListBucketResult>{more}{found}</ListBucketResult>");
    Answer::new(200, "application/xml", body)
}

#[dual(filesystems, map(aget_directory => get_directory, apages => pages))]
async fn apages(files: &RemoteFileSystem) -> Result<(), Error> {
    let to = Room::new();
    files.aget_directory(&to.0).await?;
    assert_eq!(to.read("d/first").unwrap(), b"first");
    assert_eq!(to.read("d/second").unwrap(), b"second");
    Ok(())
}

#[test]
fn what_is_listed_comes_page_by_page() {
    let server = Server::answering(in_pages).unwrap();
    pages(&bucket(&server)).unwrap();
    run(apages(&bucket(&server))).unwrap();
}

#[test]
fn a_busy_service_is_asked_again() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::answering(move |_| {
        match asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 3 {
            2 => Answer::new(200, "text/plain", "").header("etag", "\"e\""),
            _ => Answer::new(503, "text/plain", "").header("retry-after", "0"),
        }
    })
    .unwrap();
    let files = bucket(&server);
    files.write_path("a", "one").unwrap();
    run(files.awrite_path("a", "two")).unwrap();
    let bodies: Vec<_> = server.requests().iter().map(Request::text).collect();
    assert_eq!(bodies, ["one", "one", "one", "two", "two", "two"]);
}

/// What libraries log, at every level.
struct Heard(std::sync::Mutex<String>);

impl log::Log for Heard {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut heard = self.0.lock().unwrap();
        writeln!(heard, "{}: {}", record.target(), record.args()).unwrap();
    }

    fn flush(&self) {}
}

#[test]
fn no_library_logs_the_keys() {
    static HEARD: Heard = Heard(std::sync::Mutex::new(String::new()));
    log::set_logger(&HEARD).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let server = Server::answering(|_| Answer::new(404, "application/xml", "<Error/>")).unwrap();
    assert!(refusals(&bucket(&server)).iter().all(Error::is_not_found));
    assert!(
        refusals(&container(&server))
            .iter()
            .all(Error::is_not_found)
    );
    // The service that gives tokens is not asked for one: nobody is there.
    let principal = RemoteFileSystem::new("az://container")
        .setting("account_name", "acc")
        .setting("tenant_id", "t/../..")
        .setting("client_id", "AK1Dentity")
        .setting("client_secret", "s3cret")
        .setting("timeout", 0.01);
    refusals(&principal);
    let heard = HEARD.0.lock().unwrap();
    assert!(heard.contains("the keys of the settings"), "{heard}");
    for secret in ["s3cret", "t0ken", ACCOUNT_KEY] {
        assert!(!heard.contains(secret), "{heard}");
    }
}
