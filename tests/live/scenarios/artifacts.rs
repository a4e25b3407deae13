//! Artifacts, and the latest of each key.

use prefect_client::Patch;
use prefect_client::models::{
    ArtifactCollectionFilter, ArtifactCollectionFilterKey, ArtifactCollectionSort, ArtifactCreate,
    ArtifactFilter, ArtifactFilterKey, ArtifactSort, ArtifactUpdate,
};
use prefect_client::requests::{
    CountArtifacts, CountLatestArtifacts, ReadArtifacts, ReadLatestArtifacts,
};
use serde_json::json;

use crate::helpers::map;

scenarios! {
    fn an_artifact_is_made_read_changed_and_deleted(live) {
        let data = json!({"rows": [1, 2.5, null, "ü"]});
        let create = ArtifactCreate::new()
            .key(live.name("table").to_lowercase())
            .type_("table")
            .description("*schön*")
            .data(data.clone())
            .metadata(map([("unit", "m".to_owned())]));
        let made = call!(live.create_artifact(&create));
        let id = made.id.expect("an id");
        assert_eq!(made.data, Some(data));
        assert_eq!(made.type_.as_deref(), Some("table"));
        assert_eq!(made.metadata, Some(map([("unit", "m".to_owned())])));
        assert_eq!(call!(live.read_artifact(id)), made);

        let () = call!(live.update_artifact(id, &ArtifactUpdate::new().data(json!([1]))));
        let read = call!(live.read_artifact(id));
        assert_eq!(
            (read.data, read.description.as_deref()),
            (Some(json!([1])), Some("*schön*"))
        );
        let () = call!(live.update_artifact(id, &ArtifactUpdate::new().description(Patch::Null)));
        let read = call!(live.read_artifact(id));
        assert_eq!((read.data, read.description), (Some(json!([1])), None));

        let () = call!(live.delete_artifact(id));
        assert!(refused!(live.read_artifact(id)).is_not_found());
    }

    fn the_latest_of_a_key_is_known(live) {
        let key = live.name("report");
        for version in [1, 2] {
            let create = ArtifactCreate::new()
                .key(key.as_str())
                .type_("markdown")
                .data(json!(version));
            let _ = call!(live.create_artifact(&create));
        }
        assert_eq!(call!(live.read_latest_artifact(&key)).data, Some(json!(2)));

        let all = ArtifactFilter::new().key(ArtifactFilterKey::new().any([key.as_str()]));
        assert_eq!(
            call!(live.count_artifacts_with(&CountArtifacts::new().artifacts(all.clone()))),
            2
        );
        let read = call!(
            live.read_artifacts_with(
                &ReadArtifacts::new()
                    .artifacts(all)
                    .sort(ArtifactSort::KeyAsc)
            )
        );
        assert_eq!(read.len(), 2);
        assert!(
            read.iter()
                .all(|artifact| artifact.key.as_ref() == Some(&key))
        );

        let latest = ArtifactCollectionFilter::new()
            .key(ArtifactCollectionFilterKey::new().any([key.as_str()]));
        assert_eq!(
            call!(
                live.count_latest_artifacts_with(&CountLatestArtifacts::new().artifacts(latest.clone()))
            ),
            1
        );
        let read = call!(
            live.read_latest_artifacts_with(
                &ReadLatestArtifacts::new()
                    .artifacts(latest)
                    .sort(ArtifactCollectionSort::UpdatedDesc)
            )
        );
        assert_eq!(read.len(), 1);
        assert_eq!(
            (read[0].key.as_str(), read[0].data.as_ref()),
            (key.as_str(), Some(&json!(2)))
        );
    }
}
