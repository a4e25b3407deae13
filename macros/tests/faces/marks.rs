//! What only one face has.

use diptych_macros::dual;

use crate::run;

#[dual(name = Connection)]
#[derive(Default)]
struct AsyncConnection {
    #[dual(async)]
    lock: tokio::sync::Mutex<u32>,
    #[dual(blocking)]
    lock: std::sync::Mutex<u32>,
    sent: u32,
}

#[dual(map(AsyncConnection => Connection))]
async fn asend(connection: &mut AsyncConnection, face: &str) -> String {
    #[dual(async)]
    let held = connection.lock.lock().await;
    #[dual(blocking)]
    let held = connection.lock.lock().expect("not poisoned");
    connection.sent += 1 + *held;
    let own = match face {
        #[dual(async)]
        "async" => "itself",
        #[dual(blocking)]
        "blocking" => "itself",
        _ => "the other",
    };
    #[dual(async)]
    {
        tokio::task::yield_now().await;
        format!("async {own} {}", connection.sent)
    }
    #[dual(blocking)]
    {
        format!("blocking {own} {}", connection.sent)
    }
}

#[test]
fn each_face_has_its_own() {
    let mut connection = Connection::default();
    assert_eq!(send(&mut connection, "blocking"), "blocking itself 1");
    assert_eq!(send(&mut connection, "async"), "blocking the other 2");
    let mut connection = AsyncConnection::default();
    assert_eq!(run(asend(&mut connection, "blocking")), "async the other 1");
    assert_eq!(run(asend(&mut connection, "async")), "async itself 2");
}
