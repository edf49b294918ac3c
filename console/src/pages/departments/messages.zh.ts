export default {
  title: '部门与人员',
} as const;
