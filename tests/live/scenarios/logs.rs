//! Logs: sent in one body, read back in order, and downloaded as text.

use chrono::TimeDelta;
use prefect_client::models::{
    FlowCreate, FlowRunCreate, LogCreate, LogFilter, LogFilterFlowRunId, LogFilterLevel, LogSort,
};
use prefect_client::requests::ReadLogs;

use crate::helpers::now;

scenarios! {
    fn logs_are_sent_read_and_downloaded(live) {
        let flow = call!(live.create_flow(&FlowCreate::new(live.name("logs"))));
        let run = call!(live.create_flow_run(&FlowRunCreate::new(flow.id))).id;
        let first = now();
        let messages = ["erste Zeile, \"quoted\"", "two\nlines 🚀", "late"];
        let logs: Vec<_> = messages
            .iter()
            .zip([20, 30, 40])
            .map(|(message, level)| {
                let time = first + TimeDelta::milliseconds(level);
                LogCreate::new("prefect.flow_runs", level, *message, time).flow_run_id(run)
            })
            .collect();
        let _ = call!(live.create_logs(&logs));

        let of_run = LogFilter::new().flow_run_id(LogFilterFlowRunId::new().any([run]));
        let request = ReadLogs::new()
            .logs(of_run.clone())
            .sort(LogSort::TimestampAsc);
        let read = eventually!(call!(live.read_logs_with(&request)), |read: &Vec<_>| read.len()
            == 3);
        let texts: Vec<_> = read.iter().map(|log| log.message.as_str()).collect();
        assert_eq!(texts, messages);
        assert_eq!(read[0].timestamp, first + TimeDelta::milliseconds(20));
        assert_eq!((read[1].level, read[1].flow_run_id), (30, Some(run)));

        let loud = of_run.level(LogFilterLevel::new().ge(40));
        let read = call!(live.read_logs_with(&ReadLogs::new().logs(loud).limit(5)));
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].message, "late");

        let text = call!(live.download_logs(run));
        assert!(
            text.starts_with("timestamp,level,flow_run_id,task_run_id,message"),
            "{text}"
        );
        assert!(text.contains("\"erste Zeile, \"\"quoted\"\"\""), "{text}");
        assert!(text.contains("🚀"), "{text}");
    }
}
