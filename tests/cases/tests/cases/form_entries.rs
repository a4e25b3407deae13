//! Forms whose parts have any names: each is written as its schema says.

use std::collections::BTreeMap;

use diptych_cases::form_entries::models::{
    CsvBesideRequest, ListsBesideRequest, TextsBesideRequest,
};
use diptych_runtime::File;

use crate::{both, nothing, parts_of};

fn one<T>(name: &str, value: impl Into<T>) -> BTreeMap<String, T> {
    BTreeMap::from([(name.to_owned(), value.into())])
}

#[test]
fn files_of_any_names() {
    let files = one::<File>("x", "1");
    let (_, sent) = both!(form_entries, nothing(), client => client.map_of_files(&files));
    let octets = "\"x\"; filename=\"x\"\r\ncontent-type: application/octet-stream\r\n\r\n1";
    assert_eq!(parts_of(&sent), [octets]);
    let (_, sent) = both!(form_entries, nothing(), client => client.csv_map(&files));
    let csv = "\"x\"; filename=\"x\"\r\ncontent-type: text/csv\r\n\r\n1";
    assert_eq!(parts_of(&sent), [csv]);
    let (_, sent) = both!(form_entries, nothing(), client => client.named_map(&files));
    let pdf = "\"x\"; filename=\"x\"\r\ncontent-type: application/pdf\r\n\r\n1";
    assert_eq!(parts_of(&sent), [pdf]);
    let mut request = CsvBesideRequest::new().a("t");
    request.additional = files;
    let (_, sent) = both!(form_entries, nothing(), client => client.csv_beside(&request));
    assert_eq!(parts_of(&sent), ["\"a\"\r\n\r\nt", csv]);
}

#[test]
fn lists_of_files_of_any_names() {
    let files = one::<Vec<File>>("x", ["1".into(), File::new("2").name("n")]);
    let head = "content-type: application/octet-stream\r\n\r\n";
    let parts = [
        format!("\"x\"; filename=\"n\"\r\n{head}2"),
        format!("\"x\"; filename=\"x\"\r\n{head}1"),
    ];
    let (_, sent) = both!(form_entries, nothing(), client => client.map_of_lists(&files));
    assert_eq!(parts_of(&sent), parts);
    let csv = parts.map(|part| part.replace("application/octet-stream", "text/csv"));
    let (_, sent) = both!(form_entries, nothing(), client => client.csv_lists_map(&files));
    assert_eq!(parts_of(&sent), csv);
    let mut request = ListsBesideRequest::new();
    request.additional = files;
    let (_, sent) = both!(form_entries, nothing(), client => client.lists_beside(&request));
    let png = csv.map(|part| part.replace("text/csv", "image/png"));
    assert_eq!(parts_of(&sent), png);
}

#[test]
fn texts_of_any_names_that_the_caller_has_encoded() {
    let part = "\"x\"\r\ncontent-type: image/png\r\ncontent-transfer-encoding: base64\r\n\r\nAQ==";
    let texts = one::<String>("x", "AQ==");
    let (_, sent) = both!(form_entries, nothing(), client => client.map_of_texts(&texts));
    assert_eq!(parts_of(&sent), [part]);
    let mut request = TextsBesideRequest::new().a("t");
    request.additional = texts;
    let (_, sent) = both!(form_entries, nothing(), client => client.texts_beside(&request));
    assert_eq!(parts_of(&sent), ["\"a\"\r\n\r\nt", part]);
}
