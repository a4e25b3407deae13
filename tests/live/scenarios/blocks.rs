//! Block types, their schemas, and documents with secrets.

use prefect_client::ErrorExt as _;
use prefect_client::Patch;
use prefect_client::models::{
    BlockDocumentCreate, BlockDocumentFilter, BlockDocumentFilterIsAnonymous,
    BlockDocumentFilterName, BlockDocumentUpdate, BlockSchemaCreate, BlockSchemaFilter,
    BlockSchemaFilterBlockTypeId, BlockTypeCreate, BlockTypeFilter, BlockTypeFilterSlug,
    BlockTypeUpdate,
};
use prefect_client::requests::{
    CountBlockDocuments, ReadBlockDocumentById, ReadBlockDocumentByNameForBlockType,
    ReadBlockDocuments, ReadBlockSchemaByChecksum, ReadBlockSchemas, ReadBlockTypes,
};
use serde_json::{Value, json};

use crate::helpers::object;

scenarios! {
    fn a_block_type_is_made_read_changed_and_deleted(live) {
        let slug = live.name("slug");
        let create = BlockTypeCreate::new(live.name("Typ ü"), slug.as_str())
            .description("eins")
            .logo_url("https://example.org/logo.png?a=b&c");
        let made = call!(live.create_block_type(&create));
        assert_eq!(
            (made.slug.as_str(), made.is_protected),
            (slug.as_str(), false)
        );
        assert_eq!(
            made.logo_url.as_deref(),
            Some("https://example.org/logo.png?a=b&c")
        );
        assert_eq!(call!(live.read_block_type_by_id(made.id)), made);
        assert_eq!(call!(live.read_block_type_by_slug(&slug)), made);
        assert!(refused!(live.create_block_type(&create)).is_already_exists());

        let filter = BlockTypeFilter::new().slug(BlockTypeFilterSlug::new().any([slug.as_str()]));
        let types =
            call!(live.read_block_types_with(&ReadBlockTypes::new().block_types(filter).limit(5)));
        assert_eq!(types, std::slice::from_ref(&made));

        let () =
            call!(live.update_block_type(made.id, &BlockTypeUpdate::new().code_example("```x```")));
        let read = call!(live.read_block_type_by_id(made.id));
        assert_eq!(
            (read.code_example.as_deref(), read.description.as_deref()),
            (Some("```x```"), Some("eins"))
        );
        let () = call!(live.delete_block_type(made.id));
        assert!(refused!(live.read_block_type_by_id(made.id)).is_not_found());
    }

    fn a_block_schema_is_made_read_and_deleted(live) {
        let type_ = call!(live.create_block_type(&BlockTypeCreate::new(
            live.name("Schema"),
            live.name("schema")
        )));
        let create = BlockSchemaCreate::new(type_.id)
            .fields(fields(&live.name("Schema")))
            .capabilities(["read-path", "own"])
            .version("1.2");
        let made = call!(live.create_block_schema(&create));
        assert_eq!(
            (made.block_type_id, made.version.as_str()),
            (Some(type_.id), "1.2")
        );
        assert_eq!(made.fields["title"], json!(live.name("Schema")));
        assert!(made.capabilities.contains(&"own".to_owned()));
        assert_eq!(
            call!(live.read_block_schema_by_id(made.id)).checksum,
            made.checksum
        );
        let request = ReadBlockSchemaByChecksum::new().version("1.2");
        let read = call!(live.read_block_schema_by_checksum_with(&made.checksum, &request));
        assert_eq!(
            (read.id, read.block_type.map(|type_| type_.id)),
            (made.id, Some(type_.id))
        );

        let filter = BlockSchemaFilter::new()
            .block_type_id(BlockSchemaFilterBlockTypeId::new().any([type_.id]));
        let schemas =
            call!(live.read_block_schemas_with(&ReadBlockSchemas::new().block_schemas(filter)));
        assert_eq!(
            schemas.iter().map(|schema| schema.id).collect::<Vec<_>>(),
            [made.id]
        );
        assert!(call!(live.read_available_block_capabilities()).contains(&"own".to_owned()));

        let () = call!(live.delete_block_schema(made.id));
        assert!(refused!(live.read_block_schema_by_id(made.id)).is_not_found());
    }

    fn secrets_of_a_document_are_shown_when_asked_for(live) {
        let slug = live.name("document");
        let type_ = call!(
            live.create_block_type(&BlockTypeCreate::new(live.name("Document"), slug.as_str()))
        );
        let create = BlockSchemaCreate::new(type_.id).fields(fields(&live.name("Document")));
        let schema = call!(live.create_block_schema(&create));
        let name = live.name("doc").to_lowercase();
        let data =
            object(json!({"user": "größe", "password": "geheim", "nested": {"a": [1, null]}}));
        let create = BlockDocumentCreate::new(schema.id, type_.id)
            .name(name.as_str())
            .data(data.clone());
        let made = call!(live.create_block_document(&create));
        assert_eq!(
            (made.name.as_deref(), made.block_type_name.as_deref()),
            (Some(name.as_str()), Some(type_.name.as_str()))
        );
        assert_eq!(made.data["user"], "größe");
        assert_ne!(made.data["password"], "geheim");
        assert!(
            !format!("{made:?}").contains("größe"),
            "what a block holds is not shown"
        );
        assert!(refused!(live.create_block_document(&create)).is_already_exists());

        let read = call!(live.read_block_document_by_id(made.id));
        assert_eq!(read.data, made.data);
        let secrets = ReadBlockDocumentById::new().include_secrets(true);
        assert_eq!(
            call!(live.read_block_document_by_id_with(made.id, &secrets)).data,
            data
        );
        let secrets = ReadBlockDocumentByNameForBlockType::new().include_secrets(true);
        assert_eq!(
            call!(live.read_block_document_by_name_for_block_type_with(&slug, &name, &secrets)).data,
            data
        );
        let documents = call!(
            live.read_block_documents_for_block_type(&slug)
        );
        assert_eq!(
            documents
                .iter()
                .map(|document| document.id)
                .collect::<Vec<_>>(),
            [made.id]
        );

        let update = BlockDocumentUpdate::new().data(object(json!({"user": "neu"})));
        let () = call!(live.update_block_document_data(made.id, &update));
        let secrets = ReadBlockDocumentById::new().include_secrets(true);
        let read = call!(live.read_block_document_by_id_with(made.id, &secrets));
        assert_eq!(
            (&read.data["user"], &read.data["password"]),
            (&json!("neu"), &json!("geheim"))
        );
        let update = BlockDocumentUpdate::new()
            .data(object(json!({"user": "allein"})))
            .merge_existing_data(false);
        let () = call!(live.update_block_document_data(made.id, &update));
        assert_eq!(
            call!(live.read_block_document_by_id_with(made.id, &secrets)).data,
            object(json!({"user": "allein"}))
        );

        let () = call!(live.delete_block_document(made.id));
        assert!(refused!(live.read_block_document_by_id_with(made.id, &secrets)).is_not_found());
    }

    fn a_filter_that_is_null_is_another_than_none(live) {
        let type_ = call!(live.create_block_type(&BlockTypeCreate::new(
            live.name("Anonym"),
            live.name("anonym")
        )));
        let create = BlockSchemaCreate::new(type_.id).fields(fields(&live.name("Anonym")));
        let schema = call!(live.create_block_schema(&create));
        let name = live.name("anonym").to_lowercase();
        let named = BlockDocumentCreate::new(schema.id, type_.id).name(name.as_str());
        let named = call!(live.create_block_document(&named)).id;
        let anonymous = BlockDocumentCreate::new(schema.id, type_.id).is_anonymous(true);
        let anonymous = call!(live.create_block_document(&anonymous)).id;

        let only = prefect_client::models::BlockDocumentFilterBlockTypeId::new().any([type_.id]);
        let only = BlockDocumentFilter::new().block_type_id(only);
        // The server's default for what is absent is to leave out what has no name.
        let read = call!(
            live.read_block_documents_with(&ReadBlockDocuments::new().block_documents(only.clone()))
        );
        assert_eq!(
            read.iter().map(|document| document.id).collect::<Vec<_>>(),
            [named]
        );
        let every = only.clone().is_anonymous(Patch::Null);
        let read = call!(
            live.read_block_documents_with(&ReadBlockDocuments::new().block_documents(every.clone()))
        );
        let mut ids: Vec<_> = read.iter().map(|document| document.id).collect();
        ids.sort_unstable();
        let mut both = [named, anonymous];
        both.sort_unstable();
        assert_eq!(ids, both);
        assert_eq!(
            call!(live.count_block_documents_with(&CountBlockDocuments::new().block_documents(every))),
            2
        );
        let nameless = only
            .clone()
            .is_anonymous(BlockDocumentFilterIsAnonymous::new().eq(true));
        assert_eq!(
            call!(
                live.count_block_documents_with(&CountBlockDocuments::new().block_documents(nameless))
            ),
            1
        );
        let named = only.name(BlockDocumentFilterName::new().like(name));
        assert_eq!(
            call!(live.count_block_documents_with(&CountBlockDocuments::new().block_documents(named))),
            1
        );
    }
}

/// A schema with a secret in it; the title makes its checksum unique.
fn fields(title: &str) -> std::collections::BTreeMap<String, Value> {
    object(json!({
        "title": title,
        "type": "object",
        "properties": {
            "user": {"title": "User", "type": "string"},
            "password": {"title": "Password", "type": "string", "format": "password", "writeOnly": true},
        },
        "secret_fields": ["password"],
        "block_schema_references": {},
    }))
}
