//! How this process stands: what `/readyz` tells.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{graphql::Services, http::Readiness};

/// Whether it can answer, and act, as it should.
///
/// Where several processes share a database, one that can't call DingTalk by its own fault leaves callers to the
/// others. One that is alone goes on answering from the mirror, and takes the settings that mend it. So does one from
/// whose address DingTalk takes no calls: others may have the same address.
pub(super) async fn of(services: &Services) -> Readiness {
    let (fault, clocks) = (services.delivery.fault(), services.clock.skews());
    let written = services.store.prove_write().await;
    let own = services.delivery.lasting_fault().filter(|_| services.store.is_shared());

    let mut detail = serde_json::Map::new();
    let skews = [
        ("machineToDatabaseSeconds", clocks.machine_to_database),
        ("toDingTalkSeconds", clocks.to_dingtalk),
    ];
    let measured: serde_json::Map<String, Value> = skews
        .into_iter()
        .filter_map(|(name, skew)| Some((name.to_owned(), json!(seconds(skew?)))))
        .collect();
    if !measured.is_empty() {
        detail.insert("clock".to_owned(), Value::Object(measured));
    }
    if let Some(warning) = clocks.warning() {
        detail.insert("clockWarning".to_owned(), json!(warning));
    }

    if let Some(newer) = services.store.newer_schema().await {
        detail.insert(
            "schema".to_owned(),
            json!(format!(
                "{newer}; this process works on, and once ended it can't be started again: update it"
            )),
        );
    }
    if let Some(fault) = fault {
        detail.insert("sendsNothing".to_owned(), json!(fault.to_string()));
    }

    Readiness {
        fault: written.err().or_else(|| own.map(|why| why.to_string())),
        detail: if detail.is_empty() {
            Value::Null
        } else {
            Value::Object(detail)
        },
    }
}

pub(super) fn seconds(skew: TimeDelta) -> f64 {
    skew.num_milliseconds() as f64 / 1_000.0
}
