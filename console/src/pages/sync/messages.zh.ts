export default {
  title: '同步',
} as const;
