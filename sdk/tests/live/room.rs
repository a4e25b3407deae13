//! Directories of the tests' own.

use std::path::PathBuf;

use crate::server;

/// A directory of a test's own; gone when it is dropped.
pub(crate) struct Room(pub(crate) PathBuf);

impl Room {
    pub(crate) fn new(name: &str) -> Self {
        let room = Self(std::env::temp_dir().join(server::unique(name)));
        std::fs::create_dir(&room.0).unwrap();
        room
    }

    pub(crate) fn write(&self, below: &str, content: &[u8]) {
        let path = self.0.join(below);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, below: &str) -> Vec<u8> {
        std::fs::read(self.0.join(below)).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
