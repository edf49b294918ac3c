//! Two libraries in one process: from the text of a query to the text of its answer, without HTTP.

use std::{
    fs,
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use async_graphql::Request;
use juniper::Variables;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Error,
    company::Company,
    derived::{self, DerivedSchema},
    with_juniper::{self, JuniperSchema},
};

/// How long one library runs before it is the other's turn.
const TURN: Duration = Duration::from_millis(200);

/// One query, and what it must come to.
#[derive(Deserialize)]
struct Task {
    name: String,
    query: String,
    variables: Value,
    answer: Value,
}

/// Microseconds an answer, at the median of the rounds.
#[derive(Serialize)]
struct Compared {
    name: String,
    juniper: f64,
    derived: f64,
}

struct Libraries {
    company: &'static Company,
    juniper: JuniperSchema,
    derived: DerivedSchema,
    runtime: tokio::runtime::Runtime,
}

/// Prints, as JSON, what each task takes.
pub(crate) fn compare(folder: &Path, tasks: &Path, rounds: usize) -> Result<(), Error> {
    let company = Company::load(folder)?;
    let libraries = Libraries {
        company,
        juniper: with_juniper::schema(),
        derived: derived::builder(company).finish(),
        runtime: tokio::runtime::Builder::new_current_thread().build()?,
    };

    let tasks: Vec<Task> = serde_json::from_str(&fs::read_to_string(tasks)?)?;
    let compared: Result<Vec<Compared>, Error> = tasks.iter().map(|task| libraries.compare(task, rounds)).collect();
    println!("{}", serde_json::to_string(&compared?)?);
    Ok(())
}

impl Libraries {
    fn compare(&self, task: &Task, rounds: usize) -> Result<Compared, Error> {
        for answer in [self.by_juniper(task)?, self.by_derived(task)?] {
            if serde_json::from_str::<Value>(&answer)? != task.answer {
                return Err(format!("{} is answered otherwise than the data say: {answer:.1000}", task.name).into());
            }
        }

        let (mut juniper, mut derived) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            juniper.push(timed(|| self.by_juniper(task))?);
            derived.push(timed(|| self.by_derived(task))?);
        }
        Ok(Compared {
            name: task.name.clone(),
            juniper: median(juniper),
            derived: median(derived),
        })
    }

    fn by_juniper(&self, task: &Task) -> Result<String, Error> {
        let variables: Variables = serde_json::from_value(task.variables.clone())?;
        let executed = juniper::execute_sync(&task.query, None, &self.juniper, &variables, self.company);
        let (data, errors) = executed.map_err(|error| error.to_string())?;
        if let Some(error) = errors.first() {
            return Err(format!("juniper: {:?}", error.error()).into());
        }
        Ok(format!("{{\"data\":{}}}", serde_json::to_string(&data)?))
    }

    fn by_derived(&self, task: &Task) -> Result<String, Error> {
        let variables = async_graphql::Variables::from_json(task.variables.clone());
        let request = Request::new(task.query.as_str()).variables(variables);
        let response = self.runtime.block_on(self.derived.execute(request));
        if let Some(error) = response.errors.first() {
            return Err(format!("async-graphql: {error}").into());
        }
        Ok(serde_json::to_string(&response)?)
    }
}

/// Microseconds a run, over one turn.
fn timed(mut run: impl FnMut() -> Result<String, Error>) -> Result<f64, Error> {
    let (began, mut runs) = (Instant::now(), 0);
    while began.elapsed() < TURN {
        black_box(run()?);
        runs += 1;
    }
    Ok(began.elapsed().as_secs_f64() * 1e6 / f64::from(runs))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
