//! VelesDB as a contestant: its embedded collection, at its default quality unless a setting says otherwise.
#[path = "../../measuring/measuring.rs"]
mod measuring;

use measuring::*;
use std::time::Instant;
use velesdb_core::{Database, DistanceMetric, Point, SearchQuality, VectorCollection};

const COLLECTION: &str = "bench";
const BATCH: usize = 64;

fn main() {
    let Arguments { phase, store, workload, batched } = arguments();
    let begun = Instant::now();
    let database = Database::open(&store).unwrap();
    if database.get_vector_collection(COLLECTION).is_none() {
        database.create_collection(COLLECTION, DIMENSION, DistanceMetric::Cosine).unwrap();
    }
    let collection = database.get_vector_collection(COLLECTION).unwrap();
    if phase == "load" {
        let points = |rows: std::ops::Range<usize>| rows.map(|row| point(&workload, row)).collect::<Vec<_>>();
        if batched {
            time_batches(workload.rows(), BATCH, |rows| collection.upsert(points(rows)).unwrap())
        } else {
            time_records(workload.rows(), |row| collection.upsert(points(row..row + 1)).unwrap())
        }
        ask_to_be_killed()
    }
    let first = rows_of(collection.search(workload.vector(0), K).unwrap());
    tell_opening(&phase, begun, first[0]);
    if phase == "read" {
        read(&collection, &workload);
        tell_disk(&store);
    }
    collection.flush_full().unwrap();
}

fn read(collection: &VectorCollection, workload: &Workload) {
    let search = |query: &[f32]| rows_of(collection.search(query, K).unwrap());
    time_searches(workload, Some("default"), search);
    let qualities = [("accurate", SearchQuality::Accurate), ("perfect", SearchQuality::Perfect)];
    for (name, quality) in qualities {
        let search = |query: &[f32]| rows_of(collection.search_with_quality(query, K, quality).unwrap());
        time_searches(workload, Some(name), search);
    }
    for ef in [100, 400, 800] {
        let search = |query: &[f32]| rows_of(collection.search_with_ef(query, K, ef).unwrap());
        time_searches(workload, Some(&format!("ef {ef}")), search);
    }
    time_gets(workload.rows(), |row| assert!(collection.get(&[row as u64 + 1])[0].is_some()));
}

fn point(workload: &Workload, row: usize) -> Point {
    let payload = serde_json::json!({
        "content": workload.text(row),
        "domain": format!("d{}", row % 20),
        "importance": (row % 10) as f64 / 10.0,
        "agent": format!("agent-{}", row % 10),
    });
    Point::new(row as u64 + 1, workload.vector(row).to_vec(), Some(payload))
}

fn rows_of(found: Vec<velesdb_core::SearchResult>) -> Vec<usize> {
    found.iter().map(|result| result.point.id as usize - 1).collect()
}
