import { graphql } from '../../../generated';

/** What is said of a department that can be picked. */
export const PickableFragment = graphql(`
  fragment Pickable on Department {
    deptId
    name
    state
    childCount
    totalMemberCount
  }
`);

/** A department with a page of those below it. */
export const PickableLevelQuery = graphql(`
  query PickableLevel($deptId: BigInt!, $after: String) {
    department(deptId: $deptId) {
      ...Pickable
      children(first: 100, after: $after) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          ...Pickable
        }
      }
    }
  }
`);

/** Where the company itself is out of the app's sight: all departments in the tree's order, of which the tops have level 0. */
export const PickableTopsQuery = graphql(`
  query PickableTops($after: String) {
    departments(first: 500, after: $after, orderBy: { field: DINGTALK }) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        ...Pickable
        level
      }
    }
  }
`);

/** The departments that the settings name, with those above them. */
export const NamedDepartmentsQuery = graphql(`
  query NamedDepartments($deptIds: [BigInt!]!) {
    departments(first: 500, filter: { deptIdIn: $deptIds, states: [ACTIVE, HELD, GONE] }) {
      nodes {
        deptId
        name
        state
        totalMemberCount
        ancestors {
          deptId
        }
      }
    }
  }
`);

/** Who would fall out of the mirror. */
export const SelectionPreviewQuery = graphql(`
  query SelectionPreview($include: [BigInt!], $exclude: [BigInt!]) {
    previewDepartmentSelection(includeDepartments: $include, excludeDepartments: $exclude) {
      selectedDepartments
      selectedUsers
      unknownDepartments
      departmentsFallingOut(first: 50) {
        totalCount
        nodes {
          deptId
          name
        }
      }
      usersFallingOut(first: 50) {
        totalCount
        nodes {
          userId
          name
          title
        }
      }
      userErrors {
        code
        field
        statement {
          ...Said
        }
      }
    }
  }
`);
