//! Exoware as a contestant: its server over its own wire, on loopback.
//!
//! `serve FOLDER PORT` is the server, `measure URL` asks it: puts of 64 values by one client and by 32, how long a put
//! takes until a subscriber has it, and how quickly the log is read again.
use bytes::Bytes;
use exoware_sdk::{
    PrefixedStoreClient, RetryConfig, StoreClient,
    keys::{Key, Prefix},
    kv_codec::Utf8,
    selector::Selector,
    stream_filter::StreamFilter,
};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const VALUE_BYTES: usize = 200;
const BATCH: u64 = 64;
const PUTS_ALONE: u64 = 300;
const PUTS_AT_ONCE: u64 = 960;
const CLIENTS: u64 = 32;
const DELIVERIES: u64 = 300;
const REPLAYED: usize = 60_000;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments[1] == "serve" {
        let port = arguments[3].parse().unwrap();
        return exoware_simulator::server::run(Path::new(&arguments[2]), port).await.unwrap();
    }
    let store = StoreClient::builder().url(&arguments[2]).retry_config(RetryConfig::disabled()).build().unwrap();
    let client = PrefixedStoreClient::empty(store);
    let (times, took) = puts(&client, 0, PUTS_ALONE, 1).await;
    tell_puts("put of 64, 1 client", times, took);
    let (times, took) = puts(&client, PUTS_ALONE, PUTS_AT_ONCE, CLIENTS).await;
    tell_puts("put of 64, 32 clients", times, took);
    deliver(&client, PUTS_ALONE + PUTS_AT_ONCE).await;
    replay(&client).await;
}

/// So many puts by so many clients, each of which begins its next one when the last one has ended.
async fn puts(client: &PrefixedStoreClient, first: u64, count: u64, clients: u64) -> (Vec<Duration>, Duration) {
    let next = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let tasks = (0..clients).map(|_| {
        let (client, next) = (client.clone(), next.clone());
        tokio::spawn(async move {
            let mut times = vec![];
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return times;
                }
                let begun = Instant::now();
                put(&client, first + number).await;
                times.push(begun.elapsed());
            }
        })
    });
    let mut times = vec![];
    for task in tasks.collect::<Vec<_>>() {
        times.extend(task.await.unwrap());
    }
    (times, begun.elapsed())
}

async fn put(client: &PrefixedStoreClient, number: u64) {
    let keys: Vec<Key> = (number * BATCH..(number + 1) * BATCH).map(key).collect();
    let values: Vec<Vec<u8>> = (0..BATCH).map(|at| vec![(number + at) as u8; VALUE_BYTES]).collect();
    let entries: Vec<(&Key, &[u8])> = keys.iter().zip(&values).map(|(key, value)| (key, value.as_slice())).collect();
    client.ingest().put(&entries).await.unwrap();
}

fn key(number: u64) -> Key {
    Prefix::from_byte(1).encode(format!("row/{number:09}").as_bytes()).unwrap()
}

fn everything() -> StreamFilter {
    let selector = Selector { prefix: Bytes::from(vec![1u8]), payload_regex: Utf8::from("(?s).*") };
    StreamFilter { selectors: vec![selector], value_filters: vec![] }
}

async fn deliver(client: &PrefixedStoreClient, first: u64) {
    let mut frames = client.stream().subscribe(everything(), None).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut times = vec![];
    for number in first..first + DELIVERIES {
        let begun = Instant::now();
        let putting = client.clone();
        let task = tokio::spawn(async move { put(&putting, number).await });
        frames.next().await.unwrap().unwrap();
        times.push(begun.elapsed());
        task.await.unwrap();
    }
    let (p50, p99) = percentiles(times);
    println!("{{\"measure\":\"put to subscriber\",\"p50Us\":{p50:.1},\"p99Us\":{p99:.1}}}");
}

async fn replay(client: &PrefixedStoreClient) {
    let begun = Instant::now();
    let mut frames = client.stream().subscribe(everything(), Some(1)).await.unwrap();
    let mut rows = 0;
    while rows < REPLAYED {
        rows += frames.next().await.unwrap().unwrap().entries.len();
    }
    let rate = rows as f64 / begun.elapsed().as_secs_f64();
    println!("{{\"measure\":\"replay\",\"perSecond\":{rate:.0}}}");
}

fn tell_puts(measure: &str, times: Vec<Duration>, took: Duration) {
    let rows = times.len() as f64 * BATCH as f64;
    let (p50, p99) = percentiles(times);
    let rate = rows / took.as_secs_f64();
    println!("{{\"measure\":\"{measure}\",\"p50Us\":{p50:.1},\"p99Us\":{p99:.1},\"perSecond\":{rate:.0}}}");
}

fn percentiles(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort();
    let at = |share: f64| times[((share * times.len() as f64).ceil() as usize).max(1) - 1].as_secs_f64() * 1e6;
    (at(0.5), at(0.99))
}
