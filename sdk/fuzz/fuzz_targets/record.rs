//! Any bytes as a kept result, or as the arguments of a background task: reading them gives a value or an error, and never
//! panics.
//!
//! `cargo +nightly fuzz run record sdk/fuzz/corpus/record sdk/fuzz/seeds/record --fuzz-dir sdk/fuzz`, with cargo-fuzz
//! installed. The first byte of an input says how what follows was written.
#![no_main]

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use prefect_sdk::Error;
use prefect_sdk::filesystems::Storage;
use prefect_sdk::results::{Compression, ResultSettings, ResultStore, Serializer};
use uuid::Uuid;

/// Has the same bytes in each file.
struct Same(Vec<u8>);

impl Storage for Same {
    fn read_path(&self, _: &str) -> Result<Vec<u8>, Error> {
        Ok(self.0.clone())
    }

    fn write_path(&self, path: &str, _: &[u8]) -> Result<String, Error> {
        Ok(path.to_owned())
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let encoded = || STANDARD.encode(rest).into_bytes();
    let (serializer, bytes) = match first % 6 {
        0 => (Serializer::Json, rest.to_vec()),
        // As Python writes them: the bytes are base64 in text.
        1 => (Serializer::Pickle, encoded()),
        2 => (Serializer::CompressedJson(Compression::Xz), encoded()),
        3 => (Serializer::CompressedJson(Compression::Bzip2), encoded()),
        4 => (Serializer::CompressedJson(Compression::Zlib), encoded()),
        _ => {
            let pickled = String::from_utf8(encoded()).expect("base64 is text");
            let metadata =
                serde_json::json!({ "storage_key": "key", "serializer": { "type": "pickle" } });
            let record = serde_json::json!({ "metadata": metadata, "result": pickled });
            (Serializer::Json, record.to_string().into_bytes())
        }
    };
    let store = ResultStore::new(ResultSettings::new("/nowhere"))
        .storage(Arc::new(Same(bytes)))
        .serializer(serializer);
    if let Ok(record) = store.read("key") {
        let _ = record.value::<serde_json::Value>();
        let _ = record.to_value();
        let _ = record.metadata().is_expired();
    }
    let _ = store.exists("key");
    let _ = store.read_parameters::<serde_json::Value>(Uuid::nil());
});
