//! The same in both faces.

use diptych_macros::dual;
use prefect_sdk::Error;
use prefect_sdk::blocks::{
    Block, BlockReference, Nested, SaveBlockOptions, Secret, UpdateBlockOptions,
};
use prefect_sdk::client::requests::ReadBlockDocumentById;
use prefect_sdk::client::{AsyncPrefectClient, PrefectClient};
use serde_json::json;
use uuid::Uuid;

use super::{Either, Inner, Outer, Service, inner, other, service};
use crate::server;

#[dual(crate::faces)]
async fn akeep(client: &AsyncPrefectClient, name: &str) -> Result<(), Error> {
    assert!(
        Service::aload(client, name)
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert!(
        Service::adelete(client, name)
            .await
            .unwrap_err()
            .is_not_found()
    );
    let bad = service("s3cret").asave(client, "No Name").await;
    assert!(bad.unwrap_err().is_invalid());

    let saved = service("s3cret").asave(client, name).await?;
    assert_eq!((saved.name(), saved.is_anonymous()), (Some(name), false));
    let again = service("an0ther").asave(client, name).await;
    assert!(again.unwrap_err().is_already_exists());
    let loaded = Service::aload(client, name).await?;
    assert_eq!(loaded, saved);

    // What the server shows to those who do not ask for secrets.
    let shown = client.read_block_document_by_id(saved.id()).await?;
    assert_eq!(shown.data["token"], json!("********"));
    assert_eq!(shown.data["headers"], json!({"Authorization": "********"}));

    let over = SaveBlockOptions::new().overwrite(true);
    let over = service("an0ther").asave_with(client, name, &over).await?;
    assert_eq!(over.id(), saved.id());
    let mut loaded = Service::aload(client, name).await?;
    assert_eq!(loaded.token.expose(), "an0ther");
    loaded.retries = 5;
    loaded.headers.expose_mut().clear();
    loaded.aupdate(client).await?;
    let loaded = Service::aload(client, name).await?;
    assert_eq!((loaded.retries, loaded.headers.expose().len()), (5, 0));

    for reference in [
        json!(saved.id()),
        json!(format!("rust-service/{name}")),
        json!({"block_document_id": saved.id()}),
        json!({"$ref": {"block_document_slug": format!("rust-service/{name}")}}),
    ] {
        let reference = BlockReference::try_from(&reference)?;
        assert_eq!(Service::aload_from_ref(client, &reference).await?, loaded);
        let wrong = Inner::aload_from_ref(client, &reference).await;
        assert!(wrong.unwrap_err().is_unfit());
    }
    let nowhere = BlockReference::Id(Uuid::new_v4());
    let nowhere = Service::aload_from_ref(client, &nowhere).await;
    assert!(nowhere.unwrap_err().is_not_found());

    Service::adelete(client, name).await?;
    assert!(
        Service::aload(client, name)
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert!(loaded.aupdate(client).await.unwrap_err().is_not_found());
    Ok(())
}

#[test]
fn a_block_is_saved_loaded_updated_and_removed() {
    keep(&server::client(), &server::unique("blocking")).unwrap();
    let client = server::async_client();
    server::run(akeep(&client, &server::unique("async"))).unwrap();
}

#[dual(crate::faces)]
async fn anest(client: &AsyncPrefectClient, name: &str) -> Result<(), Error> {
    let mut kept = inner("inner-s3cret").asave(client, name).await?;
    let chosen = other("other-s3cret").asave(client, name).await?;
    let outer = Outer {
        note: "one".to_owned(),
        inner: kept.clone().into(),
        either: Either::Other(chosen.into()),
        maybe: Some(inner("inline-s3cret").into()),
    };
    outer.asave(client, name).await?;
    let mut outer = Outer::aload(client, name).await?;
    assert_eq!(outer.inner.id(), Some(kept.id()));
    assert_eq!(outer.inner.name(), Some(name));
    assert_eq!(outer.reference("inner"), Some(kept.id()));
    // Both have the same fields: the document says which it is, where Python guesses.
    assert!(matches!(&outer.either, Either::Other(it) if it.token.expose() == "other-s3cret"));
    assert_eq!(outer.maybe.as_ref().and_then(Nested::id), None);

    outer.note = "two".into();
    outer.aupdate(client).await?;
    let replace = UpdateBlockOptions::new().replace(true);
    outer.aupdate_with(client, &replace).await?;
    kept.token = "changed".into();
    kept.aupdate(client).await?;
    let request = ReadBlockDocumentById::new().include_secrets(true);
    let document = client
        .read_block_document_by_id_with(outer.id(), &request)
        .await?;
    let references: Vec<_> = document.block_document_references.keys().collect();
    assert_eq!(references, ["either", "inner"]);
    // It is the inner document that is shown: the outer one has no secret of it.
    assert_eq!(document.data["inner"]["token"], json!("changed"));
    let loaded = Outer::aload(client, name).await?;
    assert_eq!(
        (loaded.note.as_str(), loaded.inner.token.expose()),
        ("two", "changed")
    );

    // Without its reference, the outer one can't be read; a block that is not there can't be referred to.
    Inner::adelete(client, name).await?;
    assert!(Outer::aload(client, name).await.unwrap_err().is_unfit());
    let lost = outer
        .into_inner()
        .asave(client, &format!("{name}-again"))
        .await;
    let lost = lost.unwrap_err();
    assert!(lost.is_not_found() && !lost.is_already_exists(), "{lost}");
    Ok(())
}

#[test]
fn references_stay_references() {
    nest(&server::client(), &server::unique("blocking")).unwrap();
    let client = server::async_client();
    server::run(anest(&client, &server::unique("async"))).unwrap();
}

#[dual(crate::faces)]
async fn aregister_twice(client: &AsyncPrefectClient, name: &str) -> Result<(), Error> {
    let registered = Outer::aregister_type_and_schema(client).await?;
    assert_eq!(Outer::aregister_type_and_schema(client).await?, registered);
    assert_eq!(registered.checksum, Outer::block_checksum()?);
    let schema = Service::aregister_type_and_schema(client).await?;
    // What else is said of the type, Python's class of the same slug may have changed.
    let type_ = client.read_block_type_by_slug("rust-service").await?;
    assert_eq!(
        type_.description.as_deref(),
        Some("Where reports are sent.")
    );
    let schema = client
        .read_block_schema_by_id(schema.block_schema_id)
        .await?;
    assert_eq!(schema.capabilities, ["notify"]);

    // The server's own type stays as it is.
    let secret = Secret::of(&json!({"user": "me"}))?
        .asave(client, name)
        .await?;
    let shown = client.read_block_document_by_id(secret.id()).await?;
    assert_eq!(shown.data["value"], json!("********"));
    assert_eq!(
        Secret::aload(client, name).await?.value(),
        json!({"user": "me"})
    );
    let hidden = service("s3cret").asave_anonymous(client).await?;
    assert!(hidden.is_anonymous());
    let found = Service::aload_from_ref(client, &hidden.id().into()).await?;
    assert_eq!(found, hidden);
    Ok(())
}

#[test]
fn a_type_is_registered_once() {
    register_twice(&server::client(), &server::unique("blocking")).unwrap();
    let client = server::async_client();
    server::run(aregister_twice(&client, &server::unique("async"))).unwrap();
}
