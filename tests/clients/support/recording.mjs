// One server's answers, recorded field by field, and graphql-js over them: what any document should be answered with.
import { GraphQLScalarType, Kind, execute, getNamedType, isCompositeType, isLeafType, isObjectType, parse, validate } from 'graphql';
import { query } from './env.mjs';
import { readSchema } from './schema.mjs';

/** Leaves that change by themselves. */
const UNSTEADY = new Set(['lastSeen', 'lastVerifiedAt', 'firstSeen', 'raw', 'extension', 'asOf', 'lagSeconds']);
/** The types of `Node` that are recorded. */
export const NODES = ['User', 'Department'];
const DIGITS = /^[+-]?\d+$/;

/** The fields with fields of their own that documents may ask for, and the arguments that they may have, defaults filled in. */
const WAYS = {
  User: { memberships: [{ first: 1 }, { first: 2 }, { first: 20 }], manager: [{}] },
  Membership: { department: [{}], user: [{}] },
  Department: {
    parent: [{}],
    ancestors: [{}],
    children: [{ first: 1 }, { first: 2 }],
    members: [{ first: 1 }, { first: 2 }],
    descendants: [{ first: 2 }, { first: 2, depth: 1 }, { first: 2, depth: null }],
  },
  DepartmentConnection: { nodes: [{}], pageInfo: [{}] },
  MembershipConnection: { nodes: [{}], pageInfo: [{}] },
  UserConnection: { nodes: [{}] },
  SendMessagePayload: { message: [{}], userErrors: [{}] },
};
/** The only leaves of types that tell the time or count. */
const LEAVES = {
  Message: ['state'],
  SendMessagePayload: ['replayed', 'clientMutationId'],
  UserError: ['code', 'field', 'message'],
};

/** The schema with scalars that take what the server's take. */
export function readStrictSchema() {
  const schema = readSchema();
  const bigInt = schema.getType('BigInt');
  if (!(bigInt instanceof GraphQLScalarType)) throw new Error('the schema has no BigInt');
  const take = (value) => {
    const text = typeof value === 'string' ? value : Number.isInteger(value) ? String(value) : '';
    if (!DIGITS.test(text) || BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) throw new TypeError('no BigInt');
    return String(BigInt(text));
  };
  bigInt.parseValue = take;
  bigInt.parseLiteral = (node) => take(node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : undefined);
  return schema;
}

/** What may be asked of a type: its leaves, and its ways on. */
export function shapeOf(schema, name) {
  const type = schema.getType(name);
  const fields = type.getFields ? Object.values(type.getFields()) : [];
  const leaves = fields
    .filter((field) => isLeafType(getNamedType(field.type)) && field.args.length === 0 && !UNSTEADY.has(field.name))
    .map((field) => field.name)
    .filter((leaf) => !LEAVES[name] || LEAVES[name].includes(leaf));
  const ways = Object.entries(WAYS[name] ?? {}).map(([field, variants]) => ({ field, variants }));
  return { leaves: ['__typename', ...leaves], ways };
}

const literal = (value) =>
  Array.isArray(value)
    ? `[${value.map(literal).join(', ')}]`
    : value && typeof value === 'object'
      ? `{${Object.entries(value)
          .map(([key, inner]) => `${key}: ${literal(inner)}`)
          .join(', ')}}`
      : JSON.stringify(value);
const call = (args) => {
  const given = Object.entries(args).map(([name, value]) => `${name}: ${literal(value)}`);
  return given.length > 0 ? `(${given.join(', ')})` : '';
};
export const stable = (value) =>
  Array.isArray(value)
    ? `[${value.map(stable).join()}]`
    : value && typeof value === 'object'
      ? `{${Object.keys(value)
          .sort()
          .map((key) => `${key}:${stable(value[key])}`)
          .join()}}`
      : JSON.stringify(value);

/** Everything that is recorded of a type, variants under aliases of their own; of a node only who it is. */
function selection(schema, type, isWhole) {
  if (!isCompositeType(type)) return '';
  if (!isWhole && (!isObjectType(type) || NODES.includes(type.name))) return '{ __typename ... on Node { id } }';
  const { leaves, ways } = shapeOf(schema, type.name);
  const fields = type.getFields();
  const on = ways.flatMap(({ field, variants }) =>
    variants.map((args, at) => `${field}__${at}: ${field}${call(args)} ${selection(schema, getNamedType(fields[field].type))}`),
  );
  return `{ ${[...leaves, ...on].join(' ')} }`;
}

/** Puts one object in place of all mentions of a node, and asks the server for each of them, and whom they mention. */
async function recordNodes(schema, recorded) {
  const nodes = new Map();
  const asked = [];
  const link = (value) => {
    if (Array.isArray(value)) return value.map(link);
    if (!value || typeof value !== 'object') return value;
    if (!NODES.includes(value.__typename)) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, link(inner)]));
    }
    if (!nodes.has(value.id)) {
      nodes.set(value.id, {});
      asked.push(value);
    }
    return nodes.get(value.id);
  };
  const linked = link(recorded);
  for (let next = asked.shift(); next; next = asked.shift()) {
    const whole = `... on ${next.__typename} ${selection(schema, schema.getType(next.__typename), true)}`;
    const { node } = await recordOne(`{ node(id: "${next.id}") { ${whole} } }`);
    for (const [key, value] of Object.entries(node)) nodes.get(next.id)[key] = link(value);
  }
  return linked;
}

/** Asks the server once for everything that documents may ask for. */
export async function record(schema) {
  const { departments, users } = await query(
    '{ departments(first: 3) { nodes { deptId id } } users(first: 3) { nodes { userId id } } }',
  );
  const [dept, other] = departments.nodes.slice(1);
  const [user] = users.nodes;
  const message = (content, id) => ({
    recipients: { userIds: ['nobody-of-the-mirror'] },
    content: { text: { content } },
    ...(id ? { clientMutationId: id } : {}),
  });
  const roots = {
    query: {
      version: [{}],
      department: [{ deptId: dept.deptId }, { deptId: other.deptId }, { id: dept.id }, { deptId: '987654321' }],
      user: [{ userId: user.userId }, { userId: 'nobody' }, { id: user.id }],
      departments: [{ first: 2 }, { first: 1 }],
      users: [{ first: 2 }],
      node: [{ id: user.id }, { id: dept.id }],
      nodes: [{ ids: [dept.id, user.id] }, { ids: [user.id] }],
    },
    mutation: { sendMessage: [{ input: message('one') }, { input: message('two', 'x') }] },
  };
  const recorded = {};
  for (const [operation, type] of [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
  ]) {
    for (const [field, variants] of Object.entries(roots[operation])) {
      const below = getNamedType(type.getFields()[field].type);
      for (const [at, args] of variants.entries()) {
        const document = `${operation} { ${field}__${at}: ${field}${call(args)} ${selection(schema, below)} }`;
        Object.assign((recorded[operation] ??= {}), await recordOne(document));
      }
    }
  }
  return { roots, recorded: await recordNodes(schema, recorded) };
}

async function recordOne(document) {
  try {
    return await query(document);
  } catch (error) {
    throw new Error(`${error.message} for ${document.slice(0, 2000)}`);
  }
}

/** A field or arguments that nobody recorded: the document tells nothing. */
class Unrecorded extends Error {}

/** graphql-js's answer from what is recorded, and how often each mutation ran. */
export function makeOracle(schema, { roots, recorded }) {
  // Which variant a field's arguments are, defaults filled in as graphql-js does.
  const known = (parent, field) =>
    parent === 'Query' ? roots.query[field] : parent === 'Mutation' ? roots.mutation[field] : WAYS[parent]?.[field];
  const filled = new Map();
  const variantOf = (info, args) => {
    const key = `${info.parentType.name}.${info.fieldName}`;
    if (!filled.has(key)) {
      const defs = info.parentType.getFields()[info.fieldName].args;
      const variants = known(info.parentType.name, info.fieldName) ?? [];
      filled.set(key, new Map(variants.map((variant, at) => [stable(withDefaults(defs, variant)), at])));
    }
    return filled.get(key).get(stable(args));
  };
  const counts = { sendMessage: 0 };
  const fieldResolver = (source, args, _context, info) => {
    const { fieldName, parentType } = info;
    if (!known(parentType.name, fieldName)) {
      if (!(fieldName in source)) throw new Unrecorded(fieldName);
      return source[fieldName];
    }
    const at = variantOf(info, args);
    const key = `${fieldName}__${at}`;
    if (at === undefined || !(key in source)) throw new Unrecorded(`${fieldName} ${stable(args)}`);
    if (parentType.name === 'Mutation') counts[fieldName] += 1;
    return source[key];
  };
  return (text, variableValues, operationName) => {
    counts.sendMessage = 0;
    let document;
    try {
      document = parse(text);
    } catch (error) {
      return { refused: error.message };
    }
    const wrong = validate(schema, document);
    if (wrong.length > 0) return { refused: wrong[0].message };
    const operation = document.definitions.find(
      (definition) => definition.kind === Kind.OPERATION_DEFINITION && (!operationName || definition.name?.value === operationName),
    );
    const rootValue = recorded[operation.operation];
    const typeResolver = (value) => value.__typename;
    const result = execute({ schema, document, rootValue, variableValues, operationName, fieldResolver, typeResolver });
    if (result.errors?.some((error) => error.originalError instanceof Unrecorded)) {
      return { unrecorded: result.errors.find((error) => error.originalError instanceof Unrecorded).message };
    }
    if (!('data' in result)) return { refused: result.errors[0].message };
    return { ...result, sent: counts.sendMessage };
  };
}

function withDefaults(defs, given) {
  const filled = {};
  for (const { name, defaultValue, type } of defs) {
    const value = name in given ? given[name] : defaultValue;
    if (value !== undefined) filled[name] = inputWithDefaults(getNamedType(type), value);
  }
  return filled;
}

function inputWithDefaults(type, value) {
  if (!type.getFields || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => inputWithDefaults(type, item));
  return withDefaults(Object.values(type.getFields()), value);
}
