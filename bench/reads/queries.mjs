// What is asked, in each dialect. The same fields stand under the same keys everywhere, so that the answers are equal.

const PERSON = 'userId name title jobNumber email';

/** As dingmirror's schema has it, and the rivals whose schema can be chosen. */
const OURS = {
  lookUp: `query LookUp($email: String!) {
  users(filter: { email: $email }, first: 2) {
    nodes { ${PERSON} memberships(first: 20) { nodes { leader department { deptId name } } } }
  }
}`,
  tree: `query Tree($deptId: BigInt!, $departments: Int!, $teams: Int!, $members: Int!) {
  department(deptId: $deptId) {
    deptId name
    children(first: $departments) { nodes {
      deptId name
      members(first: $members) { nodes { leader user { userId name title email } } }
      children(first: $teams) { nodes {
        deptId name
        members(first: $members) { nodes { leader user { userId name title email } } }
      } }
    } }
  }
}`,
};

/** As PostGraphile derives it from the tables. */
const POSTGRAPHILE = {
  lookUp: `query LookUp($email: String!) {
  users: allUsers(condition: { email: $email }, first: 2) {
    nodes { ${PERSON} memberships: membershipsByUserId(first: 20, orderBy: [USER_POSITION_ASC]) {
      nodes { leader department: departmentByDeptId { deptId name } } } }
  }
}`,
  tree: `query Tree($deptId: BigInt!, $departments: Int!, $teams: Int!, $members: Int!) {
  department: departmentByDeptId(deptId: $deptId) {
    deptId name
    children: departmentsByParentId(first: $departments, orderBy: [POSITION_ASC]) { nodes {
      deptId name
      members: membershipsByDeptId(first: $members, orderBy: [POSITION_ASC]) {
        nodes { leader user: userByUserId { userId name title email } } }
      children: departmentsByParentId(first: $teams, orderBy: [POSITION_ASC]) { nodes {
        deptId name
        members: membershipsByDeptId(first: $members, orderBy: [POSITION_ASC]) {
          nodes { leader user: userByUserId { userId name title email } } }
      } }
    } }
  }
}`,
};

export const DIALECTS = { ours: OURS, postgraphile: POSTGRAPHILE };

/** What each query must come to, computed from the company's data by nobody's GraphQL. */
export const EXPECTED = {
  lookUp(company, { email }) {
    const found = company.withEmail(email).slice(0, 2);
    return { users: { nodes: found.map((user) => personWithPlaces(company, user)) } };
  },
  tree(company, { deptId, departments, teams, members }) {
    return { department: tree(company, company.departments.get(deptId), [departments, teams], members, true) };
  },
};

function personWithPlaces(company, { userId, name, title, jobNumber, email }) {
  const places = company.memberships(userId).slice(0, 20);
  const nodes = places.map(({ leader, department: { deptId, name } }) => ({ leader, department: { deptId, name } }));
  return { userId, name, title, jobNumber, email, memberships: { nodes } };
}

/** `pages`: how many departments of each level below. */
function tree(company, { deptId, name }, [page, ...pages], members, isTop) {
  const node = { deptId, name };
  // The top is shown without its people.
  if (!isTop) {
    const people = company.members(deptId).slice(0, members);
    node.members = { nodes: people.map(({ leader, user }) => ({ leader, user: somebody(user) })) };
  }
  if (page !== undefined) {
    const children = company.children(deptId).slice(0, page);
    node.children = { nodes: children.map((child) => tree(company, child, pages, members, false)) };
  }
  return node;
}

function somebody({ userId, name, title, email }) {
  return { userId, name, title, email };
}
