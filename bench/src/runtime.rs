//! A Lambda Runtime API that notes when it is asked.

use std::collections::VecDeque;
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::error::{Error, at};
use crate::http::Message;

/// What the function did.
#[derive(Debug)]
#[expect(dead_code, reason = "what a failed function said is shown by Debug")]
pub(crate) enum Seen {
    /// It asked for an event.
    Next(Instant),
    /// It answered.
    Answer,
    /// It reported an error.
    Failed(String),
}

/// The events that wait, and for which process.
#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<String>,
    process: u64,
}

type Queue = Arc<(Mutex<Waiting>, Condvar)>;

/// A Runtime API for one function.
#[derive(Debug)]
pub(crate) struct Runtime {
    address: SocketAddr,
    queue: Queue,
}

impl Runtime {
    /// Listens; what the function does goes to `seen`.
    ///
    /// # Errors
    /// When no port is free.
    pub(crate) fn start(seen: Sender<Seen>) -> Result<Self, Error> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(at(&"a local port"))?;
        let address = listener.local_addr().map_err(at(&"a local port"))?;
        let queue = Queue::default();
        let waiting = Arc::clone(&queue);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (waiting, seen) = (Arc::clone(&waiting), seen.clone());
                thread::spawn(move || serve(&stream, &waiting, &seen));
            }
        });
        Ok(Self { address, queue })
    }

    /// For `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// A question that a killed process left behind must not take the event of the next one.
    pub(crate) fn forget(&self) {
        let (queue, changed) = &*self.queue;
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.events.clear();
        queue.process += 1;
        changed.notify_all();
    }

    /// Hands out an event.
    pub(crate) fn send(&self, event: String) {
        let (queue, changed) = &*self.queue;
        queue.lock().unwrap_or_else(PoisonError::into_inner).events.push_back(event);
        changed.notify_all();
    }
}

fn serve(stream: &TcpStream, queue: &Queue, seen: &Sender<Seen>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream);
    let mut out = stream;
    let mut serial = 0;
    while let Some(request) = Message::read(&mut reader).ok()? {
        let now = Instant::now();
        let body = || String::from_utf8_lossy(&request.body).into_owned();
        let mut answer = (202, String::new(), "{\"status\":\"OK\"}".to_owned());
        if request.line.starts_with("GET ") {
            let (waiting, changed) = &**queue;
            let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let process = waiting.process;
            seen.send(Seen::Next(now)).ok()?;
            let mut waiting = changed
                .wait_while(waiting, |all| all.events.is_empty() && all.process == process)
                .unwrap_or_else(PoisonError::into_inner);
            if waiting.process != process {
                return None;
            }
            serial += 1;
            answer = (200, event_headers(serial), waiting.events.pop_front()?);
        } else if request.line.contains("/response") {
            seen.send(Seen::Answer).ok()?;
        } else {
            seen.send(Seen::Failed(body())).ok()?;
        }
        let (status, headers, body) = answer;
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n"
        );
        out.write_all((head + &body).as_bytes()).ok()?;
    }
    Some(())
}

fn event_headers(serial: u64) -> String {
    let deadline = SystemTime::now() + Duration::from_secs(60);
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    format!(
        "Lambda-Runtime-Aws-Request-Id: 00000000-0000-4000-8000-{serial:012}\r\n\
         Lambda-Runtime-Deadline-Ms: {deadline}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:ap-northeast-1:111122223333:function:measured\r\n\
         Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n"
    )
}
