//! Global concurrency limits: by id or name, with and without a lease.

use prefect_client::ErrorExt as _;
use prefect_client::Patch;
use prefect_client::models::{
    ConcurrencyLeaseHolder, ConcurrencyLeaseHolderType, ConcurrencyLimitV2Create,
    ConcurrencyLimitV2Update, ConcurrencyMode,
};
use prefect_client::requests::{
    BulkDecrementActiveSlots, BulkIncrementActiveSlots, BulkIncrementActiveSlotsWithLease,
    ReadAllConcurrencyLimitsV2, RenewConcurrencyLease,
};
use uuid::Uuid;

use crate::helpers::status;

scenarios! {
    fn a_global_limit_is_made_read_changed_and_deleted(live) {
        let name = live.name("grenze + ü");
        let create = ConcurrencyLimitV2Create::new(name.as_str(), 3).slot_decay_per_second(0.5);
        let made = call!(live.create_concurrency_limit_v2(&create));
        assert_eq!((made.limit, made.active, made.active_slots), (3, true, 0));
        assert!((made.slot_decay_per_second - 0.5).abs() < f64::EPSILON);
        assert!(refused!(live.create_concurrency_limit_v2(&create)).is_already_exists());
        assert_eq!(call!(live.read_concurrency_limit_v2(&name)).id, made.id);
        let id = made.id.to_string();
        assert_eq!(call!(live.read_concurrency_limit_v2(&id)).name, name);
        let all = call!(
            live.read_all_concurrency_limits_v2_with(&ReadAllConcurrencyLimitsV2::new().limit(200))
        );
        assert!(all.iter().any(|limit| limit.id == made.id));

        let update = ConcurrencyLimitV2Update::new().limit(7).active(false);
        let () = call!(live.update_concurrency_limit_v2(&name, &update));
        let read = call!(live.read_concurrency_limit_v2(&id));
        assert_eq!(
            (read.limit, read.active, read.name.as_str()),
            (7, false, name.as_str())
        );
        assert!((read.slot_decay_per_second - 0.5).abs() < f64::EPSILON);
        let renamed = live.name("neu");
        let () = call!(live.update_concurrency_limit_v2(
            &id,
            &ConcurrencyLimitV2Update::new().name(Patch::from(renamed.as_str()))
        ));
        let () = call!(live.delete_concurrency_limit_v2(&renamed));
        assert!(refused!(live.read_concurrency_limit_v2(&renamed)).is_not_found());
    }

    fn slots_are_taken_and_given_back(live) {
        let name = live.name("slots-v2");
        let limit = call!(
            live.create_concurrency_limit_v2(&ConcurrencyLimitV2Create::new(name.as_str(), 2))
        );
        let names = [name.clone()];
        let request = BulkIncrementActiveSlots::new().mode(ConcurrencyMode::Concurrency);
        let taken = call!(live.bulk_increment_active_slots_with(2, &names, &request));
        assert_eq!((taken[0].id, taken[0].limit), (limit.id, 2));
        assert_eq!(call!(live.read_concurrency_limit_v2(&name)).active_slots, 2);

        let error = refused!(live.bulk_increment_active_slots_with(1, &names, &request));
        assert_eq!(status(&error), Some(423));
        let unknown = BulkIncrementActiveSlots::new().mode("sideways");
        let error = refused!(live.bulk_increment_active_slots_with(1, &names, &unknown));
        assert_eq!(status(&error), Some(422));

        let request = BulkDecrementActiveSlots::new().occupancy_seconds(0.5);
        let given_back = call!(live.bulk_decrement_active_slots_with(1, &names, &request));
        assert_eq!(given_back[0].name, name);
        assert_eq!(call!(live.read_concurrency_limit_v2(&name)).active_slots, 1);
    }

    fn a_lease_is_taken_renewed_and_given_back(live) {
        let name = live.name("lease");
        let _ = call!(
            live.create_concurrency_limit_v2(&ConcurrencyLimitV2Create::new(name.as_str(), 2))
        );
        let holder =
            ConcurrencyLeaseHolder::new(ConcurrencyLeaseHolderType::TaskRun, Uuid::new_v4());
        let request = BulkIncrementActiveSlotsWithLease::new()
            .lease_duration(90.0)
            .holder(holder);
        let lease = call!(live.bulk_increment_active_slots_with_lease_with(
            1,
            std::slice::from_ref(&name),
            &request
        ));
        assert_eq!(
            lease
                .limits
                .iter()
                .map(|limit| limit.name.as_str())
                .collect::<Vec<_>>(),
            [name.as_str()]
        );
        let () = call!(live.renew_concurrency_lease_with(
            lease.lease_id,
            &RenewConcurrencyLease::new().lease_duration(120.0)
        ));
        assert_eq!(call!(live.read_concurrency_limit_v2(&name)).active_slots, 1);
        let () = call!(live.bulk_decrement_active_slots_with_lease(lease.lease_id));
        assert_eq!(call!(live.read_concurrency_limit_v2(&name)).active_slots, 0);
        let error = refused!(
            live.renew_concurrency_lease(Uuid::from_u128(1))
        );
        assert_eq!(status(&error), Some(410));
    }
}
