//! The default place of results, and the blocks that the server brings with it.

use prefect_client::models::{BlockDocumentCreate, ServerDefaultResultStorageUpdate};
use prefect_client::models::{BlockSchemaFilter, BlockSchemaFilterBlockTypeId};
use prefect_client::requests::ReadBlockSchemas;
use serde_json::json;

use crate::helpers::{NOBODY, object};

scenarios! {
    fn the_default_storage_is_set_and_cleared(live) {
        let _ = call!(live.install_system_block_types());
        let type_ = call!(live.read_block_type_by_slug("local-file-system"));
        assert!(type_.is_protected);
        let filter = BlockSchemaFilter::new()
            .block_type_id(BlockSchemaFilterBlockTypeId::new().any([type_.id]));
        let schemas =
            call!(live.read_block_schemas_with(&ReadBlockSchemas::new().block_schemas(filter)));
        let schema = schemas.first().expect("a schema of the local file system");
        assert!(schema.capabilities.contains(&"write-path".to_owned()));
        let create = BlockDocumentCreate::new(schema.id, type_.id)
            .name(live.name("storage").to_lowercase())
            .data(object(json!({"basepath": "/tmp/größe"})));
        let block = call!(live.create_block_document(&create));

        let update = ServerDefaultResultStorageUpdate::new(block.id);
        let set = call!(live.update_server_default_result_storage(&update));
        assert_eq!(set.default_result_storage_block_id, Some(block.id));
        assert_eq!(call!(live.read_server_default_result_storage()), set);
        let () = call!(live.clear_server_default_result_storage());
        assert_eq!(
            call!(live.read_server_default_result_storage()).default_result_storage_block_id,
            None
        );

        let error =
            refused!(live.update_server_default_result_storage(
                &ServerDefaultResultStorageUpdate::new(NOBODY)
            ));
        assert!(error.is_not_found());
    }
}
