//! Thousands of streams that say nothing for a while.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::client::{chat, saying};
use crate::place::{Place, Settings, holds};
use crate::served::{Served, until};
use crate::upstream::{STREAM, chat_delta, chunk};

/// As many as are opened where the system permits.
const STREAMS: u64 = 10_000;
/// Memory that one may take, in KiB.
const STREAM_KIB_MAX: u64 = 64;
/// Streams that are opened before memory is measured the first time, and how many are opened at a time.
const FIRST: u64 = 200;
const AT_ONCE: usize = 64;
/// Files that may be open beside those of the streams.
const OTHER_FILES: u64 = 500;

/// Begins every answer and never ends it.
async fn upstream(listener: TcpListener) {
    let mut open = JoinSet::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        open.spawn(async move {
            let mut request = Vec::new();
            while !request.ends_with(b"}") {
                if stream.read_buf(&mut request).await.unwrap() == 0 {
                    return;
                }
            }
            stream.write_all(&[STREAM, &chunk(chat_delta("first"))].concat()).await.unwrap();
            drop(request);
            // Until the gateway hangs up.
            let _ = stream.read(&mut [0]).await;
        });
    }
}

async fn stream(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&chat(1, saying("Go on."))).await.unwrap();
    let mut answer = Vec::new();
    while !holds(&answer, b"first") {
        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
    }
    stream
}

async fn streams(address: SocketAddr, count: u64) -> Vec<TcpStream> {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut opening = JoinSet::new();
    for _ in 0..count {
        let slot = Arc::clone(&slots).acquire_owned().await.unwrap();
        opening.spawn(async move {
            let stream = stream(address).await;
            drop(slot);
            stream
        });
    }
    opening.join_all().await
}

/// Files that a process may have open.
fn open_files_max() -> u64 {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    line.split_whitespace().nth(3).unwrap().parse().unwrap_or(u64::MAX)
}

#[test]
fn ten_thousand_idle_streams_take_little_memory_each_and_none_when_they_are_gone() {
    let place = Place::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(upstream(listener));
    let served = Served::start(&place, &Settings::to(address));
    // Both processes have two ends of each; other tests may run in this one.
    let count = STREAMS.min((open_files_max() - OTHER_FILES) / 2);
    let mut open = runtime.block_on(streams(served.clients, FIRST));
    let before = served.resident_kib();
    open.extend(runtime.block_on(streams(served.clients, count - FIRST)));
    assert_eq!(served.metric("candor_open_requests"), count);
    let each = served.resident_kib().saturating_sub(before) as f64 / (count - FIRST) as f64;
    println!("{count} idle streams, {each:.1} KiB each");
    assert!(each < STREAM_KIB_MAX as f64, "{each:.1} KiB each");
    drop(open);
    until("all are gone", || served.metric("candor_open_requests") == 0);
    assert_eq!(served.metric("candor_requests_total"), count);
}
