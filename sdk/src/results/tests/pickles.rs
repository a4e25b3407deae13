//! What Python keeps by default.

use base64::Engine as _;

use super::*;

fn read(pickle: &[u8]) -> Result<Value, Error> {
    let text = base64::engine::general_purpose::STANDARD.encode(pickle);
    Serializer::Pickle.load(text.as_bytes())
}

/// `pickle.dumps({'a': [1, (True, None)], 'b': 'é'}, 4)`.
const PLAIN: &[u8] =
    b"\x80\x04\x95\x1e\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94]\x94(K\x01\x88N\x86\x94e\x8c\x01b\x94\x8c\x02\xc3\xa9\x94u.";

#[test]
fn plain_values_are_read() {
    let value: Json = read(PLAIN).unwrap().deserialize().unwrap();
    assert_eq!(value, json!({"a": [1, [true, null]], "b": "é"}));
}

#[test]
fn classes_are_named_and_nothing_is_called() {
    let system = b"cos\nsystem\n(S'touch /tmp/called'\ntR.".as_slice();
    assert!(read(system).unwrap_err().is_unfit());
    let system = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.".as_slice();
    let error = read(system).unwrap_err();
    assert!(error.to_string().contains("`os.system`"), "{error}");
    assert!(error.names_class());
    let class = b"cmy.module\nThing\n.".as_slice();
    assert!(
        read(class)
            .unwrap_err()
            .to_string()
            .contains("`my.module.Thing`")
    );
    let exception = b"\x80\x04\x8c\x08builtins\x8c\nValueError\x93\x8c\x04boom\x85R.".as_slice();
    let Value::Exception { class, message } = read(exception).unwrap() else {
        panic!("it is an exception");
    };
    assert_eq!(
        (class.as_str(), message.as_str()),
        ("builtins.ValueError", "boom")
    );
}

#[test]
fn hostile_ones_are_errors() {
    let hostile: [&[u8]; 14] = [
        b"",
        b".",
        b"(.",
        b"0",
        b"t.",
        b"](u.",
        b"}(K\x01u.",
        b"h\x05.",
        b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.",
        b"\x8b\xff\xff\xff\x7f.",
        b"\x8a\xff",
        // It holds itself.
        b"]\x94h\x00a.",
        b"\x80\x04]\x94(h\x00e.",
        b"(((((((((1.",
    ];
    for pickle in hostile {
        assert!(read(pickle).unwrap_err().is_unfit(), "{pickle:?}");
    }
    let deep = [b"]".repeat(100_000), b"a".repeat(99_999), b".".to_vec()].concat();
    assert!(read(&deep).unwrap_err().is_unfit());
    // Each list holds the one before it ten times: 10^60 values in 700 bytes.
    let mut bomb = b"]\x94".to_vec();
    for level in 0..60u8 {
        bomb.extend([b"](".as_slice(), &[b'h', level].repeat(10), b"e\x94"].concat());
    }
    bomb.push(b'.');
    assert!(read(&bomb).unwrap_err().is_unfit());
}

/// Whatever stands there, it is a value or an error.
#[test]
fn any_change_is_a_value_or_an_error() {
    for at in 0..PLAIN.len() {
        drop(read(&PLAIN[..at]));
        for byte in 0..=255 {
            let mut changed = PLAIN.to_vec();
            changed[at] = byte;
            drop(read(&changed));
        }
    }
}
