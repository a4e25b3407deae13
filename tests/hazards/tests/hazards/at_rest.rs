//! A minute of nothing: hazard 15. The tests are run in the order of their names, and this one is to begin first.

use std::thread;

use prefect_hazards::{HANG, Server};

use crate::process::{prefect, succeeds};

#[test]
fn hazard_15_idle_clients_do_nothing() {
    thread::scope(|scope| {
        for scenario in ["idle-blocking", "idle-async"] {
            scope.spawn(move || {
                let server = Server::start(prefect);
                succeeds(scenario, &server.url(), HANG * 5);
                assert_eq!(server.requests().len(), 8, "{scenario}");
                assert!(server.connections() <= 8, "{scenario}");
            });
        }
    });
}
