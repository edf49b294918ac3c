// Two servers over copies of one database, say of two versions: random documents are posted to both, and every difference is
// told. Data has to be the same byte for byte, errors have to be the same at the same paths, in whatever order.
//
//   node beside.mjs http://127.0.0.1:8081 http://127.0.0.1:8082 --tokens tokens.txt --documents 100000 --seed 1
//
// Who is resolved becomes known, under an id that the server gives: run it with one server as both before the database is
// copied, with `--documents 0`.
//
// `tokens.txt`: a token a line, each good at both servers; a request without one is tried, too. The documents are of the
// types that are read from memory, with all their fields and arguments that both servers have.
//
// Of an older version: `--without cursor,changes,filter.search` leaves out fields, and filters' fields, that became others
// on purpose; `--valid` asks for nothing that is refused by what became other words. What one of the two refuses for its
// cost is counted apart.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { buildSchema, getNamedType, isCompositeType, isListType, isObjectType } from 'graphql';
import { dice } from './support/dice.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tokens: { type: 'string' },
    documents: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    shown: { type: 'string', default: '5' },
    without: { type: 'string', default: '' },
    valid: { type: 'boolean', default: false },
  },
});
const [one, other] = positionals;
if (!one || !other) throw new Error('two base URLs are needed');

const json = JSON.stringify;
const LANES = 8;
const agent = new Agent({ keepAlive: true, maxSockets: 2 * LANES });

function send(base, path, method, headers, body) {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, base), { method, agent, headers }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'], text: Buffer.concat(parts).toString() }));
    });
    sent.on('error', reject).end(body);
  });
}

function post(base, token, body) {
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
  if (token) headers.authorization = `Bearer ${token}`;
  return send(base, '/graphql', 'POST', headers, JSON.stringify(body));
}

const tokens = options.tokens ? readFileSync(options.tokens, 'utf8').split('\n').filter(Boolean) : [];
const schemas = await Promise.all([one, other].map(async (base) => buildSchema((await send(base, '/schema.graphql', 'GET', {})).text)));
const [schema, against] = schemas;

/** The roots that documents begin with. */
const ROOTS = ['user', 'users', 'department', 'departments', 'node', 'nodes', 'resolve', 'identityLinks', 'matchingCensus', 'changes'];
/** What the servers' own clocks change. */
const UNSTEADY = new Set(['lagSeconds', 'bytes', ...options.without.split(',')]);
/** Of types that aren't the subject. */
const CLOSED = new Set(['SyncRun', 'Message', 'Recipient', 'MessageTemplate', 'MatchChange', 'Mirror']);

const has = (type, field, argument) => {
  const found = against.getType(type)?.getFields?.()[field];
  return found && (!argument || found.args.some((known) => known.name === argument));
};
const fieldsOf = (type) =>
  Object.values(type.getFields()).filter(
    (field) => has(type.name, field.name) && !UNSTEADY.has(field.name) && !CLOSED.has(getNamedType(field.type).name),
  );

/** Values of arguments, by their name; what the first look finds comes on top. */
const POOLS = {
  first: [1, 2, 3, 10, 50, 500, 0, -1, 501],
  last: [1, 2, 3, 0],
  depth: [0, 1, 2, null, -1],
  after: ['nonsense'],
  before: ['nonsense'],
  userId: ['nobody', ''],
  unionId: ['nobody'],
  deptId: ['1', '999'],
  id: ['nonsense'],
  ids: [],
  /** Only those that are known already: see above. */
  identities: [],
  method: ['EMAIL_TO_EMAIL', 'USERNAME_TO_JOB_NUMBER'],
  search: ['1', '工', 'a', ' ', ''],
  jobNumber: ['000001'],
  email: ['nobody@example.com'],
  subtreeOf: ['1'],
  parentId: ['1'],
  active: [true, false],
  leader: [true, false],
  followed: [true, false],
  states: ['ACTIVE', 'HELD', 'GONE'],
};

async function look() {
  const text = `{
    users(first: 500) { edges { cursor } nodes { id userId unionId email orgEmail jobNumber memberships { edges { cursor node { department { id deptId } } } } } pageInfo { endCursor } }
    departments(first: 500) { edges { cursor } nodes { id deptId children(first: 5) { edges { cursor } } members(first: 5) { edges { cursor } } descendants(first: 5) { edges { cursor } } } }
  }`;
  const answer = JSON.parse((await post(one, tokens[0], { query: text })).text);
  if (!answer.data?.users) throw new Error(`the first token has to read everything: ${JSON.stringify(answer).slice(0, 300)}`);
  const { users, departments } = answer.data;
  const cursors = (connection) => connection.edges.map((edge) => edge.cursor);
  POOLS.userId.push(...users.nodes.map((user) => user.userId));
  POOLS.unionId.push(...users.nodes.map((user) => user.unionId).filter(Boolean));
  POOLS.deptId.push(...departments.nodes.map((department) => department.deptId));
  POOLS.subtreeOf.push(...POOLS.deptId);
  POOLS.parentId.push(...POOLS.deptId);
  POOLS.id.push(...users.nodes.map((user) => user.id), ...departments.nodes.map((department) => department.id));
  POOLS.ids.push(...POOLS.id);
  POOLS.email.push(...users.nodes.flatMap((user) => [user.email, user.orgEmail]).filter(Boolean));
  POOLS.jobNumber.push(...users.nodes.map((user) => user.jobNumber).filter(Boolean));
  POOLS.after.push(...cursors(users).slice(0, 50), ...cursors(departments).slice(0, 50));
  POOLS.after.push(...departments.nodes.flatMap((it) => [it.children, it.members, it.descendants].flatMap((list) => cursors(list).slice(0, 3))));
  POOLS.after.push(...users.nodes.slice(0, 100).flatMap((user) => cursors(user.memberships)));
  POOLS.before.push(...POOLS.after);
  POOLS.identities.push(...POOLS.email.slice(0, 100).map((email) => ({ email })), ...POOLS.jobNumber.slice(0, 100).map((username) => ({ username, displayName: 'x' })));

  const resolve = 'query($all: [ConfluenceIdentityInput!]!) { resolve(identities: $all) { status } }';
  for (const base of [one, other]) {
    const { errors } = JSON.parse((await post(base, tokens[0], { query: resolve, variables: { all: POOLS.identities } })).text);
    if (errors) throw new Error(json(errors));
  }
}

const literal = (value, type) =>
  Array.isArray(value)
    ? `[${value.map((item) => literal(item, type)).join(', ')}]`
    : value && typeof value === 'object'
      ? `{${Object.entries(value).map(([key, inner]) => `${key}: ${literal(inner, type.getFields?.()[key] ? getNamedType(type.getFields()[key].type) : type)}`).join(', ')}}`
      : type.getValues && typeof value === 'string'
        ? value
        : json(value);

/** One document with its variables. */
function makeDocument(die) {
  const variables = {};
  const definitions = [];
  const fragments = [];

  function value(name, type) {
    const named = getNamedType(type);
    const inner = isListType(type.ofType ?? type) || isListType(type);
    if (inner) return Array.from({ length: die.below(4) }, () => (named.getFields && !POOLS[name] ? input(named) : die.one(POOLS[name] ?? ['x'])));
    if (named.getFields && !POOLS[name]) return input(named);
    return POOLS[name] ? die.one(POOLS[name]) : named.getValues ? die.one(named.getValues()).name : 'x';
  }
  function input(type) {
    const fields = Object.values(type.getFields()).filter(
      (field) => against.getType(type.name)?.getFields()[field.name] && POOLS[field.name] && !UNSTEADY.has(`filter.${field.name}`),
    );
    const chosen = fields.filter((field) => String(field.type).endsWith('!') || die.chance(0.3));
    return Object.fromEntries(chosen.map((field) => [field.name, value(field.name, field.type)]));
  }

  function argument(def) {
    const made = value(def.name, def.type);
    if (!die.chance(0.3)) return literal(made, getNamedType(def.type));
    const name = `v${definitions.length}`;
    const otherwise = die.chance(0.3) ? ` = ${literal(made, getNamedType(def.type))}` : '';
    definitions.push(`$${name}: ${def.type}${otherwise}`);
    if (!otherwise || die.chance(0.5)) variables[name] = made;
    return `$${name}`;
  }

  function directive() {
    if (!die.chance(0.08)) return '';
    const name = die.one(['skip', 'include']);
    if (die.chance(0.5)) return ` @${name}(if: ${die.chance(0.5)})`;
    const variable = `v${definitions.length}`;
    definitions.push(`$${variable}: Boolean!`);
    variables[variable] = die.chance(0.5);
    return ` @${name}(if: $${variable})`;
  }

  function field(parent, def, depth) {
    const isAsked = (name) => !(options.valid && ['after', 'before'].includes(name));
    const wanted = def.args.filter((arg) => isAsked(arg.name) && has(parent.name, def.name, arg.name));
    // A root that finds one thing is asked for it, most of the time.
    const only = ['user', 'department'].includes(def.name) && parent.name === 'Query' ? [die.one(wanted)] : null;
    const chosen = only ?? wanted.filter((arg) => String(arg.type).endsWith('!') || die.chance(['after', 'before'].includes(arg.name) ? 0.15 : 0.5));
    const args = chosen.map((arg) => `${arg.name}: ${argument(arg)}`);
    const below = getNamedType(def.type);
    const inside = isCompositeType(below) ? ` ${selection(below, depth - 1)}` : '';
    const alias = die.chance(0.2) ? `${die.one(['a', 'b', 'c'])}_${def.name}${die.chance(0.5) ? die.below(3) : ''}: ` : '';
    return `${alias}${def.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${directive()}${inside}`;
  }

  function selection(type, depth) {
    if (!isObjectType(type)) {
      const kinds = ['User', 'Department'].filter(() => die.chance(0.7));
      const inside = kinds.map((name) => `... on ${name}${directive()} ${selection(schema.getType(name), depth)}`);
      return `{ ${[die.one(['id', '__typename']), ...inside].join(' ')} }`;
    }
    const all = fieldsOf(type);
    const fitting = depth > 0 ? all : all.filter((def) => !isCompositeType(getNamedType(def.type)) || ['nodes', 'pageInfo', 'edges'].includes(def.name));
    const parts = Array.from({ length: 1 + die.below(6) }, () => {
      const pick = die.below(30);
      if (pick === 0 || fitting.length === 0) return '__typename';
      if (pick === 1) return `...${directive()} ${selection(type, depth)}`;
      if (pick === 2) {
        const name = `F${fragments.length}`;
        fragments.push('');
        fragments[Number(name.slice(1))] = `fragment ${name} on ${type.name} ${selection(type, depth - 1)}`;
        return `...${name}${directive()}`;
      }
      return field(type, die.one(fitting), depth);
    });
    if (die.chance(0.1)) parts.push(die.one(parts));
    return `{ ${parts.join(' ')} }`;
  }

  const query = schema.getQueryType();
  const roots = fieldsOf(query).filter((def) => ROOTS.includes(def.name));
  const parts = Array.from({ length: 1 + die.below(2) }, (_, at) => {
    const made = field(query, die.one(roots), 4);
    return at > 0 && !made.startsWith('r') ? `r${at}: ${made.replace(/^\w+: /, '')}` : made;
  });
  const head = `query Q${definitions.length > 0 ? `(${definitions.join(', ')})` : ''}`;
  return { query: `${head} { ${parts.join(' ')} } ${fragments.join(' ')}`, variables };
}

/** The bytes of `data`, which comes first, and the errors in an order of their own. */
function parts({ status, type, text }) {
  const answer = JSON.parse(text);
  const errors = (answer.errors ?? []).map((error) => json({ ...error, extensions: { ...error.extensions, requestId: undefined } })).sort();
  const data = 'data' in answer ? json(answer.data) : '';
  const isPlain = data === '' || text.startsWith(`{"data":${data}`);
  return { status, type, data, isPlain, errors, extensions: json(answer.extensions ?? null), refused: answer.data === undefined };
}

const isTooMuch = ({ refused, errors }) => refused && errors.some((error) => JSON.parse(error).extensions?.limit === 'complexity');

function difference(ours, theirs) {
  for (const key of ['status', 'type', 'data', 'isPlain', 'extensions']) if (ours[key] !== theirs[key]) return key;
  if (json(ours.errors) === json(theirs.errors)) return undefined;
  // What is wrong with a document is told up to a limit, and of fragments in no order.
  if (ours.refused && ours.errors.length === theirs.errors.length) return undefined;
  // Of many errors the answer has the first, whose order isn't settled.
  return ours.errors.length === theirs.errors.length && ours.extensions.includes('errorsLeftOut') ? undefined : 'errors';
}

await look();
if (options.valid) Object.assign(POOLS, { first: [1, 2, 3, 10, 50, 500], last: [1, 2, 3], depth: [0, 1, 2, null] });
const die = dice(Number(options.seed));
const count = Number(options.documents);
const tally = { documents: 0, bytes: 0, refused: 0, failed: 0, unlikeCosts: 0, differing: 0 };
let begun = 0;

async function lane() {
  while (begun < count) {
    begun += 1;
    const body = makeDocument(die);
    const token = !options.valid && die.chance(0.02) ? undefined : die.one(tokens.length > 0 ? [tokens[0], ...tokens] : [undefined]);
    const [ours, theirs] = (await Promise.all([post(one, token, body), post(other, token, body)])).map(parts);
    const isOfCost = isTooMuch(ours) || isTooMuch(theirs);
    const what = isOfCost ? undefined : difference(ours, theirs);
    tally.documents += 1;
    tally.bytes += theirs.data.length;
    tally.unlikeCosts += isOfCost && ours.refused !== theirs.refused ? 1 : 0;
    tally.refused += theirs.refused ? 1 : 0;
    tally.failed += !theirs.refused && theirs.errors.length > 0 ? 1 : 0;
    if (what) {
      tally.differing += 1;
      if (tally.differing <= Number(options.shown)) {
        console.log(`\n${what} differs, token ${tokens.indexOf(token)}\n${body.query}\n${json(body.variables)}`);
        const cut = (side) => json(side).slice(0, 1_500);
        console.log(`${one}: ${cut(what in ours ? ours[what] : ours)}\n${other}: ${cut(what in theirs ? theirs[what] : theirs)}`);
      }
    }
    if (tally.documents % 5_000 === 0) console.log(json(tally));
  }
}

await Promise.all(Array.from({ length: LANES }, lane));
console.log(json(tally));
agent.destroy();
process.exitCode = tally.differing > 0 ? 1 : 0;
