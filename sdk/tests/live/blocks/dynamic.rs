//! Blocks of types that the program has no struct for, and what a struct does not have of a document.

use std::collections::BTreeMap;

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::blocks::{Block, DynamicBlock, SaveBlockOptions, UpdateBlockOptions};
use prefect_sdk::client::models::{BlockDocument, BlockDocumentUpdate};
use prefect_sdk::client::requests::ReadBlockDocumentById;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Either, Inner, Outer, inner, other};
use crate::server;

#[dual(crate::faces)]
async fn awhole(client: &AsyncPrefectClient, id: Uuid) -> Result<BlockDocument, Error> {
    let request = ReadBlockDocumentById::new().include_secrets(true);
    let mut document = client.read_block_document_by_id_with(id, &request).await?;
    document.updated = None;
    Ok(document)
}

/// An outer block with a reference, and an inner block that is not saved.
#[dual(crate::faces)]
async fn asave_outer(client: &AsyncPrefectClient, name: &str) -> Result<(Uuid, Uuid), Error> {
    let kept = inner("inner-s3cret").asave(client, name).await?;
    let inner = kept.id();
    let outer = Outer {
        note: "shown".to_owned(),
        inner: kept.into(),
        either: Either::Other(other("other-s3cret").into()),
        maybe: None,
    };
    Ok((outer.asave(client, name).await?.id(), inner))
}

#[dual(crate::faces)]
async fn akeep_all(client: &AsyncPrefectClient, name: &str) -> Result<(), Error> {
    let (id, inner_id) = asave_outer(client, name).await?;
    // What no type of this program has: a field, and a reference. The server drops references that are not written again.
    let more = BTreeMap::from([
        ("old_secret".to_owned(), json!("old-s3cret")),
        (
            "inner".to_owned(),
            json!({"$ref": {"block_document_id": inner_id}}),
        ),
        (
            "more".to_owned(),
            json!({"$ref": {"block_document_id": inner_id}}),
        ),
        ("big".to_owned(), json!({"n": u64::MAX, "f": 1e-7, "e": {}})),
    ]);
    let update = BlockDocumentUpdate::new().data(more);
    client.update_block_document_data(id, &update).await?;
    let before = awhole(client, id).await?;
    let slug_name = format!("rust-outer/{name}");
    let mut block = DynamicBlock::aload(client, &slug_name).await?;
    assert_eq!((block.id(), block.slug()), (id, "rust-outer"));
    assert_eq!(block.reference("inner"), Some(inner_id));
    let debug = format!("{block:?}");
    assert!(debug.contains("shown"), "{debug}");
    assert!(!debug.contains("s3cret"), "{debug}");
    block.aupdate(client).await?;
    assert_eq!(awhole(client, id).await?, before);

    block.set("note", "changed");
    block.aupdate(client).await?;
    let mut outer = Outer::aload(client, name).await?;
    assert_eq!(
        (outer.note.as_str(), outer.inner.id()),
        ("changed", Some(inner_id))
    );
    // What the struct does not have is kept, in each way to save it but where it is to be replaced.
    outer.note = "again".into();
    outer.aupdate(client).await?;
    let over = SaveBlockOptions::new().overwrite(true);
    let outer = outer.into_inner().asave_with(client, name, &over).await?;
    outer.aupdate(client).await?;
    let after = awhole(client, id).await?;
    assert_eq!(after.data["old_secret"], json!("old-s3cret"));
    let references: Vec<_> = after.block_document_references.keys().collect();
    assert_eq!(references, ["inner", "more"]);
    let replace = UpdateBlockOptions::new().replace(true);
    outer.aupdate_with(client, &replace).await?;
    let fields = ["either", "inner", "maybe", "note"];
    let after = awhole(client, id).await?;
    assert_eq!(after.data.keys().collect::<Vec<_>>(), fields);

    let copy = format!("{name}-copy");
    let mut block = DynamicBlock::aload(client, &slug_name).await?;
    let copied = block.asave(client, &copy).await?;
    assert_ne!(copied.id(), id);
    assert_eq!(
        Outer::aload(client, &copy).await?.into_inner(),
        outer.into_inner()
    );
    assert!(
        block
            .asave(client, &copy)
            .await
            .unwrap_err()
            .is_already_exists()
    );
    assert_eq!(block.remove("note"), Some(json!("again")));
    block.set("inner", json!({"$ref": {"block_document_id": inner_id}}));
    assert!(block.aupdate(client).await.unwrap_err().is_invalid());
    block.refer("inner", inner_id);
    block.aupdate(client).await?;
    assert_eq!(awhole(client, id).await?.data.get("note"), None);
    assert!(Outer::aload(client, name).await.unwrap_err().is_unfit());
    DynamicBlock::adelete(client, &slug_name).await?;
    let gone = DynamicBlock::aload(client, &slug_name).await;
    assert!(gone.unwrap_err().is_not_found());
    let nowhere = DynamicBlock::aload(client, "noslash").await;
    assert!(nowhere.unwrap_err().is_invalid());
    Ok(())
}

#[test]
fn nothing_is_lost() {
    keep_all(&server::client(), &server::unique("blocking")).unwrap();
    let client = server::async_client();
    server::run(akeep_all(&client, &server::unique("async"))).unwrap();
}

#[test]
fn what_others_wrote_is_read_or_refused() {
    let client = server::client();
    let name = server::unique("others");
    let saved = inner("s3cret").save(&client, &name).unwrap();
    let write = |data: Value| {
        let data: BTreeMap<String, Value> = serde_json::from_value(data).unwrap();
        let update = BlockDocumentUpdate::new().data(data);
        client
            .update_block_document_data(saved.id(), &update)
            .unwrap();
        Inner::load(&client, &name)
    };
    for wrong in [
        json!({"token": {"s3cret": 1}}),
        json!({"token": ["s3cret"]}),
        json!({"token": null}),
        json!({"token": 5}),
    ] {
        let error = write(wrong).unwrap_err();
        assert!(error.is_unfit());
        let text = format!("{error} {error:?}");
        assert!(
            text.contains("`token`") && !text.contains("s3cret"),
            "{text}"
        );
    }
    let mut deep = json!("s3cret");
    for _ in 0..100 {
        deep = json!([deep]);
    }
    assert!(write(json!({"token": deep})).unwrap_err().is_unfit());
    let extra =
        json!({"token": "t", "_block_document_id": "x", "block_type_slug": "rust-inner", "n": 5});
    assert_eq!(write(extra).unwrap().n, 5);
}
