//! PulseDB as a contestant: an embedded store with its default configuration.
#[path = "../../measuring/measuring.rs"]
mod measuring;

use measuring::*;
use pulsedb::*;
use std::{path::Path, sync::Mutex, time::Instant};

const RELATIONS: usize = 200;
const INSIGHTS: usize = 100;
const AGENTS: usize = 10;
const CONTEXTS: usize = 300;

fn main() {
    let Arguments { phase, store, workload, .. } = arguments();
    let begun = Instant::now();
    let (database, collective) = open(&store);
    if phase == "load" {
        let ids = Mutex::new(vec![]);
        time_records(workload.rows(), |row| {
            let id = database.record_experience(experience(collective, &workload, row)).unwrap();
            ids.lock().unwrap().push(id);
        });
        let ids = ids.into_inner().unwrap();
        surround(&database, collective, &workload, &ids);
        ask_to_be_killed()
    }
    let search = |query: &[f32]| -> Vec<usize> {
        let found = database.search_similar(collective, query, K).unwrap();
        found.iter().map(|result| row_of(&result.experience.content)).collect()
    };
    tell_opening(&phase, begun, search(workload.vector(0))[0]);
    if phase == "read" {
        time_searches(&workload, None, search);
        let ids = ids_of(&database, collective, &workload);
        time_gets(ids.len(), |at| assert!(database.get_experience(ids[at]).unwrap().is_some()));
        time_calls("context", CONTEXTS, |call| {
            let query_embedding = workload.query(call).to_vec();
            let request = ContextRequest { collective_id: collective, query_embedding, ..Default::default() };
            assert_eq!(database.get_context_candidates(request).unwrap().recent_experiences.len(), 10);
        });
        tell_disk(&store);
    }
    database.close().unwrap();
}

fn open(path: &Path) -> (PulseDB, CollectiveId) {
    let database = PulseDB::open(path, Config::default()).unwrap();
    let known = database.list_collectives().unwrap().first().map(|collective| collective.id);
    let id = known.unwrap_or_else(|| database.create_collective("bench").unwrap());
    (database, id)
}

fn experience(collective_id: CollectiveId, workload: &Workload, row: usize) -> NewExperience {
    NewExperience {
        collective_id,
        content: workload.text(row),
        embedding: Some(workload.vector(row).to_vec()),
        importance: (row % 10) as f32 / 10.0,
        confidence: 0.9,
        domain: vec![format!("d{}", row % 20)],
        source_agent: AgentId::new(format!("agent-{}", row % 10)),
        ..Default::default()
    }
}

/// What a context has beside experiences.
fn surround(database: &PulseDB, collective_id: CollectiveId, workload: &Workload, ids: &[ExperienceId]) {
    for at in 0..RELATIONS {
        let relation = NewExperienceRelation {
            source_id: ids[at],
            target_id: ids[at + RELATIONS],
            relation_type: RelationType::Supports,
            strength: 0.7,
            metadata: None,
        };
        database.store_relation(relation).unwrap();
    }
    for row in 0..INSIGHTS {
        let insight = NewDerivedInsight {
            collective_id,
            content: workload.text(row),
            embedding: Some(workload.vector(row).to_vec()),
            source_experience_ids: vec![ids[row]],
            insight_type: InsightType::Pattern,
            confidence: 0.8,
            domain: vec!["bench".into()],
        };
        database.store_insight(insight).unwrap();
    }
    for agent in 0..AGENTS {
        let activity = NewActivity {
            agent_id: format!("agent-{agent}"),
            collective_id,
            current_task: Some("bench".into()),
            context_summary: None,
        };
        database.register_activity(activity).unwrap();
    }
}

/// Of records that searches find.
fn ids_of(database: &PulseDB, collective: CollectiveId, workload: &Workload) -> Vec<ExperienceId> {
    let found = |query| database.search_similar(collective, workload.query(query), K).unwrap();
    (0..100).flat_map(found).map(|result| result.experience.id).collect()
}
