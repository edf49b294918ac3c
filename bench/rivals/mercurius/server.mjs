// mercurius with graphql-jit over Maps in memory:  node server.mjs PORT WORKERS FOLDER
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { inWorkers } from '../cluster.mjs';
import { Company } from '../company.mjs';

const [port, workers, folder] = process.argv.slice(2);

const schema = `
  scalar BigInt
  type Query {
    users(filter: UserFilter, first: Int = 50): UserConnection
    department(deptId: BigInt!): Department
  }
  input UserFilter { email: String }
  type Department {
    deptId: BigInt!
    name: String!
    children(first: Int = 100): DepartmentConnection
    members(first: Int = 50): MembershipConnection
  }
  type User {
    userId: String!
    name: String!
    title: String
    jobNumber: String
    email: String
    memberships(first: Int = 20): MembershipConnection
  }
  type Membership { leader: Boolean department: Department! user: User! }
  type UserConnection { nodes: [User!]! }
  type DepartmentConnection { nodes: [Department!]! }
  type MembershipConnection { nodes: [Membership!]! }
`;

const page = (list, first) => ({ nodes: list.length > first ? list.slice(0, first) : list });

const resolversOf = (company) => ({
  Query: {
    users: (_, { filter, first }) => page(company.withEmail(filter.email), first),
    department: (_, { deptId }) => company.departments.get(deptId),
  },
  Department: {
    children: ({ deptId }, { first }) => page(company.children(deptId), first),
    members: ({ deptId }, { first }) => page(company.members(deptId), first),
  },
  User: {
    memberships: ({ userId }, { first }) => page(company.memberships(userId), first),
  },
});

await inWorkers(Number(workers), async () => {
  const app = Fastify();
  app.register(mercurius, { schema, resolvers: resolversOf(await Company.load(folder)), jit: 1, graphiql: false });
  await app.listen({ port: Number(port), host: '127.0.0.1' });
});
