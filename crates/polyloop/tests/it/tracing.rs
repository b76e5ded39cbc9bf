//! What a subscriber sees of tasks.

#![cfg(feature = "tracing")]

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use polyloop::{create_named_task, yield_now};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down what it is told of one task.
#[derive(Clone, Default)]
struct Recorder {
    names: Arc<Mutex<Vec<String>>>,
    log: Arc<Mutex<Vec<String>>>,
}

#[derive(Default)]
struct Fields(Vec<(&'static str, String)>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push((field.name(), format!("{value:?}")));
    }
}

impl Fields {
    fn value(&self, name: &str) -> String {
        let found = self.0.iter().find(|(other, _)| *other == name);
        found.map_or(String::new(), |(_, value)| value.replace('"', ""))
    }
}

impl Recorder {
    fn write(&self, id: &Id, what: &str) {
        let name = self.names.lock().unwrap()[id.into_u64() as usize - 1].clone();
        self.log.lock().unwrap().push(format!("{name} {what}"));
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        assert!(fields.value("made_at").contains(".rs:"));
        let mut names = self.names.lock().unwrap();
        names.push(fields.value("name"));
        Id::from_u64(names.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let text = format!("{} {}", fields.value("message"), fields.value("outcome"));
        self.log.lock().unwrap().push(text.trim_end().to_owned());
    }

    fn enter(&self, span: &Id) {
        self.write(span, "entered");
    }

    fn exit(&self, span: &Id) {
        self.write(span, "left");
    }
}

const CHILD: &str = "POLYLOOP_TEST_TRACING_CHILD";

/// A process of its own: a thread without a subscriber that meets a span first turns it off for
/// all (seen with tracing-core 0.1.36).
#[test]
fn a_task_is_a_span_around_each_poll_with_events_at_both_ends() {
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["tracing::child", "--exact", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && text.contains("child checked"), "{child:?}");
}

/// What the child does; a test that passes at once when it is not the child.
#[test]
fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let recorder = Recorder::default();
    let log = recorder.log.clone();
    tracing::subscriber::with_default(recorder, || {
        polyloop::run(async move {
            let task = create_named_task("worker", yield_now());
            log.lock().unwrap().clear();
            task.await.unwrap();
            let log: Vec<String> = log.lock().unwrap().drain(..).collect();
            let worker: Vec<&str> =
                log.iter().map(String::as_str).filter(|line| !line.starts_with("main")).collect();
            let poll = ["worker entered", "worker left"];
            let end = ["worker entered", "ended finished", "worker left"];
            assert_eq!(worker, [&poll[..], &poll, &end].concat());
        })
        .unwrap();
    });
    println!("child checked");
}
