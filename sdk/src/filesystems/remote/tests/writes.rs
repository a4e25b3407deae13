//! Writes that fail leave nothing that is whole, and nothing half.

use test_server::{Answer, End, Fault, Request, Server};

use super::{bucket, container, keeps_secrets, run};
use crate::Error;
use crate::filesystems::RemoteFileSystem;

/// The errors of both faces.
fn refused_writes(files: &RemoteFileSystem, content: &[u8]) -> [Error; 2] {
    let errors = [
        files.write_path("a", content).unwrap_err(),
        run(files.awrite_path("a", content)).unwrap_err(),
    ];
    errors.iter().for_each(keeps_secrets);
    errors
}

/// A block that Azure refuses is not put together with the others.
#[test]
fn a_write_to_azure_that_fails_is_not_finished() {
    let server = Server::answering(|request| {
        let (_, query) = request.path_and_query();
        let is_block = query.contains("comp=block&");
        // The third has fewer bytes.
        if is_block && request.body.len() < 2 * 1024 * 1024 {
            Answer::new(400, "application/xml", "<Error/>")
        } else {
            Answer::new(201, "text/plain", "")
        }
    })
    .unwrap();
    let files = container(&server);
    let whole = vec![7; 12 * 1024 * 1024];
    files.write_path("a", whole.clone()).unwrap();
    run(files.awrite_path("a", whole)).unwrap();
    let lists = || {
        let requests = server.requests();
        let lists = requests
            .iter()
            .filter(|request| request.target.contains("comp=blocklist"));
        lists.count()
    };
    assert_eq!(lists(), 2);
    let torn = vec![7; 13 * 1024 * 1024];
    for error in refused_writes(&files, &torn) {
        assert!(error.is_storage(), "{error}");
    }
    assert_eq!(lists(), 2);
}

/// What a service of S3 says to a write in parts of which the second one is answered so.
fn in_parts(request: &Request, second: impl Into<Fault>) -> Fault {
    let (_, query) = request.path_and_query();
    let answer = match request.method.as_str() {
        "POST" if query.contains("uploads") => {
            let body = "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>";
            Answer::new(200, "application/xml", body)
        }
        "PUT" if query.contains("partNumber=2") => return second.into(),
        "PUT" => Answer::new(200, "text/plain", "").header("etag", "\"e\""),
        _ => Answer::new(204, "text/plain", ""),
    };
    answer.into()
}

fn methods(server: &Server) -> Vec<String> {
    let requests = server.requests();
    requests
        .iter()
        .map(|request| request.method.clone())
        .collect()
}

#[test]
fn a_write_that_fails_gives_up_what_was_sent() {
    let large = vec![7; 13 * 1024 * 1024];
    let server = Server::answering(|request| {
        in_parts(request, Answer::new(400, "application/xml", "<Error/>"))
    })
    .unwrap();
    let files = bucket(&server);
    for error in refused_writes(&files, &large) {
        assert!(error.is_storage(), "{error}");
    }
    let once = ["POST", "PUT", "PUT", "DELETE"];
    assert_eq!(methods(&server), [once, once].concat());
}

/// It is gone with the second part, and nobody is there any more.
#[test]
fn a_service_that_goes_away_in_the_middle_has_nothing_whole() {
    let large = vec![7; 13 * 1024 * 1024];
    let server = Server::answering(|request| match request.method.as_str() {
        "DELETE" => Fault::Unread(End::Reset),
        _ => in_parts(request, Fault::Unread(End::Reset)),
    })
    .unwrap();
    let files = bucket(&server);
    for error in refused_writes(&files, &large) {
        assert!(error.is_connect(), "{error:?}");
    }
    let completing =
        |request: &Request| request.method == "POST" && request.target.contains("uploadId");
    assert!(!server.requests().iter().any(completing));
}

async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[test]
fn a_write_that_is_dropped_gives_up_what_was_sent() {
    let server = Server::answering(|request| in_parts(request, Fault::Unread(End::Stall))).unwrap();
    let files = bucket(&server);
    let all = async {
        let writing = files.awrite_path("a", vec![7; 13 * 1024 * 1024]);
        let is_stuck = || server.seen().len() >= 3;
        tokio::select! {
            written = writing => panic!("{written:?}"),
            () = until(is_stuck) => {}
        }
        until(|| methods(&server).contains(&"DELETE".to_owned())).await;
    };
    let limit = std::time::Duration::from_mins(2);
    run(async { tokio::time::timeout(limit, all).await }).expect("it is given up");
    let completing =
        |request: &Request| request.method == "POST" && request.target.contains("uploadId");
    assert!(!server.requests().iter().any(completing));
}
