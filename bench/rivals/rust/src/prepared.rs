//! Bytes that are ready: what an HTTP server of this kind can do at most.

use std::{collections::HashMap, fs, path::Path};

use axum::{
    Router,
    body::Bytes,
    extract::{Path as Name, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};

use crate::Error;

type Answers = &'static HashMap<String, Bytes>;

/// Answers each name with its file, until the process is ended.
pub(crate) fn serve(listen: &str, folder: &Path) -> Result<(), Error> {
    let mut answers = HashMap::new();
    for file in fs::read_dir(folder)? {
        let file = file?;
        answers.insert(
            file.file_name().to_string_lossy().into_owned(),
            fs::read(file.path())?.into(),
        );
    }

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await?;
        let router = Router::new()
            .route("/{name}", post(answer))
            .with_state(&*Box::leak(Box::new(answers)));
        println!("ready");
        axum::serve(listener, router).await?;
        Ok(())
    })
}

/// The question is read, as whoever answers has to.
async fn answer(State(answers): State<Answers>, Name(name): Name<String>, _question: Bytes) -> Response {
    match answers.get(&name) {
        Some(bytes) => ([(header::CONTENT_TYPE, "application/json")], bytes.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
