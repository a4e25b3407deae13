//! Concurrency limits by tag.

use prefect_client::models::ConcurrencyLimitCreate;
use prefect_client::requests::{ReadConcurrencyLimits, ResetConcurrencyLimitByTag};
use uuid::Uuid;

use crate::helpers::status;

scenarios! {
    fn a_limit_is_made_read_and_deleted(live) {
        let tag = live.name("tag mit + und ü?");
        let made =
            call!(live.create_concurrency_limit(&ConcurrencyLimitCreate::new(tag.as_str(), 2)));
        assert_eq!(
            (made.tag.as_str(), made.concurrency_limit),
            (tag.as_str(), 2)
        );
        assert!(made.active_slots.is_empty());
        assert_eq!(call!(live.read_concurrency_limit(made.id)).tag, tag);
        assert_eq!(call!(live.read_concurrency_limit_by_tag(&tag)).id, made.id);
        let all = call!(live.read_concurrency_limits_with(&ReadConcurrencyLimits::new().limit(200)));
        assert!(all.iter().any(|limit| limit.id == made.id));
        let _ = call!(live.delete_concurrency_limit(made.id));
        assert!(refused!(live.read_concurrency_limit(made.id)).is_not_found());
    }

    fn slots_are_taken_given_back_and_reset(live) {
        let tag = live.name("slots");
        let limit =
            call!(live.create_concurrency_limit(&ConcurrencyLimitCreate::new(tag.as_str(), 1)));
        let tags = [tag.clone()];
        let task = Uuid::new_v4();
        let taken = call!(live.increment_concurrency_limits_v1(&tags, task));
        assert_eq!(taken.len(), 1);
        assert_eq!(
            (taken[0].id, taken[0].name.as_str(), taken[0].limit),
            (limit.id, tag.as_str(), 1)
        );
        assert_eq!(
            call!(live.read_concurrency_limit_by_tag(&tag)).active_slots,
            [task]
        );

        let error = refused!(live.increment_concurrency_limits_v1(&tags, Uuid::from_u128(1)));
        assert_eq!(status(&error), Some(423));
        assert!(
            error
                .headers()
                .is_some_and(|headers| headers.contains_key("retry-after"))
        );

        let given_back = call!(live.decrement_concurrency_limits_v1(&tags, task));
        assert_eq!(
            given_back.iter().map(|limit| limit.id).collect::<Vec<_>>(),
            [limit.id]
        );
        assert!(
            call!(live.read_concurrency_limit_by_tag(&tag))
                .active_slots
                .is_empty()
        );

        let other = Uuid::new_v4();
        let request = ResetConcurrencyLimitByTag::new().slot_override([other]);
        let _ = call!(live.reset_concurrency_limit_by_tag_with(&tag, &request));
        assert_eq!(
            call!(live.read_concurrency_limit_by_tag(&tag)).active_slots,
            [other]
        );
        let _ =
            call!(live.reset_concurrency_limit_by_tag(&tag));
        assert!(
            call!(live.read_concurrency_limit_by_tag(&tag))
                .active_slots
                .is_empty()
        );
        let _ = call!(live.delete_concurrency_limit_by_tag(&tag));
        assert!(refused!(live.read_concurrency_limit_by_tag(&tag)).is_not_found());
    }
}
