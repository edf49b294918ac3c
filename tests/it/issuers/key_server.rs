//! A server that publishes an issuer's keys, well or badly.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What it does when somebody asks.
#[derive(Clone)]
pub enum Answer {
    /// This body.
    Body(String),
    /// This head and body, as they stand.
    Raw(String),
    /// A body that takes so long.
    Slow(Duration, String),
    /// Bytes without an end.
    Endless,
    /// Nothing: the connection is closed.
    HangsUp,
    /// Nothing, and the connection stays.
    Silent,
}

pub struct KeyServer {
    pub url: String,
    answer: Arc<Mutex<Answer>>,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A JWK Set.
pub fn set(keys: &[Value]) -> Answer {
    Answer::Body(json!({ "keys": keys }).to_string())
}

impl KeyServer {
    pub async fn start(first: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/.well-known/jwks.json", listener.local_addr().unwrap());
        let (answer, asked) = (Arc::new(Mutex::new(first)), Arc::<Mutex<Vec<String>>>::default());
        let (told, noted) = (answer.clone(), asked.clone());
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (told, noted) = (told.clone(), noted.clone());
                tokio::spawn(async move {
                    let _ = serve(stream, &told, &noted).await;
                });
            }
        });
        Self {
            url,
            answer,
            asked,
            task,
        }
    }

    /// From now on.
    pub fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// How many times somebody asked.
    pub fn times(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// The heads of the requests.
    pub fn heads(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Returns when somebody has asked so often.
    pub async fn asked(&self, times: usize) {
        let waiting = async {
            while self.times() < times {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting)
            .await
            .unwrap_or_else(|_| panic!("asked {} times, not {times}", self.times()));
    }
}

async fn serve(mut stream: TcpStream, answer: &Mutex<Answer>, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    asked.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());

    let answer = answer.lock().unwrap().clone();
    let head = |length: usize| {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        )
    };
    match answer {
        Answer::Body(body) => {
            stream.write_all(head(body.len()).as_bytes()).await?;
            stream.write_all(body.as_bytes()).await?;
        }
        Answer::Raw(text) => stream.write_all(text.as_bytes()).await?,
        Answer::Slow(time, body) => {
            stream.write_all(head(body.len()).as_bytes()).await?;
            let parts = body.as_bytes().chunks(body.len().div_ceil(20));
            for part in parts {
                tokio::time::sleep(time / 20).await;
                stream.write_all(part).await?;
                stream.flush().await?;
            }
        }
        Answer::Endless => {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"keys\":[")
                .await?;
            let keys = "{\"kty\":\"RSA\"},".repeat(1_000);
            loop {
                stream.write_all(keys.as_bytes()).await?;
            }
        }
        Answer::HangsUp => {}
        Answer::Silent => tokio::time::sleep(Duration::from_secs(60)).await,
    }
    stream.shutdown().await
}
