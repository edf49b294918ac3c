//! The rivals that are written in Rust:
//!
//! ```text
//! rivals static HOST:PORT FOLDER      POST /NAME answers the bytes of the file NAME, and nothing else is done
//! rivals libraries FOLDER TASKS ROUNDS     juniper beside async-graphql's derived resolvers, in this process
//! ```

mod company;
mod derived;
mod libraries;
mod prepared;
mod with_juniper;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["static", listen, folder] => prepared::serve(listen, folder.as_ref()),
        ["libraries", folder, tasks, rounds] => libraries::compare(folder.as_ref(), tasks.as_ref(), rounds.parse()?),
        _ => Err("give `static HOST:PORT FOLDER` or `libraries FOLDER TASKS ROUNDS`".into()),
    }
}
