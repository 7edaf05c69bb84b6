//! What the programs of all peers in Rust share: the workload, timing, and figures as lines of JSON.
//!
//! A program is started as `PHASE STORE WORKLOAD [BATCHED]`. `load` fills a new store, prints its figures and asks to be
//! killed; `open` opens it, searches once and closes it; `read` does the same and reads on.
#![allow(dead_code)]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

pub const DIMENSION: usize = 384;
pub const K: usize = 10;
const TEXT_BYTES: usize = 200;
/// Records one by one, and by 64 callers, in turns.
const ALONE: usize = 64;
const AT_ONCE: usize = 576;
const CALLERS: usize = 64;
const PASSES: usize = 3;
const GETS: usize = 3_000;

pub struct Arguments {
    pub phase: String,
    pub store: PathBuf,
    pub workload: Workload,
    pub batched: bool,
}

pub fn arguments() -> Arguments {
    let given: Vec<String> = std::env::args().collect();
    Arguments {
        phase: given[1].clone(),
        store: PathBuf::from(&given[2]),
        workload: Workload::read(Path::new(&given[3])),
        batched: given.get(4).is_some_and(|mode| mode == "batched"),
    }
}

pub struct Workload {
    base: Vec<f32>,
    queries: Vec<f32>,
    truth: Vec<u32>,
    texts: Vec<u8>,
}

impl Workload {
    fn read(folder: &Path) -> Workload {
        let words = |name: &str| -> Vec<[u8; 4]> {
            let bytes = fs::read(folder.join(name)).unwrap();
            bytes.chunks_exact(4).map(|word| word.try_into().unwrap()).collect()
        };
        Workload {
            base: words("base.f32").into_iter().map(f32::from_le_bytes).collect(),
            queries: words("queries.f32").into_iter().map(f32::from_le_bytes).collect(),
            truth: words("truth.i32").into_iter().map(u32::from_le_bytes).collect(),
            texts: fs::read(folder.join("texts.bin")).unwrap(),
        }
    }

    pub fn rows(&self) -> usize {
        self.base.len() / DIMENSION
    }

    pub fn vector(&self, row: usize) -> &[f32] {
        &self.base[row * DIMENSION..(row + 1) * DIMENSION]
    }

    pub fn text(&self, row: usize) -> String {
        String::from_utf8(self.texts[row * TEXT_BYTES..(row + 1) * TEXT_BYTES].to_vec()).unwrap()
    }

    pub fn queries(&self) -> usize {
        self.queries.len() / DIMENSION
    }

    pub fn query(&self, number: usize) -> &[f32] {
        let number = number % self.queries();
        &self.queries[number * DIMENSION..(number + 1) * DIMENSION]
    }

    /// How many of the exact ten were found.
    fn hits(&self, query: usize, found: &[usize]) -> usize {
        let nearest = &self.truth[query * K..(query + 1) * K];
        found.iter().filter(|row| nearest.contains(&(**row as u32))).count()
    }
}

/// The row that a text of the workload is of.
pub fn row_of(text: &str) -> usize {
    text[1..].split(' ').next().unwrap().parse().unwrap()
}

/// Fills a store: 64 records alone and 576 by 64 callers in turns, so that both meet a store of the same sizes.
pub fn time_records(rows: usize, record: impl Fn(usize) + Sync) {
    let (mut alone, mut at_once, mut records) = (vec![], Duration::ZERO, 0);
    let mut next = 0;
    while next < rows {
        let end = rows.min(next + ALONE);
        alone.extend((next..end).map(|row| timed(|| record(row))));
        next = end;
        let end = rows.min(next + AT_ONCE);
        at_once += timed(|| by_callers(next, end, &record));
        records += end - next;
        next = end;
    }
    tell_times("record, 1 caller", None, &mut alone, "");
    tell("record, 64 callers", None, &format!("\"perSecond\":{:.1}", records as f64 / at_once.as_secs_f64()));
}

/// Everybody begins the next call when the last one has ended.
fn by_callers(first: usize, end: usize, record: &(impl Fn(usize) + Sync)) {
    let next = AtomicUsize::new(first);
    std::thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| loop {
                let row = next.fetch_add(1, Ordering::Relaxed);
                if row >= end {
                    return;
                }
                record(row)
            });
        }
    });
}

/// Fills a store by batches where only what is in it counts.
pub fn time_batches(rows: usize, width: usize, store: impl Fn(std::ops::Range<usize>)) {
    let took = timed(|| (0..rows).step_by(width).for_each(|first| store(first..rows.min(first + width))));
    tell("record, batches", None, &format!("\"perSecond\":{:.1}", rows as f64 / took.as_secs_f64()));
}

pub fn time_gets(rows: usize, get: impl Fn(usize)) {
    let mut times: Vec<Duration> = (0..GETS).map(|call| timed(|| get(call * 7_919 % rows))).collect();
    tell_times("get", None, &mut times, "");
}

/// Every query several times; the first pass counts for nothing.
pub fn time_searches(workload: &Workload, setting: Option<&str>, search: impl Fn(&[f32]) -> Vec<usize>) {
    let (mut times, mut hits) = (vec![], 0);
    for pass in 0..=PASSES {
        hits = 0;
        for query in 0..workload.queries() {
            let mut found = vec![];
            let took = timed(|| found = search(workload.query(query)));
            hits += workload.hits(query, &found);
            if pass > 0 {
                times.push(took)
            }
        }
    }
    let recall = hits as f64 / (workload.queries() * K) as f64;
    tell_times("search", setting, &mut times, &format!(",\"recall\":{recall:.4}"));
}

pub fn time_calls(measure: &str, calls: usize, call: impl Fn(usize)) {
    let mut times: Vec<Duration> = (0..calls).map(|number| timed(|| call(number))).collect();
    tell_times(measure, None, &mut times, "");
}

/// From opening to the first search, which has to find what it is asked for.
pub fn tell_opening(phase: &str, begun: Instant, found: usize) {
    assert_eq!(found, 0, "a wrong first search");
    let setting = if phase == "open" { "after kill -9" } else { "after a close" };
    let ms = begun.elapsed().as_secs_f64() * 1e3;
    tell("first right search", Some(setting), &format!("\"ms\":{ms:.1}"));
}

pub fn tell_disk(store: &Path) {
    tell("disk", None, &format!("\"bytes\":{}", bytes_below(store)));
}

/// Prints a figure.
pub fn tell(measure: &str, setting: Option<&str>, rest: &str) {
    let setting = setting.map(|name| format!("\"setting\":\"{name}\",")).unwrap_or_default();
    println!("{{\"measure\":\"{measure}\",{setting}{rest}}}");
}

/// Waits for kill -9, so that what is opened next has not been closed.
pub fn ask_to_be_killed() -> ! {
    println!("{{\"ready\":true}}");
    std::io::stdout().flush().unwrap();
    loop {
        std::thread::sleep(Duration::from_secs(1))
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// Median and 99th percentile by nearest rank.
pub fn tell_times(measure: &str, setting: Option<&str>, times: &mut [Duration], more: &str) {
    times.sort();
    let at = |share: f64| times[((share * times.len() as f64).ceil() as usize).max(1) - 1].as_secs_f64() * 1e6;
    tell(measure, setting, &format!("\"p50Us\":{:.1},\"p99Us\":{:.1}{more}", at(0.5), at(0.99)));
}

fn bytes_below(path: &Path) -> u64 {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::read_dir(path).unwrap().map(|entry| bytes_below(&entry.unwrap().path())).sum(),
        Ok(found) => found.len(),
        Err(_) => 0,
    }
}
