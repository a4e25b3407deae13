//! Schedules of three kinds, and the runs that come of them.

use prefect_client::Patch;
use prefect_client::models::{
    CronSchedule, DeploymentCreate, DeploymentScheduleCreate, DeploymentScheduleUpdate, FlowCreate,
    IntervalSchedule, RRuleSchedule, Schedule, StateType,
};
use prefect_client::requests::{GetScheduledFlowRunsForDeployments, ScheduleDeployment};
use serde_json::json;

use crate::helpers::{in_hours, object};

scenarios! {
    fn schedules_of_every_kind_come_back(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("schedules"))));
        let anchor = in_hours(1);
        let create = DeploymentCreate::new("schedules", flow.id)
            .paused(true)
            .schedules([
                DeploymentScheduleCreate::new(
                    IntervalSchedule::new(90.5)
                        .anchor_date(anchor)
                        .timezone("Europe/Berlin"),
                )
                .slug("interval"),
                DeploymentScheduleCreate::new(
                    CronSchedule::new("0 9 * * 1-5")
                        .timezone("UTC")
                        .day_or(false),
                )
                .slug("cron"),
            ]);
        let deployment = call!(live.create_deployment(&create));
        assert_eq!(deployment.schedules.len(), 2);
        let rrule = DeploymentScheduleCreate::new(
            RRuleSchedule::new("FREQ=DAILY;COUNT=3").timezone("Asia/Tokyo"),
        )
        .active(false)
        .max_scheduled_runs(5)
        .parameters(object(json!({"from": "schedule"})))
        .slug("rrule");
        let added = call!(live.create_deployment_schedules(deployment.id, &[rrule]));
        assert_eq!(added.len(), 1);

        let schedules = call!(live.read_deployment_schedules(deployment.id));
        assert_eq!(schedules.len(), 3);
        for schedule in &schedules {
            assert_eq!(schedule.deployment_id, Some(deployment.id));
            match (&schedule.schedule, schedule.slug.as_deref()) {
                (Schedule::IntervalSchedule(interval), Some("interval")) => {
                    assert!((interval.interval - 90.5).abs() < 1e-9);
                    assert_eq!(
                        (interval.anchor_date, interval.timezone.as_deref()),
                        (Some(anchor), Some("Europe/Berlin"))
                    );
                }
                (Schedule::CronSchedule(cron), Some("cron")) => {
                    assert_eq!(
                        (cron.cron.as_str(), cron.day_or),
                        ("0 9 * * 1-5", Some(false))
                    );
                }
                (Schedule::RRuleSchedule(rrule), Some("rrule")) => {
                    assert_eq!(rrule.timezone.as_deref(), Some("Asia/Tokyo"));
                    assert_eq!(
                        (schedule.active, schedule.max_scheduled_runs),
                        (false, Some(5))
                    );
                    assert_eq!(schedule.parameters, object(json!({"from": "schedule"})));
                }
                other => panic!("not a schedule that was sent: {other:?}"),
            }
        }
    }

    fn a_schedule_is_changed_and_deleted(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("reschedule"))));
        let schedule = DeploymentScheduleCreate::new(CronSchedule::new("* * * * *"))
            .active(false)
            .max_scheduled_runs(5);
        let deployment =
            call!(live.create_deployment(&DeploymentCreate::new("reschedule", flow.id)));
        let id = call!(live.create_deployment_schedules(deployment.id, &[schedule]))[0].id;

        let update = DeploymentScheduleUpdate::new()
            .schedule(Schedule::from(IntervalSchedule::new(3600.0)))
            .slug("hourly");
        let () = call!(live.update_deployment_schedule(deployment.id, id, &update));
        let read = call!(live.read_deployment_schedules(deployment.id));
        assert!(
            matches!(&read[0].schedule, Schedule::IntervalSchedule(interval) if (interval.interval - 3600.0).abs() < 1e-9)
        );
        assert_eq!(
            (read[0].slug.as_deref(), read[0].max_scheduled_runs),
            (Some("hourly"), Some(5))
        );
        // The server takes null for nothing to change here.
        let update = DeploymentScheduleUpdate::new().max_scheduled_runs(Patch::Null);
        let () = call!(live.update_deployment_schedule(deployment.id, id, &update));
        let read = call!(live.read_deployment_schedules(deployment.id));
        assert_eq!(
            (read[0].slug.as_deref(), read[0].max_scheduled_runs),
            (Some("hourly"), Some(5))
        );

        let () = call!(live.delete_deployment_schedule(deployment.id, id));
        assert_eq!(call!(live.read_deployment_schedules(deployment.id)), []);
    }

    fn runs_come_of_a_schedule(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("scheduled"))));
        let schedule = DeploymentScheduleCreate::new(IntervalSchedule::new(3600.0));
        let deployment =
            call!(live.create_deployment(
                &DeploymentCreate::new("scheduled", flow.id).schedules([schedule])
            ));
        let request = ScheduleDeployment::new()
            .start_time(in_hours(0))
            .end_time(in_hours(10))
            .min_runs(2)
            .max_runs(4);
        let _ = call!(live.schedule_deployment_with(deployment.id, &request));
        let request = GetScheduledFlowRunsForDeployments::new()
            .scheduled_before(in_hours(24))
            .limit(2);
        let runs = call!(live.get_scheduled_flow_runs_for_deployments_with(&[deployment.id], &request));
        assert_eq!(runs.len(), 2);
        for run in &runs {
            assert_eq!(run.deployment_id, Some(deployment.id));
            assert_eq!(run.state_type, Some(StateType::Scheduled));
            assert!(run.auto_scheduled);
        }
    }
}
