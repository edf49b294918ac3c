// The databases of a measurement, on the Postgres of scripts/with-postgres.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { FILES, eachRow } from '../rivals/company.mjs';

/** Rows of one statement. */
const ROWS = 20_000;

const COLUMNS = {
  departments: { deptId: 'dept_id', parentId: 'parent_id', name: 'name', position: 'position' },
  users: { userId: 'user_id', name: 'name', title: 'title', jobNumber: 'job_number', email: 'email' },
  memberships: {
    deptId: 'dept_id',
    userId: 'user_id',
    leader: 'leader',
    position: 'position',
    userPosition: 'user_position',
  },
};

export class Postgres {
  #admin;
  #made = [];

  constructor(url = process.env.TEST_DATABASE_URL) {
    if (!url) throw new Error('TEST_DATABASE_URL is not set: run the bench by scripts/with-postgres, as `make bench` does');
    this.#admin = url;
  }

  /** An empty database; gives its URL. */
  async create(name) {
    const unique = `bench_${process.pid}_${name}`;
    await this.#run(this.#admin, (client) => client.query(`CREATE DATABASE ${unique}`));
    this.#made.push(unique);
    const url = new URL(this.#admin);
    url.pathname = `/${unique}`;
    return url.href;
  }

  /** The company in PostGraphile's tables; gives the database's URL. */
  async fill(name, folder) {
    const url = await this.create(name);
    await this.#run(url, async (client) => {
      await client.query(sql('tables.sql'));
      for (const table of Object.keys(COLUMNS)) await copy(client, table, join(folder, FILES[table]));
      // VACUUM takes a statement to itself.
      for (const statement of sql('keys.sql').split(';\n')) await client.query(statement);
    });
    return url;
  }

  /** Drops what was made: it would take space until the server goes, which may be somebody else's. */
  async close() {
    for (const name of this.#made.splice(0)) {
      await this.#run(this.#admin, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
    }
  }

  async #run(connectionString, work) {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}

function sql(name) {
  return readFileSync(fileURLToPath(new URL(`../rivals/postgraphile/${name}`, import.meta.url)), 'utf8');
}

async function copy(client, table, file) {
  const keys = Object.entries(COLUMNS[table]);
  const columns = keys.map(([, column]) => column).join(', ');
  // The types are those of the table itself.
  const insert = `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1)`;
  const flush = (rows) => client.query(insert, [`[${rows.join(',')}]`]);

  let rows = [];
  await eachRow(file, (row) => {
    rows.push(JSON.stringify(Object.fromEntries(keys.map(([key, column]) => [column, row[key]]))));
    if (rows.length === ROWS) return flush(rows.splice(0));
  });
  if (rows.length > 0) await flush(rows);
}
