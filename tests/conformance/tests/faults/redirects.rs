//! Redirects: in a circle, to nowhere, to a server of somebody else's.

use diptych_runtime::{Authorization, Config, Secret};
use prefect_conformance::Fallible;
use prefect_conformance::fault::{Caller, Ending, Face, Method, good};
use test_server::{Answer, Door, Fault, Server};

use crate::LONG;
use crate::scenario::caller;

/// How many redirects are followed unless told.
const HOPS: usize = 10;

#[test]
fn a_circle_ends_after_ten_hops() -> Fallible<()> {
    // What keeps the method is followed for a POST too, and what does not keep it is not.
    let circles = [
        (Method::Get, 302, HOPS + 1),
        (Method::Get, 307, HOPS + 1),
        (Method::Post, 302, 1),
        (Method::Post, 308, HOPS + 1),
    ];
    for (method, status, requests) in circles {
        for face in Face::ALL {
            let circle = Fault::Whole(Answer::redirect(status, "/api/circle"));
            let server = Server::start(Door::Open, [circle])?;
            let result = caller(face, &server.url(), LONG)?.call(method, "around");
            assert_eq!(
                Ending::of(&result),
                Ending::Refused(status),
                "{face:?} {result:?}"
            );
            assert_eq!(
                server.seen().len(),
                requests,
                "{face:?} {method:?} {status}"
            );
        }
    }
    Ok(())
}

#[test]
fn a_place_where_nobody_is_is_no_connection() -> Fallible<()> {
    for face in Face::ALL {
        let nobody = Server::start(Door::Refusing, [])?;
        let leading = Fault::Whole(Answer::redirect(307, &nobody.url()));
        let server = Server::start(Door::Open, [leading])?;
        let result = caller(face, &server.url(), LONG)?.call(Method::Get, "away");
        assert_eq!(
            Ending::of(&result),
            Ending::NoConnection,
            "{face:?} {result:?}"
        );
        assert_eq!(server.seen().len(), 1, "{face:?}");
    }
    Ok(())
}

#[test]
fn somebody_else_gets_no_secret_and_no_post() -> Fallible<()> {
    for face in Face::ALL {
        for (method, asked) in [(Method::Get, 1), (Method::Post, 0)] {
            let other = Server::start(Door::Open, [Fault::Whole(good())])?;
            let leading = Fault::Whole(Answer::redirect(307, &other.url()));
            let server = Server::start(Door::Open, [leading])?;
            let key = Authorization::Bearer(Secret::from("s3cret".to_owned()));
            let config = Config::new(&server.url())?.timeout(LONG);
            let caller = Caller::new(face, config.authorization(&key)?)?;
            let ending = Ending::of(&caller.call(method, "away"));
            let expected = match method {
                Method::Get => Ending::Value,
                Method::Post => Ending::Refused(307),
            };
            assert_eq!(ending, expected, "{face:?} {method:?}");
            let (here, there) = (server.seen(), other.seen());
            assert!(
                format!("{here:?}").contains("s3cret"),
                "{face:?} {method:?}"
            );
            assert!(!format!("{there:?}").contains("s3cret"), "{there:?}");
            assert_eq!((here.len(), there.len()), (1, asked), "{face:?} {method:?}");
        }
    }
    Ok(())
}
