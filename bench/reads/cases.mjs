// Which emails and which trees are asked for: chosen from the company's own data.
import { EXPECTED } from './queries.mjs';

/** The sizes of trees that are looked for, in bytes. */
const TREES = [8_000, 49_000, 82_000, 701_000];
/** One more where the libraries are beside each other. */
const TREE_OF_LIBRARIES = 150_000;
/** A tree that is not within this factor of its size is left out: small companies have no large trees. */
const NEAR = 2.5;
/** People of the look-ups, in turn: more than any cache of requests would keep by chance. */
const EMAILS = 5_000;

/** What the lists' pages are chosen from, by level. */
const DEPARTMENTS = [2, 4, 8, 12, 24];
const TEAMS = [2, 3, 5, 8, 12, 20, 40, 80];
const MEMBERS = [2, 4, 6, 10, 20, 45, 100];
/** The departments with the most below them. */
const TOPS = 10;

/** What the cost of a document may come to (`src/graphql/admission/limits.rs`), and less than that. */
const COST = 95_000;

/** The cases of this company, for servers and for libraries: `{ name, title, query, variables: [...], bytes, people }`. */
export function chooseCases(company, { short }) {
  const emails = chooseEmails(company);
  const lookUp = {
    name: 'look-up',
    title: 'look-up by email',
    query: 'lookUp',
    variables: emails.map((email) => ({ email })),
    ...measure(company, 'lookUp', { email: emails[0] }),
  };

  const shapes = estimateTrees(company);
  // The smallest lies between the look-up and the next one: the short run does without.
  const served = short ? TREES.slice(1) : TREES;
  return {
    servers: [lookUp, ...chooseTrees(company, shapes, served)],
    libraries: [lookUp, ...chooseTrees(company, shapes, [...TREES, TREE_OF_LIBRARIES].sort((a, b) => a - b))],
  };
}

/** Addresses that one person has and that every dialect compares alike: lower case without blanks. */
function chooseEmails(company) {
  const plain = /^[a-z0-9.@_-]+$/;
  const folded = new Map();
  for (const [email, holders] of company.usersByEmail) {
    const key = email.trim().toLowerCase();
    folded.set(key, (folded.get(key) ?? 0) + holders.length);
  }
  const usable = [...folded].filter(([email, count]) => count === 1 && plain.test(email) && company.usersByEmail.has(email));
  const step = Math.max(1, Math.floor(usable.length / EMAILS));
  return usable.filter((_, index) => index % step === 0).slice(0, EMAILS).map(([email]) => email);
}

/** For each size the tree that is nearest to it, if one is near; none twice. */
function chooseTrees(company, shapes, sizes) {
  const chosen = new Map();
  for (const size of sizes) {
    const distance = (bytes) => Math.abs(Math.log(bytes / size));
    const { variables } = shapes.reduce((a, b) => (distance(b.bytes) < distance(a.bytes) ? b : a));
    const one = { size, variables, ...measure(company, 'tree', variables) };
    const same = chosen.get(JSON.stringify(variables));
    const isNearer = !same || distance(one.bytes) < Math.abs(Math.log(same.bytes / same.size));
    if (distance(one.bytes) < Math.log(NEAR) && isNearer) chosen.set(JSON.stringify(variables), one);
  }

  return [...chosen.values()].map(({ size, variables, bytes, people }) => ({
    name: `tree-${size / 1_000}`,
    title: 'three-level tree',
    query: 'tree',
    variables: [variables],
    bytes,
    people,
  }));
}

/** Every shape of tree that the limits allow, with about what it comes to. */
function estimateTrees(company) {
  const below = (deptId) => company.children(deptId).reduce((sum, child) => sum + company.children(child.deptId).length, 0);
  const tops = [...company.departments.keys()]
    .map((deptId) => ({ deptId, size: below(deptId) }))
    .sort((a, b) => b.size - a.size)
    .slice(0, TOPS);

  const shapes = [];
  for (const { deptId } of tops) {
    for (const departments of DEPARTMENTS) {
      for (const teams of TEAMS) {
        for (const members of MEMBERS) {
          const variables = { deptId, departments, teams, members };
          if (costOf(variables) <= COST) shapes.push({ variables, bytes: estimate(company, variables) });
        }
      }
    }
  }
  return shapes;
}

/** Each list costs its page times what is in it. */
function costOf({ departments, teams, members }) {
  const department = 4 + members * 8;
  return departments * (department + teams * department);
}

/** So many bytes a department and a person take, about. */
function estimate(company, { deptId, departments, teams, members }) {
  const one = (id) => 90 + 130 * Math.min(members, company.members(id).length);
  let bytes = 0;
  for (const child of company.children(deptId).slice(0, departments)) {
    bytes += one(child.deptId);
    for (const team of company.children(child.deptId).slice(0, teams)) bytes += one(team.deptId);
  }
  return bytes;
}

function measure(company, query, variables) {
  const text = JSON.stringify({ data: EXPECTED[query](company, variables) });
  return { bytes: Buffer.byteLength(text), people: text.split('"userId"').length - 1 };
}
